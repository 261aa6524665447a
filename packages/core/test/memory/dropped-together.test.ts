import { type Inbox, memoryInbox, noProgress, type Verdict } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumingAll, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

const keepMs = 1_000
const howMany = 200
const bodyOf = (bytes: number) => Buffer.alloc(bytes)

/** How often maps and sets are walked through, each time from their beginning. */
function walksOf(run: () => unknown): number {
  let walks = 0
  const restore = [Map.prototype, Set.prototype].map((collection) => {
    const walk = collection[Symbol.iterator]
    collection[Symbol.iterator] = function (this: never) {
      walks += 1
      return walk.call(this)
    } as never
    return () => {
      collection[Symbol.iterator] = walk as never
    }
  })
  try {
    run()
  } finally {
    for (const one of restore) one()
  }
  return walks
}

const put = (inbox: Inbox, id: string, bytes = 1) =>
  inbox.put(eventRecord({ id, rawBody: bodyOf(bytes) }), { rememberMs: 60_000 })

interface Dropping {
  readonly verdict: Verdict
  readonly state: 'handled' | 'dead' | 'parked'
  /** Of the event that comes next. */
  readonly bytes?: number
  readonly isOver?: boolean
}

const handled: Verdict = { outcome: 'done', progress: noProgress, keepMs }
const failed: Verdict = { outcome: 'dead', progress: noProgress, failures: [] }

test.each<[string, Dropping]>([
  ['handled events whose time is over', { verdict: handled, state: 'handled', isOver: true }],
  ['handled events that make room', { verdict: handled, state: 'handled', bytes: howMany }],
  ['dead letters whose time is over', { verdict: failed, state: 'dead', isOver: true }],
])(
  'of many %s, none is looked for from the beginning: a hundred thousand would stop the process for seconds',
  async (_, { verdict, state, bytes, isOver }) => {
    const clock = manualClock()
    const inbox = memoryInbox({ clock, maxBytes: howMany, keepDeadFor: keepMs })
    const consumer = inbox.consume(async () => verdict, consumingAll)
    for (let index = 0; index < howMany; index++) await put(inbox, `evt_${index}`)
    await consumer.idle()
    expect(await inbox.counts()).toMatchObject({ [state]: howMany })
    if (isOver) await clock.advance(keepMs)
    expect(walksOf(() => put(inbox, 'next', bytes))).toBeLessThan(howMany / 4)
    expect(await inbox.counts()).toMatchObject({ [state]: 0, pending: 1 })
  },
)

test('of many parked events whose time is over, none is looked for from the beginning', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  const expired: string[] = []
  const consumer = inbox.consume(async () => done, {
    ...consumingAll,
    wanted: () => ({ types: [], others: 'park' }),
    parking: { keepMs, maxBytes: howMany },
    report: ({ event, outcome }) => outcome === 'expired' && expired.push(event.id),
  })
  for (let index = 0; index < howMany; index++) await put(inbox, `evt_${index}`)
  await consumer.idle()
  await clock.advance(keepMs)
  expect(walksOf(() => consumer.wake())).toBeLessThan(howMany / 4)
  expect(expired).toEqual(Array.from({ length: howMany }, (_, index) => `evt_${index}`))
})

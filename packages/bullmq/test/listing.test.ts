import { setTimeout as sleep } from 'node:timers/promises'
import { type EventRecord, type EventState, type Failure, type Inbox, noProgress } from '@hookport/core'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench()

const failure: Failure = { handler: null, code: 'error', message: 'no such thing', at: 0 }

/** Dead letters, no two of which died in one millisecond. */
async function addDead(inbox: Inbox, count: number): Promise<EventRecord[]> {
  const events = Array.from({ length: count }, () => sampleEvent())
  for (const event of events) {
    await inbox.put(event, { ...remember, failure })
    await sleep(2)
  }
  return events
}

async function keysFrom(
  inbox: Inbox,
  cursor: string | undefined,
  state: EventState = 'dead',
): Promise<string[]> {
  const { items, cursor: next } = await inbox.list({
    state,
    limit: 5,
    ...(cursor !== undefined && { cursor }),
  })
  const keys = items.map(({ key }) => key)
  return next === undefined ? keys : [...keys, ...(await keysFrom(inbox, next, state))]
}

test('a listing misses none of those that stay, however many of the front leave between two pages', async () => {
  const inbox = bench.open()
  const keys = (await addDead(inbox, 20)).map(({ key }) => key)
  const { cursor } = await inbox.list({ state: 'dead', limit: 5 })
  for (const key of keys.slice(0, 8)) await inbox.discard(key)
  expect(await keysFrom(inbox, cursor)).toEqual(keys.slice(8))
})

test('nor where the one at which the next page begins has been redriven, and is dead again behind all others', async () => {
  const inbox = bench.open()
  const keys = (await addDead(inbox, 20)).map(({ key }) => key)
  const { cursor } = await inbox.list({ state: 'dead', limit: 5 })
  const again = keys[5] ?? ''
  consume(inbox, async () => ({ outcome: 'dead', progress: noProgress, failures: [failure] }))
  await inbox.redrive(again)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 20 }), 10_000)
  expect(await keysFrom(inbox, cursor)).toEqual([...keys.slice(6), again])
})

test.each([8, 3])(
  'nor of those that wait, where %d of the front leave between two pages',
  async (leaving) => {
    const inbox = bench.open()
    const start = Date.now()
    const events = Array.from({ length: 20 }, (_, at) => sampleEvent({ receivedAt: start + at }))
    for (const event of events) await inbox.put(event, remember)
    const keys = events.map(({ key }) => key)
    const { cursor } = await inbox.list({ state: 'pending', limit: 5 })
    for (const key of keys.slice(0, leaving)) await inbox.discard(key)
    expect(await keysFrom(inbox, cursor, 'pending')).toEqual(keys.slice(Math.max(5, leaving)))
  },
)

import { memoryInbox, noProgress } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const rememberMs = 60_000
const hangs = () => new Promise<never>(() => {})

beforeEach(() => void vi.stubGlobal('EdgeRuntime', 'edge-runtime'))
afterEach(() => void vi.unstubAllGlobals())

function inboxOnManualClock() {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock }) }
}

/** What becomes due without timers, where they end with the request that set them. test/receiver/request-bound.test.ts has the receiver's part. */

test('a turn whose request has ended is an interruption, and what it still says changes nothing', async () => {
  const { inbox, clock } = inboxOnManualClock()
  const options = { handlerTimeout: 5_000 }
  await inbox.put(eventRecord(), { rememberMs })
  const first = consumeRecorded(inbox, hangs, options)
  await clock.advance(5_999)
  expect(consumeRecorded(inbox, hangs, options).attempts).toEqual([])
  await clock.advance(1)
  const second = consumeRecorded(inbox, hangs, options)
  await clock.advance(0)
  expect(first.attempts).toMatchObject([{ interruptions: 0, wasInterrupted: false }])
  expect(second.attempts).toMatchObject([{ interruptions: 1, wasInterrupted: true, attempt: 1 }])
  await first.attempts[0]?.checkpoint({ ...noProgress, completed: ['late'] })
  expect(await inbox.get('acme:evt_1')).toMatchObject({ progress: noProgress })
  await second.attempts[0]?.checkpoint({ ...noProgress, completed: ['first'] })
  expect(await inbox.get('acme:evt_1')).toMatchObject({ progress: { completed: ['first'] } })
})

test('a turn that has stored progress is not over before it was silent for handlerTimeout', async () => {
  const { inbox, clock } = inboxOnManualClock()
  const options = { handlerTimeout: 5_000 }
  await inbox.put(eventRecord(), { rememberMs })
  const first = consumeRecorded(inbox, hangs, options)
  await clock.advance(4_000)
  await first.attempts[0]?.checkpoint(noProgress)
  await clock.advance(4_000)
  const early = consumeRecorded(inbox, hangs, options)
  await clock.advance(0)
  expect(early.attempts).toEqual([])
})

test('a retry has no timer, and is handed to the first consumer at its time', async () => {
  const { inbox, clock } = inboxOnManualClock()
  const verdicts = [retryIn(1_000)]
  const retryOnce = async () => verdicts.shift() ?? done
  await inbox.put(eventRecord(), { rememberMs })
  const first = consumeRecorded(inbox, retryOnce)
  await clock.advance(0)
  expect(first.attempts).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
  for (const [passes, handed] of [
    [999, 0],
    [1, 1],
  ] as const) {
    await clock.advance(passes)
    const next = consumeRecorded(inbox, retryOnce)
    await clock.advance(0)
    expect(next.attempts).toHaveLength(handed)
  }
})

test('a consumer takes up nothing of another source', async () => {
  const { inbox, clock } = inboxOnManualClock()
  for (const id of ['hangs', 'fails']) await inbox.put(eventRecord({ id }), { rememberMs })
  consumeRecorded(
    inbox,
    ({ event: { id } }) => (id === 'hangs' ? hangs() : Promise.resolve(retryIn(1_000))),
    {
      handlerTimeout: 5_000,
    },
  )
  await clock.advance(10_000)
  consumeRecorded(inbox, hangs, { source: 'other', handlerTimeout: 5_000 })
  expect(await inbox.counts()).toMatchObject({ active: 1, scheduled: 1 })
})

test('what was parked and is wanted now is not lost with the request that has no room for all of it', async () => {
  const { inbox, clock } = inboxOnManualClock()
  for (const id of ['evt_1', 'evt_2']) await inbox.put(eventRecord({ id, key: `acme:${id}` }), { rememberMs })
  const unwanting = consumeRecorded(inbox, hangs, { wanted: () => ({ types: [], others: 'park' }) })
  await clock.advance(0)
  expect(unwanting.attempts).toEqual([])
  expect(await inbox.counts()).toMatchObject({ parked: 2 })
  const first = consumeRecorded(inbox, hangs, { concurrency: 1, handlerTimeout: 5_000 })
  await clock.advance(0)
  expect(first.ids()).toEqual(['evt_1'])
  const second = consumeRecorded(inbox)
  await clock.advance(0)
  expect(second.ids()).toEqual(['evt_2'])
})

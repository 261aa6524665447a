import { memoryInbox, noProgress, type Verdict } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

const rememberMs = 60_000
const newest = { first: { createdAt: 1, rank: 0 } }
const doneWithLegacy: Verdict = { outcome: 'done', progress: noProgress, legacy: { newest, rememberMs } }

function ordered(id: string, second: number, orderKey = 'acme:run-1') {
  return eventRecord({ id, orderKey, createdAt: 1_000 * second })
}

test('an event that waits for its retry keeps its order key from an earlier one that comes meanwhile', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  const verdicts = [retryIn(1_000)]
  const { consumer, ids } = consumeRecorded(inbox, async () => verdicts.shift() ?? done)
  await inbox.put(ordered('late', 2), { rememberMs })
  await consumer.idle()
  await inbox.put(ordered('early', 1), { rememberMs })
  await clock.advance(1_000)
  await consumer.idle()
  expect(ids()).toEqual(['late', 'late', 'early'])
})

test('events of one order key and one time are handled in the order of taking on', async () => {
  const inbox = memoryInbox({ clock: manualClock() })
  const expected = ['1', '2', '3', '4', '5', '6', '7']
  for (const id of expected) await inbox.put(ordered(id, 1), { rememberMs })
  const { consumer, ids } = consumeRecorded(inbox)
  await consumer.idle()
  expect(ids()).toEqual(expected)
})

test('an event without an order key is in no line, not even that of the key "undefined"', async () => {
  const inbox = memoryInbox({ clock: manualClock() })
  await inbox.put(ordered('first', 1, 'undefined'), { rememberMs })
  await inbox.put(eventRecord({ id: 'free' }), { rememberMs })
  await inbox.put(ordered('second', 2, 'undefined'), { rememberMs })
  const { attempts, consumer } = consumeRecorded(
    inbox,
    async ({ event: { id } }) => (id === 'first' ? doneWithLegacy : done),
    { concurrency: 1 },
  )
  await consumer.idle()
  expect(attempts.map(({ event: { id }, newest }) => [id, newest])).toEqual([
    ['first', undefined],
    ['free', undefined],
    ['second', newest],
  ])
})

test('an event without an order key leaves nothing to the key "undefined"', async () => {
  const inbox = memoryInbox({ clock: manualClock() })
  await inbox.put(eventRecord({ id: 'free' }), { rememberMs })
  const { attempts, consumer } = consumeRecorded(inbox, async () => doneWithLegacy, { concurrency: 1 })
  await consumer.idle()
  await inbox.put(ordered('first', 1, 'undefined'), { rememberMs })
  await consumer.idle()
  expect(attempts.map(({ newest }) => newest)).toEqual([undefined, undefined])
})

test('a checkpoint or a verdict that leaves nothing keeps what was left before', async () => {
  const inbox = memoryInbox({ clock: manualClock() })
  const { attempts, consumer } = consumeRecorded(inbox, async (attempt) => {
    if (attempt.event.id === 'first') return doneWithLegacy
    await attempt.checkpoint({ ...noProgress, completed: ['second'] })
    expect(await inbox.get(attempt.event.key)).toMatchObject({ progress: { completed: ['second'] } })
    return { ...done, legacy: undefined }
  })
  for (const [at, id] of ['first', 'second', 'third'].entries())
    await inbox.put(ordered(id, at), { rememberMs })
  await consumer.idle()
  expect(attempts.map(({ newest }) => newest)).toEqual([undefined, newest, newest])
})

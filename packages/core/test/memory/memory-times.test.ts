import { memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

const rememberMs = 60_000
const event = eventRecord()
const failure = { handler: null, code: 'error', message: 'broken', at: 0 }

test('when a retry is due is told by the time of day, which differs from the elapsed time', async () => {
  const clock = manualClock(1_700_000_000_000)
  const inbox = memoryInbox({ clock })
  await inbox.put(event, { rememberMs })
  await clock.advance(1_000)
  await consumeRecorded(inbox, async () => retryIn(5_000)).consumer.idle()
  const dueAt = 1_700_000_006_000
  expect(await inbox.get(event.key)).toMatchObject({ dueAt })
  expect((await inbox.list()).items).toMatchObject([{ dueAt }])
})

test('a handled event is deleted after keepMs, to the millisecond', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  await inbox.put(event, { rememberMs })
  await consumeRecorded(inbox, async () => ({ ...done, keepMs: 1_000 })).consumer.idle()
  await clock.advance(999)
  expect(await inbox.counts()).toMatchObject({ handled: 1 })
  await clock.advance(1)
  expect(await inbox.counts()).toMatchObject({ handled: 0 })
})

test('a handled event that is kept for long holds up none of another receiver', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  for (const [source, keepMs] of Object.entries({ yearly: 1_000_000, acme: 1_000 })) {
    await inbox.put(eventRecord({ source }), { rememberMs })
    await consumeRecorded(inbox, async () => ({ ...done, keepMs }), { source }).consumer.idle()
  }
  await clock.advance(999)
  expect(await inbox.counts()).toMatchObject({ handled: 2 })
  await clock.advance(1)
  expect((await inbox.list()).items).toMatchObject([{ source: 'yearly' }])
})

test('a dead letter is deleted after keepDeadFor, to the millisecond', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock, keepDeadFor: 1_000 })
  await inbox.put(event, { rememberMs, failure })
  await clock.advance(999)
  expect(await inbox.counts()).toMatchObject({ dead: 1 })
  await clock.advance(1)
  expect(await inbox.counts()).toMatchObject({ dead: 0 })
})

test('an event that is due at once until it is wanted is handed out once where it is wanted then', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  const second = deferred()
  let types: string[] = []
  const { attempts, consumer } = consumeRecorded(
    inbox,
    async () => {
      if (attempts.length === 1) return retryIn(0, { untilWanted: true })
      await second.promise
      return done
    },
    { wanted: () => ({ types, others: 'hand-out' }) },
  )
  await inbox.put(eventRecord(), { rememberMs })
  await expect.poll(() => attempts.length).toBe(2)
  types = ['order.paid']
  consumer.wake()
  await new Promise((resolve) => setImmediate(resolve))
  second.resolve()
  await consumer.idle()
  expect(attempts).toHaveLength(2)
})

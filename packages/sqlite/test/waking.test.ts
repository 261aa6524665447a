import { noProgress } from '@hookport/core'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { machine } from './support/machine.ts'
import { counts, handleAll, rememberMs, testInbox } from './support/test-inbox.ts'

const hour = 3_600_000
const event = eventRecord()

/** An inbox that looks for work once an hour, unless woken. */
function rarelyLooking() {
  const { time, process } = machine()
  return { time, inbox: testInbox({ clock: process(), pollMs: hour }) }
}

test('an event that is redriven is handed out at once, without a look of the consumer’s', async () => {
  const { inbox } = rarelyLooking()
  await inbox.put(event, { rememberMs })
  await handleAll(inbox, async () => dead)
  const { ids, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  expect(await inbox.redrive(event.key)).toBe(true)
  await expect.poll(ids).toEqual([event.id])
})

test('so is one that is replayed', async () => {
  const { inbox } = rarelyLooking()
  await inbox.put(event, { rememberMs })
  await handleAll(inbox, async () => ({ outcome: 'done', progress: noProgress, keepMs: hour }))
  const { ids, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  expect(await inbox.replay(event.key, { id: 'again' })).toBe(true)
  await expect.poll(ids).toEqual([event.id])
})

test('so is one that is parked under a lease, to a consumer that has a handler for it', async () => {
  const { inbox } = rarelyLooking()
  const { ids, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  const claim = await inbox.claim(event, { rememberMs, leaseMs: 1_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  expect(await inbox.park(claim.lease, event, { progress: noProgress, failures: [], rememberMs })).toBe(true)
  await expect.poll(ids).toEqual([event.id])
})

test('so is the next of an order key, where the one in front is discarded', async () => {
  const { inbox } = rarelyLooking()
  const { ids, consumer } = consumeRecorded(inbox, async ({ event: { id } }) =>
    id === 'front' ? retryIn(hour / 2) : done,
  )
  for (const id of ['front', 'next']) await inbox.put(eventRecord({ id, orderKey: 'line' }), { rememberMs })
  await expect.poll(() => inbox.counts()).toEqual(counts({ scheduled: 1, pending: 1 }))
  await consumer.idle()
  expect(await inbox.discard('acme:front')).toBe(true)
  await expect.poll(ids).toEqual(['front', 'next'])
})

test('a retry comes at its time, however rarely a consumer looks', async () => {
  const { time, inbox } = rarelyLooking()
  await inbox.put(event, { rememberMs })
  const verdicts = [retryIn(5_000)]
  const { ids, consumer } = consumeRecorded(inbox, async () => verdicts.shift() ?? done)
  await consumer.idle()
  expect(await inbox.counts()).toEqual(counts({ scheduled: 1 }))
  await time.advance(4_999)
  expect(ids()).toHaveLength(1)
  await time.advance(1)
  await expect.poll(ids).toHaveLength(2)
})

import { memoryInbox, noProgress } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

const hour = 3_600_000
const rememberMs = 24 * hour
const failure = { handler: null, code: 'error', message: 'broken', at: 0 }

test('a redriven event is not deleted as the dead letter that it was', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock, keepDeadFor: hour })
  const [redriven, forgotten] = [eventRecord({ id: 'redriven' }), eventRecord({ id: 'forgotten' })]
  for (const event of [redriven, forgotten]) await inbox.put(event, { rememberMs, failure })
  expect(await inbox.redrive(redriven.key)).toBe(true)
  await clock.advance(2 * hour)
  expect(await inbox.get(forgotten.key)).toBeUndefined()
  expect(await inbox.get(redriven.key)).toMatchObject({
    state: 'pending',
    progress: noProgress,
    failures: [],
  })
  const { consumer, ids } = consumeRecorded(inbox, async () => done)
  await consumer.idle()
  expect(ids()).toEqual(['redriven'])
})

test('a replayed event is not deleted as the handled event that it was', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  const event = eventRecord()
  await inbox.put(event, { rememberMs })
  const { consumer } = consumeRecorded(inbox, async () => ({ ...done, keepMs: hour }))
  await consumer.idle()
  await consumer.stop()
  expect(await inbox.replay(event.key, { id: 'replay' })).toBe(true)
  await clock.advance(2 * hour)
  expect(await inbox.get(event.key)).toMatchObject({ state: 'pending' })
})

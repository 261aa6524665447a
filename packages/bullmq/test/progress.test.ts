import { expect, test } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { done, remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const progress = { completed: ['first \ud800'], abandoned: [] }

test('what was done under a claim is not done again where the event is then put as a dead letter, and redriven', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  const claim = await inbox.claim(event, { ...remember, leaseMs: 30_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  await inbox.release(claim.lease, progress, true)
  expect(await inbox.put(event, { ...remember, failure: sampleFailure })).toEqual({ outcome: 'accepted' })
  const letter = { state: 'dead', attempt: 1, progress, failures: [sampleFailure] }
  expect(await inbox.get(event.key)).toMatchObject(letter)
  expect(await inbox.redrive(event.key)).toBe(true)
  const { turns, consumer } = consume(inbox)
  await expect.poll(() => turns).toMatchObject([{ progress }])
  await consumer.stop()
})

test('a handled event that is kept says at which attempt it was', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  await inbox.put(event, remember)
  const { consumer } = consume(inbox, async ({ attempt, progress }) =>
    attempt < 3
      ? { outcome: 'retry', delayMs: 0, progress, failures: [sampleFailure], attemptUsed: true }
      : { ...done, keepMs: 60_000 },
  )
  await expect.poll(() => inbox.get(event.key)).toMatchObject({ state: 'handled', attempt: 3 })
  await consumer.stop()
})

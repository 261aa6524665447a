import type { Verdict } from '@hookport/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { RedisLink } from '../src/redis/redis-link.ts'
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

/** Before the next call of a script something else is done. */
function before(script: string, act: () => Promise<unknown>): void {
  const { run } = RedisLink.prototype
  let isDone = false
  const spy = vi.spyOn(RedisLink.prototype, 'run').mockImplementation(async function (this: RedisLink, call) {
    if (call.script === script && !isDone) {
      isDone = true
      await act()
    }
    return run.call(this, call)
  })
  onTestFinished(() => void spy.mockRestore())
}

const verdicts = {
  dead: { outcome: 'dead', progress, failures: [] },
  handled: { ...done, progress, keepMs: 60_000 },
} as const

test.each([
  ['redrive', 'dead', { completed: [], abandoned: [] }],
  ['replay', 'handled', { completed: ['other'], abandoned: [] }],
] as const)('%s: what was done since the event was read is kept', async (again, state, atFirst) => {
  const inbox = bench.open()
  const event = sampleEvent()
  const settled: Verdict[] = [{ ...verdicts[state], progress: atFirst }, verdicts[state]]
  const { turns, consumer } = consume(inbox, async () => settled.shift())
  await inbox.put(event, remember)
  await expect.poll(() => inbox.get(event.key)).toMatchObject({ state, progress: atFirst })
  const options = (id: string) => ({ id, handler: 'nobody' })
  before(again, async () => {
    expect(await inbox[again](event.key, options('one'))).toBe(true)
    await expect.poll(() => inbox.get(event.key)).toMatchObject({ state, progress })
  })
  expect(await inbox[again](event.key, options('two'))).toBe(true)
  await expect.poll(() => turns.length).toBe(3)
  expect(turns[2]?.progress.completed).toEqual(progress.completed)
  await consumer.stop()
})

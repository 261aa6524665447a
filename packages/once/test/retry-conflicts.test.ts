import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { retryConflicts } from '../src/sql/retry-conflicts.ts'

/** Of the pauses, which these tests can't wait for. */
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] })
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const conflict = { code: '40001' }

/** When the work was begun, and how it ended. */
async function runsOf({ forMs = 10_000, signal = new AbortController().signal, work = () => {} }) {
  const beganAt = performance.now()
  const at: number[] = []
  const run = async () => {
    at.push(performance.now() - beganAt)
    work()
    throw conflict
  }
  const ended = retryConflicts(run, { forMs, signal }).catch((error) => error)
  await vi.advanceTimersByTimeAsync(20_000)
  return { at, error: await ended }
}

test('between tries it pauses, longer each time up to a quarter of a second, and gives up when its time is over', async () => {
  const { at, error } = await runsOf({ forMs: 1_100 })
  expect(at).toEqual([0, 2, 6, 14, 30, 62, 126, 254, 504, 754, 1_004])
  expect(error).toBe(conflict)
})

test('it gives up once the signal is aborted', async () => {
  const ending = new AbortController()
  const { at, error } = await runsOf({ signal: ending.signal, work: () => ending.abort() })
  expect([at, error]).toEqual([[0], conflict])
})

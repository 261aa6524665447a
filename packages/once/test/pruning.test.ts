import { recordedLogger } from '@hookport/testkit/logs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pruning } from '../src/receipts/pruning.ts'
import { contextOf } from './support/handling.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const hour = 3_600_000

/** Effects that take place when the test says so, and what is pruned after them. */
function effects() {
  const { logger, lines } = recordedLogger()
  const prune = vi.fn(async () => 0)
  const pruning = new Pruning(prune)
  const takesPlace = async (afterMs = 0) => {
    vi.advanceTimersByTime(afterMs)
    pruning.effectTookPlace(contextOf({ logger }))
    await new Promise((resolve) => setImmediate(resolve))
    return prune.mock.calls.length
  }
  return { prune, lines, takesPlace }
}

test('old receipts are deleted after an effect, an hour later again, and at once where there may be more', async () => {
  const { prune, takesPlace } = effects()
  vi.advanceTimersByTime(1)
  prune.mockResolvedValueOnce(1_000)
  expect(await takesPlace()).toBe(1)
  expect(await takesPlace()).toBe(2)
  expect(await takesPlace(hour - 1)).toBe(2)
  expect(await takesPlace(1)).toBe(3)
})

test('where it fails the log says why, and it is tried again in an hour', async () => {
  const { prune, lines, takesPlace } = effects()
  const err = new Error('disk full')
  prune.mockRejectedValueOnce(err)
  expect(await takesPlace()).toBe(1)
  expect(lines).toEqual([{ level: 'warn', details: { err }, message: expect.stringContaining('receipts') }])
  expect(await takesPlace(hour - 1)).toBe(1)
  expect(await takesPlace(1)).toBe(2)
})

test('while some are being deleted, no effect deletes more', async () => {
  const { prune, takesPlace } = effects()
  let end = (_: number) => {}
  prune.mockReturnValueOnce(new Promise((resolve) => (end = resolve)))
  expect(await takesPlace()).toBe(1)
  expect(await takesPlace(2 * hour)).toBe(1)
  end(1_000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(await takesPlace()).toBe(2)
})

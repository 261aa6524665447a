import { describe, expect, test } from 'vitest'
import { retryDelay } from '../../src/handle/turn/retry.ts'
import { retryPolicy } from '../support/retry-policy.ts'

const policy = retryPolicy({ attempts: 8, initialDelay: 1_000, maxDelay: 900_000, jitter: 0.2 })
const middle = 0.5

test('8 attempts have 7 delays between them, from 1 s to 15 min, each the same multiple of the one before', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay(policy, attempt, middle))
  expect(delays).toEqual([1_000, 3_107, 9_655, 30_000, 93_217, 289_647, 900_000])
})

test('jitter takes away or adds up to its share', () => {
  expect(retryDelay(policy, 1, 0)).toBe(800)
  expect(retryDelay(policy, 1, 1)).toBe(1_200)
  expect(retryDelay({ ...policy, jitter: 0 }, 7, 0)).toBe(900_000)
  expect(retryDelay({ ...policy, jitter: 1 }, 7, 0)).toBe(0)
})

test('an attempt beyond the last waits as long as the last', () => {
  expect(retryDelay(policy, 8, middle)).toBe(900_000)
  expect(retryDelay(policy, 100, middle)).toBe(900_000)
})

describe('policies of few attempts', () => {
  test('with two, the one delay is the first', () => {
    expect(retryDelay({ ...policy, attempts: 2 }, 1, middle)).toBe(1_000)
  })

  test('with three, the delays are the first and the longest', () => {
    const delays = [1, 2].map((attempt) => retryDelay({ ...policy, attempts: 3 }, attempt, middle))
    expect(delays).toEqual([1_000, 900_000])
  })
})

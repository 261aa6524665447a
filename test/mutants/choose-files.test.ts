import { expect, test } from 'vitest'
import { isSource, sampleOf } from './choose-files.ts'

test('a sample is the same for the same seed, from one folder, and another for another', () => {
  const seeds = Array.from({ length: 12 }, (_, index) => String(index))
  const samples = seeds.map((seed) => sampleOf(seed))
  expect(seeds.map((seed) => sampleOf(seed))).toEqual(samples)
  expect(new Set(samples.map((files) => files.join())).size).toBeGreaterThan(6)
  for (const files of samples) {
    expect(files.length).toBeGreaterThan(0)
    expect(files.every(isSource)).toBe(true)
  }
})

test('sources are those of packages that others use; tests and their tools are none', () => {
  expect(isSource('packages/core/src/receiver.ts')).toBe(true)
  expect(isSource('packages/core/test/receiver/open.test.ts')).toBe(false)
  expect(isSource('packages/testkit/src/logs.ts')).toBe(false)
})

test('a sample is never of a folder whose tests alone take as long as it may', () => {
  const slow = { folder: 'packages/sqlite/src', aim: 85, tests: [], isSlow: true }
  const quick = { folder: 'packages/koa/src', aim: 85, tests: [] }
  for (const seed of ['1', '2', '3', '4', '5']) {
    const files = sampleOf(seed, [slow, quick])
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((file) => !file.startsWith('packages/koa/src/'))).toEqual([])
  }
})

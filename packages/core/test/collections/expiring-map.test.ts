import { expect, test } from 'vitest'
import { ExpiringMap } from '../../src/collections/short-lived.ts'

function mapOf(...entries: [key: string, until: number][]): ExpiringMap<{ readonly until: number }> {
  const map = new ExpiringMap<{ readonly until: number }>()
  for (const [key, until] of entries) map.set(key, { until })
  return map
}

test('an entry is there until its time, and at that time no more, pruned or not', () => {
  const map = mapOf(['one', 10])
  expect(map.get('one', 9)).toEqual({ until: 10 })
  expect(map.get('one', 10)).toBeUndefined()
  expect(map.get('other', 0)).toBeUndefined()
})

test('pruning frees what has vanished, from the oldest on, and stops at the first that has not', () => {
  const map = mapOf(['one', 10], ['two', 20], ['three', 15])
  map.prune(9)
  expect(map.size).toBe(3)
  map.prune(10)
  expect(map.size).toBe(2)
  map.prune(19)
  expect(map.size, 'one behind an older one that is still there waits for that').toBe(2)
  map.prune(20)
  expect(map.size).toBe(0)
})

test('an entry that is set again becomes the youngest: it does not keep the others from being freed', () => {
  const map = mapOf(['one', 10], ['two', 20])
  map.set('one', { until: 100 })
  map.prune(20)
  expect(map.size).toBe(1)
  expect(map.get('one', 99)).toEqual({ until: 100 })
})

test('what is set after everything was freed is freed in its turn', () => {
  const map = mapOf(['one', 10])
  map.prune(10)
  map.set('two', { until: 20 })
  map.prune(20)
  expect(map.size).toBe(0)
})

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { ShortLivedMap, ShortLivedSet } from '../../src/collections/short-lived.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void

/** The heap in use after quick collections. They do not find what an old object points to, used or not. */
function bytesInUse(): number {
  for (let round = 0; round < 3; round++) collect({ type: 'minor' })
  return process.memoryUsage().heapUsed
}

interface Collection {
  add(key: string, value: object): void
  remove(key: string, value: object): void
}

/** What is still in memory of 10,000 values of a kilobyte, each of which was there while nine others came. */
function leftOver({ add, remove }: Collection): number {
  const values: { key: string; content: number[] }[] = []
  collect()
  const before = bytesInUse()
  for (let count = 0; count < 10_000; count++) {
    const value = { key: `${count}`, content: new Array(128).fill(count) }
    values.push(value)
    add(value.key, value)
    if (values.length === 10) {
      const oldest = values.shift() as (typeof values)[number]
      remove(oldest.key, oldest)
    }
    if (count % 2_000 === 0) bytesInUse()
  }
  return bytesInUse() - before
}

const plainMap = new Map<string, object>()
const map = new ShortLivedMap<string, object>()
const plainSet = new Set<object>()
const set = new ShortLivedSet<object>()

test.for<[string, Collection, Collection]>([
  [
    'map',
    { add: (key, value) => map.set(key, value), remove: (key) => map.delete(key) },
    { add: (key, value) => plainMap.set(key, value), remove: (key) => plainMap.delete(key) },
  ],
  [
    'set',
    { add: (_, value) => set.add(value), remove: (_, value) => set.delete(value) },
    { add: (_, value) => plainSet.add(value), remove: (_, value) => plainSet.delete(value) },
  ],
])(
  'what has left a short-lived %s is freed without a full collection, and a plain one keeps it',
  ([, ours, plain]) => {
    const [left, leftByPlain] = [leftOver(ours), leftOver(plain)]
    expect(left).toBeLessThan(leftByPlain / 4)
  },
)

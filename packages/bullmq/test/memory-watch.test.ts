import { deferred } from '@hookport/testkit/deferred'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryWatch } from '../src/redis/memory-watch.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const mebibyte = 1024 * 1024
const full = { code: 'inbox_full' }

test('Redis is asked for its memory at first, and then once in 100 ms', () => {
  const watch = new MemoryWatch(0.9, async () => {})
  expect(watch.isDue()).toBe(true)
  vi.advanceTimersByTime(99)
  expect(watch.isDue()).toBe(false)
  vi.advanceTimersByTime(1)
  expect([watch.isDue(), watch.isDue()]).toEqual([true, false])
})

test('it is asked earlier after every mebibyte that was put', () => {
  const watch = new MemoryWatch(0.9, async () => {})
  watch.isDue()
  const put = (...bytes: number[]) => bytes.map((each) => watch.isDue(each))
  expect(put(mebibyte / 2, mebibyte / 2 - 1, 1)).toEqual([false, false, true])
  expect(put(mebibyte / 2, mebibyte / 2)).toEqual([false, true])
})

test('there is room up to the share of the limit, and always without a limit', () => {
  const watch = new MemoryWatch(0.9, async () => {})
  const hasRoom = (...report: number[]) => {
    watch.note(report)
    return watch.hasRoom
  }
  expect(watch.hasRoom).toBe(true)
  expect(hasRoom(900, 1_000)).toBe(true)
  expect(hasRoom(901, 1_000)).toBe(false)
  expect(hasRoom()).toBe(false) // it was not asked for: the last report holds
  expect(hasRoom(901, 0)).toBe(true)
})

test('events fill Redis if without them a quarter of what may be used would be free', () => {
  const watch = new MemoryWatch(0.8, async () => {})
  watch.note([1_000, 1_000])
  expect([399, 400].map((bytes) => watch.isFilledBy(bytes))).toEqual([false, true])
  watch.note([1_000, 0])
  expect(watch.isFilledBy(1_000)).toBe(false)
})

test('where there is no room, some is looked for, once for all that ask meanwhile', async () => {
  const looking = deferred()
  const makeRoom = vi.fn(() => looking.promise)
  const watch = new MemoryWatch(0.9, makeRoom)
  watch.note([950, 1_000])
  const asking = [watch.assertRoom(), watch.assertRoom()]
  expect(makeRoom).toHaveBeenCalledTimes(1)
  watch.note([900, 1_000])
  looking.resolve()
  expect(await Promise.all(asking)).toEqual([undefined, undefined])
})

test('where none is found the refusal says how full it is, and for 100 ms none is looked for', async () => {
  const makeRoom = vi.fn(async () => {})
  const watch = new MemoryWatch(0.9, makeRoom)
  watch.note([950, 1_000])
  await expect(watch.assertRoom()).rejects.toMatchObject({
    ...full,
    message: expect.stringContaining('95% of its maxmemory of 1000 bytes'),
  })
  vi.advanceTimersByTime(99)
  await expect(watch.assertRoom()).rejects.toMatchObject(full)
  expect(makeRoom).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  await expect(watch.assertRoom()).rejects.toMatchObject(full)
  expect(makeRoom).toHaveBeenCalledTimes(2)
})

test('events that come without a pause are taken on again once there is room: a refusal does not put off the next look', async () => {
  let used = 950
  const watch: MemoryWatch = new MemoryWatch(0.9, async () => watch.note([used, 1_000]))
  watch.note([used, 1_000])
  const refused = async () => {
    vi.advanceTimersByTime(20)
    return watch.assertRoom().then(
      () => 0,
      () => 1,
    )
  }
  expect(await refused()).toBe(1)
  used = 100
  let refusals = 0
  for (let put = 0; put < 10; put++) refusals += await refused()
  expect(refusals).toBe(4)
})

test('a look that fails is an error of that put, and the next one looks again', async () => {
  const makeRoom = vi.fn(async () => {}).mockRejectedValueOnce(new Error("Redis can't be reached"))
  const watch = new MemoryWatch(0.9, makeRoom)
  watch.note([950, 1_000])
  await expect(watch.assertRoom()).rejects.toThrow("Redis can't be reached")
  await expect(watch.assertRoom()).rejects.toMatchObject(full)
  expect(makeRoom).toHaveBeenCalledTimes(2)
})

import { expect, onTestFinished, test, vi } from 'vitest'
import type { Database } from '../src/connection/database.ts'
import { ParkedLimits } from '../src/consume/parked-limits.ts'
import { Layout } from '../src/layout/layout.ts'

const limits = { keepMs: 1_000, maxBytes: 1_000 }

/** A database that is asked, and answers whether anything is parked. */
function askedDatabase() {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const write = vi.fn(async () => [{ key: null, any_parked: asked.isAnyParked }])
  const asked = { isAnyParked: false, write }
  const database = { layout: new Layout('hookport', 'test'), write } as unknown as Database
  return { asked, parked: new ParkedLimits(database, 'acme') }
}

test.each([
  ['nothing is parked', false, 5_000],
  ['something is parked', true, 500],
])('where %s, the database is asked at its own pace (%s, every %d ms)', async (_, isAnyParked, betweenMs) => {
  const { asked, parked } = askedDatabase()
  asked.isAnyParked = isAnyParked
  for (let ms = 0; ms < 4 * betweenMs; ms += 100) {
    await parked.expire(limits)
    vi.advanceTimersByTime(100)
  }
  expect(asked.write).toHaveBeenCalledTimes(4)
})

test.each([
  [100, 2_000],
  [1_000, 5_000],
])(
  'a look that takes %d ms is made again after %d ms: a twentieth of the time, and at least every five seconds',
  async (tookMs, pauseMs) => {
    const { asked, parked } = askedDatabase()
    asked.write.mockImplementation(async () => {
      vi.advanceTimersByTime(tookMs)
      return [{ key: null, any_parked: true }]
    })
    await parked.expire(limits)
    vi.advanceTimersByTime(pauseMs - 1)
    await parked.expire(limits)
    expect(asked.write).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1)
    await parked.expire(limits)
    expect(asked.write).toHaveBeenCalledTimes(2)
  },
)

test('where that fails, it is tried again after five seconds, and takings in between do not fail', async () => {
  const { asked, parked } = askedDatabase()
  asked.isAnyParked = true
  asked.write.mockImplementation(async () => {
    vi.advanceTimersByTime(15_000) // as long as a statement may take
    throw new Error('out of memory')
  })
  await expect(parked.expire(limits)).rejects.toThrow('out of memory')
  vi.advanceTimersByTime(4_999)
  expect(await parked.expire(limits)).toEqual([])
  vi.advanceTimersByTime(1)
  await expect(parked.expire(limits)).rejects.toThrow('out of memory')
})

test('what this process parks is looked at within half a second', async () => {
  const { asked, parked } = askedDatabase()
  await parked.expire(limits)
  vi.advanceTimersByTime(500)
  await parked.expire(limits)
  expect(asked.write).toHaveBeenCalledTimes(1)
  parked.parkedMore()
  await parked.expire(limits)
  expect(asked.write).toHaveBeenCalledTimes(2)
})

test('so is what it parks in the midst of a look, which does not see it yet', async () => {
  const { asked, parked } = askedDatabase()
  const looking = parked.expire(limits)
  parked.parkedMore()
  await looking
  vi.advanceTimersByTime(500)
  await parked.expire(limits)
  expect(asked.write).toHaveBeenCalledTimes(2)
})

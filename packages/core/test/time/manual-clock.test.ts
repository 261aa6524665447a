import { ConfigurationError } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '5'])(
  'a manual clock is not moved by %j, and goes on from where it stands',
  async (ms) => {
    const clock = manualClock(1_000)
    await expect(clock.advance(ms as number)).rejects.toThrow(ConfigurationError)
    await clock.advance(1)
    expect(clock.now()).toBe(1_001)
  },
)

test('a manual clock does not take the time of day for the elapsed time, and moves both alike', async () => {
  const clock = manualClock(1_000)
  const elapsedBefore = clock.elapsed()
  expect(elapsedBefore).not.toBe(clock.now())
  await clock.advance(500)
  expect([clock.now(), clock.elapsed()]).toEqual([1_500, elapsedBefore + 500])
})

test.each([new Date('x'), Number.NaN])('a manual clock does not start at %s', (start) => {
  expect(() => manualClock(start)).toThrow('start is not a valid time')
})

test('a manual clock never goes back, though it is moved twice at the same time', async () => {
  const clock = manualClock()
  for (const at of [5, 6, 7]) clock.after(at, () => {})
  const times: number[] = []
  const moved = (ms: number) => clock.advance(ms).then(() => times.push(clock.now()))
  await Promise.all([moved(10), moved(20)])
  expect(times).toEqual([20, 20])
})

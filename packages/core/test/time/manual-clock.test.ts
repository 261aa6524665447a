import { ConfigurationError } from '@hookport/core'
import { GroupCommit } from '@hookport/core/inbox-kit'
import { manualClock } from '@hookport/core/testing'
import { expect, onTestFinished, test, vi } from 'vitest'

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

test('a manual clock waits for writes that a store puts off as the one before was slow, and for those that follow from them', async () => {
  let machineNow = 0
  const slow = vi.spyOn(performance, 'now').mockImplementation(() => machineNow)
  onTestFinished(() => slow.mockRestore())
  const group = new GroupCommit({ begin: () => true, commit() {}, rollBack() {} })
  const write = (text: string) =>
    group.run(() => {
      machineNow += 200
      written.push(text)
    })
  const written: string[] = []
  await write('first')
  const clock = manualClock()
  clock.after(1_000, () => void write('put off').then(() => write('from it')))
  clock.after(2_000, () => void write('last'))
  await clock.advance(1_000)
  expect(written).toEqual(['first', 'put off', 'from it'])
  await clock.advance(1_000)
  expect(written).toEqual(['first', 'put off', 'from it', 'last'])
})

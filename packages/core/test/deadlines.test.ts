import { manualClock } from '@hookport/core/testing'
import { expect, test, vi } from 'vitest'
import { completeClock } from '../src/clock.ts'
import { Deadlines } from '../src/deadlines.ts'

const lengthMs = 1000

test('each is up when its own time has passed, in the order in which they were set', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  const up: string[] = []
  const record = (name: string) => () => up.push(`${name} at ${clock.now()}`)
  deadlines.set(record('first'))
  await clock.advance(300)
  deadlines.set(record('second'))
  deadlines.set(record('third'))
  await clock.advance(10 * lengthMs)
  deadlines.set(record('fourth'))
  await clock.advance(lengthMs)
  expect(up).toEqual(['first at 1000', 'second at 1300', 'third at 1300', 'fourth at 11300'])
})

test('one that was cancelled is never up, wherever in the line it stood', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  const onUp = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
  const set = onUp.map((callback) => deadlines.set(callback))
  for (const index of [3, 0, 1, 1]) set[index]?.cancel()
  await clock.advance(lengthMs)
  expect(onUp.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 1, 0])
})

test('a thousand share one timer, and none is left once all are up or cancelled', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  for (let count = 0; count < 1000; count++) deadlines.set(() => {})
  expect(clock.pendingTimers).toBe(1)
  await clock.advance(lengthMs)
  expect(clock.pendingTimers).toBe(0)
})

test('one may be set, or another cancelled, while one is called', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  const [cancelled, later] = [vi.fn(), vi.fn()]
  deadlines.set(() => {
    second.cancel()
    deadlines.set(later)
  })
  const second = deadlines.set(cancelled)
  await clock.advance(2 * lengthMs - 1)
  expect(later).not.toHaveBeenCalled()
  await clock.advance(1)
  expect(later).toHaveBeenCalledOnce()
  expect(cancelled).not.toHaveBeenCalled()
})

test('setting the time of day, or standing still of a clock that has no timers, postpones none', async () => {
  const { now, after } = completeClock({ now: () => 0 })
  expect(now()).toBe(0)
  const up = new Promise<void>((resolve) => new Deadlines(5, completeClock({ now: () => 0 })).set(resolve))
  const keepAlive = after(5_000, () => {})
  await up
  keepAlive()
})

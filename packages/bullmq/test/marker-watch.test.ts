import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MarkerWatch } from '../src/consume/marker-watch.ts'
import type { RedisLink } from '../src/redis/redis-link.ts'

/** Of the pauses after errors, which these tests can't wait for. */
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
}))

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const marker = ['marker', '0', '0']

/** A watch whose every waiting call gets what `answer` says. None comes back unless told. */
function watched(answer: (call: number) => Promise<unknown> = () => new Promise(() => {})) {
  const seen = { calls: [] as number[], found: 0, reconnects: 0, abandoned: 0 }
  const beganAt = performance.now()
  const client = {
    bzpopmin() {
      seen.calls.push(performance.now() - beganAt)
      return answer(seen.calls.length)
    },
  }
  const link = {
    client,
    untilReady: async () => {},
    reconnect: () => {
      seen.reconnects += 1
    },
    abandon: () => {
      seen.abandoned += 1
    },
  }
  const watch = new MarkerWatch(link as unknown as RedisLink, 'marker', () => {
    seen.found += 1
  })
  return { watch, seen }
}

test('however often it is told to wait, one call waits, until the marker is found; then it waits anew when told', async () => {
  let give = (_: unknown) => {}
  const { watch, seen } = watched(() => new Promise((resolve) => (give = resolve)))
  for (let count = 0; count < 3; count++) watch.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toMatchObject({ calls: [0], found: 0 })
  give(marker)
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toMatchObject({ calls: [0], found: 1 })
  watch.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toMatchObject({ calls: [0, 0], found: 1 })
})

test('a call that ends without the marker is followed by another, and has found nothing', async () => {
  const { watch, seen } = watched((call) => (call < 3 ? Promise.resolve(null) : new Promise(() => {})))
  watch.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toMatchObject({ calls: [0, 0, 0], found: 0 })
})

test('after errors it pauses, longer each time up to a second, and briefly again once a call was answered', async () => {
  const { watch, seen } = watched((call) =>
    call === 7 ? Promise.resolve(null) : Promise.reject(new Error('Connection is closed.')),
  )
  watch.start()
  await vi.advanceTimersByTimeAsync(3_700)
  expect(seen.calls).toEqual([0, 100, 300, 700, 1_500, 2_500, 3_500, 3_500, 3_600])
  expect(seen).toMatchObject({ found: 0, reconnects: 0 })
  watch.stop()
})

test('where Redis can no longer be written to, its connection is made anew', async () => {
  const { watch, seen } = watched((call) =>
    call === 1 ? Promise.reject(new Error("READONLY You can't write")) : Promise.resolve(marker),
  )
  watch.start()
  await vi.advanceTimersByTimeAsync(100)
  expect(seen).toMatchObject({ calls: [0, 100], reconnects: 1, found: 1 })
})

test('once stopped it gives up its connection, waits no more, and tells of nothing', async () => {
  let give = (_: unknown) => {}
  const { watch, seen } = watched(() => new Promise((resolve) => (give = resolve)))
  watch.start()
  await vi.advanceTimersByTimeAsync(0)
  watch.stop()
  expect(seen.abandoned).toBe(1)
  give(marker)
  await vi.advanceTimersByTimeAsync(0)
  watch.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toMatchObject({ calls: [0], found: 0 })
})

test('a call that its own stop has broken is not made again', async () => {
  let fail = (_: Error) => {}
  const { watch, seen } = watched(() => new Promise((_, reject) => (fail = reject)))
  watch.start()
  await vi.advanceTimersByTimeAsync(0)
  watch.stop()
  fail(new Error('Connection is closed.'))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(seen).toMatchObject({ calls: [0], found: 0 })
})

test('the trouble of waiting lasts until a call has waited for a second or was answered, also between a call and its refusal', async () => {
  const end: { refuse(error: Error): void; answer(found: unknown): void }[] = []
  const { watch } = watched(() => new Promise((answer, refuse) => end.push({ refuse, answer })))
  const refusal = new Error('NOPERM')
  const goOn = (ms: number) => vi.advanceTimersByTimeAsync(ms)
  watch.start()
  await goOn(0)
  end[0]?.refuse(refusal)
  await goOn(100)
  expect([end.length, watch.trouble]).toEqual([2, refusal])
  end[1]?.refuse(refusal)
  await goOn(200)
  expect([end.length, watch.trouble]).toEqual([3, refusal])
  await goOn(999)
  expect(watch.trouble).toBe(refusal)
  await goOn(1)
  expect(watch.trouble).toBe(undefined)
  end[2]?.refuse(refusal)
  await goOn(400)
  expect([end.length, watch.trouble]).toEqual([4, refusal])
  end[3]?.answer(null)
  await goOn(0)
  expect(watch.trouble).toBe(undefined)
  watch.stop()
})

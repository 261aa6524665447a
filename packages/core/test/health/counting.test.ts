import { type Counts, memoryInbox } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

const none = { pending: 0, scheduled: 0, active: 0, parked: 0, dead: 0, handled: 0 }
const never = Number.POSITIVE_INFINITY

/** A receiver whose store takes these times, in milliseconds, to count; the last of them from then on. The number of dead letters is that of the answer. */
function countedIn(...times: number[]) {
  const clock = manualClock()
  let asked = 0
  const count = (): Promise<Counts> => {
    const tookMs = times[asked] ?? times.at(-1) ?? 0
    const dead = ++asked
    return new Promise((resolve) => {
      if (tookMs !== never) clock.after(tookMs, () => resolve({ ...none, dead }))
    })
  }
  const inbox = inboxInFront(memoryInbox({ clock }), { counts: count })
  const { receiver } = acmeReceiver({ inbox, clock, consume: false })
  /** Whether it is well, and which answer it tells, `waitMs` after it was asked. */
  const check = async (waitMs: number) => {
    const health = receiver.health()
    await clock.advance(waitMs)
    const { status, counts } = await health
    return status === 'down' ? status : counts?.dead
  }
  return { check, clock, receiver, timesAsked: () => asked }
}

test('a store that takes long to count is asked to for a twentieth of the time, however often somebody asks for health', async () => {
  const { check, clock, timesAsked } = countedIn(10, 200)
  expect(await check(10)).toBe(1)
  expect(await check(200)).toBe(2)
  for (let passedMs = 0; passedMs < 4_000; passedMs += 100) {
    expect(await check(0)).toBe(2)
    await clock.advance(100)
  }
  expect(await check(200)).toBe(3)
  expect(timesAsked()).toBe(3)
})

test('the first answer is told once, as it may have waited for a connection and for tables', async () => {
  const { check } = countedIn(500, 10)
  expect(await check(500)).toBe(1)
  expect(await check(10)).toBe(2)
})

test('a store that counts in less than a tenth of a second is asked each time', async () => {
  const { check } = countedIn(99)
  for (const answer of [1, 2, 3]) expect(await check(99)).toBe(answer)
})

test('checks at the same time have it counted once', async () => {
  const { check, receiver, timesAsked } = countedIn(50)
  const others = [receiver.health(), receiver.health()]
  expect(await check(50)).toBe(1)
  expect(await Promise.all(others)).toMatchObject([{ counts: { dead: 1 } }, { counts: { dead: 1 } }])
  expect(timesAsked()).toBe(1)
})

test('a store that answers all else is not called unreachable while it counts: the last counts are told', async () => {
  const { check, clock, timesAsked } = countedIn(1_000, 30_000)
  expect(await check(1_000)).toBe(1)
  await clock.advance(20_000)
  expect(await check(1_000)).toBe(1)
  expect(await check(28_999)).toBe(1)
  await clock.advance(1)
  expect(await check(0)).toBe(2)
  expect(timesAsked()).toBe(2)
})

test('a store that has never counted within the timeout is down, and one that fails to count is, too', async () => {
  const { check } = countedIn(never)
  expect(await check(2_000)).toBe('down')
  expect(await check(2_000)).toBe('down')
  const { receiver } = acmeReceiver({
    inbox: inboxInFront(memoryInbox(), { counts: () => Promise.reject(new Error('no connection')) }),
    consume: false,
  })
  for (let index = 0; index < 2; index++) expect(await receiver.health()).toMatchObject({ status: 'down' })
})

test('a store that fails to count is down, and well with its next answer, whatever it has told before', async () => {
  const answers = [none, new Error('no connection'), { ...none, dead: 2 }]
  const count = async () => {
    const answer = answers.shift()
    if (answer instanceof Error) throw answer
    return answer as Counts
  }
  const { receiver } = acmeReceiver({ inbox: inboxInFront(memoryInbox(), { counts: count }), consume: false })
  expect(await receiver.health()).toMatchObject({ status: 'ok', counts: none })
  expect(await receiver.health()).toMatchObject({ status: 'down', counts: undefined })
  expect(await receiver.health()).toMatchObject({ counts: { dead: 2 } })
})

test('what has not been counted after a minute is counted anew', async () => {
  const { check, clock } = countedIn(100, never, 100)
  expect(await check(100)).toBe(1)
  await clock.advance(2_000)
  expect(await check(1_000)).toBe(1)
  await clock.advance(58_999)
  expect(await check(1_000)).toBe(1)
  expect(await check(100)).toBe(3)
})

test('where promises end with the request that made them, no check waits for the answer to that of another', async () => {
  vi.stubGlobal('EdgeRuntime', 'edge-runtime')
  onTestFinished(() => void vi.unstubAllGlobals())
  const { check } = countedIn(never, 0)
  expect(await check(2_000)).toBe('down')
  expect(await check(0)).toBe(2)
})

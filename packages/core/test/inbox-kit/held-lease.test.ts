import type { Inbox, Lease } from '@hookport/core'
import { type ManualClock, manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { HeldLease, leaseMs } from '../../src/inbox-kit/held-lease.ts'

/** A lease that is held at an inbox that answers so to one renewal after another. */
function heldLease(...answers: readonly (Promise<boolean> | ((clock: ManualClock) => Promise<boolean>))[]) {
  const clock = manualClock(1_000_000)
  const inBackground: boolean[] = []
  const recorded = {
    now: clock.now,
    elapsed: clock.elapsed,
    after(delayMs: number, callback: () => void, options?: { readonly background: boolean }) {
      inBackground.push(options?.background === true)
      return clock.after(delayMs, callback)
    },
  }
  const left = [...answers]
  const renew = () => {
    const answer = left.shift() ?? Promise.resolve(true)
    return typeof answer === 'function' ? answer(clock) : answer
  }
  const lease = new HeldLease({ renew } as Partial<Inbox> as Inbox, {} as Lease, clock.elapsed(), recorded)
  return { clock, lease, inBackground }
}

test('all who listen are told of the loss, once, but for who has left', async () => {
  const { clock, lease } = heldLease(Promise.resolve(false))
  const told: string[] = []
  const tell = (name: string) => () => told.push(name)
  const [first, second, third] = [tell('first'), tell('second'), tell('third')]
  for (const listener of [first, second, third]) lease.loss.addEventListener('abort', listener)
  lease.loss.removeEventListener('abort', second)
  await clock.advance(leaseMs / 3)
  lease.loss.tell() // as where a checkpoint and a renewal both find it
  expect(told).toEqual(['first', 'third'])
  expect(lease.loss.aborted).toBe(true)
})

test('an inbox that does not answer one renewal is asked again before the lease is given up', async () => {
  const { clock, lease } = heldLease(new Promise(() => {}))
  await clock.advance(2 * leaseMs)
  expect(lease.loss.aborted).toBe(false)
})

test('renewals keep no process alive', async () => {
  const { clock, lease, inBackground } = heldLease()
  await clock.advance(leaseMs)
  lease.end()
  expect(inBackground.length).toBeGreaterThan(2)
  expect(inBackground).not.toContain(false)
  expect(clock.pendingTimers).toBe(0)
})

const second = 1_000

/** An inbox that fails to renew, so many milliseconds after it was asked. */
function failsAfter(ms: number) {
  return (clock: ManualClock) =>
    new Promise<boolean>((_, reject) => clock.after(ms, () => reject(new Error('no connection'))))
}

const neverAnswers = () => new Promise<boolean>(() => {})

test.each([
  ['fails at once', [failsAfter(0), failsAfter(0), failsAfter(0)]],
  ['fails late, and then does not answer', [failsAfter(5 * second), neverAnswers]],
  ['fails late again', [failsAfter(0), failsAfter(5 * second), failsAfter(0)]],
])('a lease is lost at its end, and not before, where the inbox %s', async (_, answers) => {
  const { clock, lease } = heldLease(...answers)
  await clock.advance(leaseMs - 1)
  expect(lease.loss.aborted).toBe(false)
  await clock.advance(1)
  expect(lease.loss.aborted).toBe(true)
  expect(clock.pendingTimers).toBe(0)
})

test('a lease that has ended is not lost any more, whatever its last renewal answers, and is not renewed again', async () => {
  const late = (answer: boolean) => (clock: ManualClock) =>
    new Promise<boolean>((resolve) => clock.after(second, () => resolve(answer)))
  for (const answer of [true, false]) {
    const { clock, lease } = heldLease(late(answer))
    await clock.advance(leaseMs / 3)
    lease.end()
    await clock.advance(second)
    expect(lease.loss.aborted).toBe(false)
    expect(clock.pendingTimers).toBe(0)
  }
})

import type { Inbox, Lease } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { HeldLease, leaseMs } from '../../src/inbox-kit/held-lease.ts'

/** A lease that is held at an inbox that answers so to one renewal after another. */
function heldLease(...answers: readonly Promise<boolean>[]) {
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
  const renew = () => left.shift() ?? Promise.resolve(true)
  const lease = new HeldLease({ renew } as Partial<Inbox> as Inbox, {} as Lease, recorded)
  return { clock, lease, inBackground }
}

test('all who listen are told of the loss, but for who has left', async () => {
  const { clock, lease } = heldLease(Promise.resolve(false))
  const told: string[] = []
  const tell = (name: string) => () => told.push(name)
  const [first, second, third] = [tell('first'), tell('second'), tell('third')]
  for (const listener of [first, second, third]) lease.addEventListener('abort', listener)
  lease.removeEventListener('abort', second)
  await clock.advance(leaseMs / 3)
  expect(told).toEqual(['first', 'third'])
  expect(lease.aborted).toBe(true)
})

test('an inbox that does not answer one renewal is asked again before the lease is given up', async () => {
  const { clock, lease } = heldLease(new Promise(() => {}))
  await clock.advance(2 * leaseMs)
  expect(lease.aborted).toBe(false)
})

test('renewals keep no process alive', async () => {
  const { clock, lease, inBackground } = heldLease()
  await clock.advance(leaseMs)
  lease.end()
  expect(inBackground.length).toBeGreaterThan(2)
  expect(inBackground).not.toContain(false)
  expect(clock.pendingTimers).toBe(0)
})

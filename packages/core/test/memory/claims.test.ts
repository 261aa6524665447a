import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { Claims } from '../../src/memory/ids/claims.ts'

const options = { rememberMs: 1_000, leaseMs: 100 }

function claimed(claims: Claims, event = eventRecord(), now = 0) {
  const result = claims.claim(event, options, now)
  if (result.outcome !== 'claimed') throw new Error(`the claim was answered ${result.outcome}`)
  return result.lease
}

test('tokens of one key are never the same, whatever became of the claims before', () => {
  const claims = new Claims()
  const tokens = [0, 100, 200].map((now) => claimed(claims, eventRecord(), now).token)
  expect(new Set(tokens).size).toBe(3)
  const elsewhere = claimed(claims, eventRecord({ id: 'other' }), 200).token
  expect(tokens).not.toContain(elsewhere)
})

test('a claim that nobody came back for frees its memory with its time', () => {
  const claims = new Claims()
  claimed(claims)
  claims.prune(999)
  expect(claims.size).toBe(1)
  claims.prune(1_000)
  expect(claims.size).toBe(0)
})

test('an alias leads to the leases of all events that have it, as long as they run, and of no other', () => {
  const claims = new Claims()
  const [one, two] = ['one', 'two'].map((id) => eventRecord({ id, aliases: ['run:1'] }))
  const lease = claimed(claims, one, 0)
  claimed(claims, two, 50)
  expect(claims.remainingMs(['run:1'], 60)).toBe(90)
  expect(claims.remainingMs(['run:2'], 60)).toBe(0)
  expect(claims.remainingMs([lease.key], 60)).toBe(40)
  claims.release(lease, lease.progress, false, 60)
  expect(claims.remainingMs([lease.key], 60)).toBe(0)
  expect(claims.remainingMs(['run:1'], 149)).toBe(1)
  expect(claims.remainingMs(['run:1'], 150)).toBe(0)
})

test('an event without an alias is found under none', () => {
  const claims = new Claims()
  claimed(claims)
  expect(claims.remainingMs([''], 1)).toBe(0)
})

test('whichever of the events of an alias is released or done, the lease of the other is found', () => {
  for (const isFirst of [true, false]) {
    const claims = new Claims()
    const leases = ['one', 'two'].map((id) => claimed(claims, eventRecord({ id, aliases: ['run:1'] })))
    const [ended, left] = isFirst ? leases : leases.reverse()
    if (!ended || !left) return expect.unreachable()
    claims.end(ended, 10)
    expect(claims.remainingMs(['run:1'], 20)).toBe(80)
    claims.end(left, 30)
    expect(claims.remainingMs(['run:1'], 40)).toBe(0)
  }
})

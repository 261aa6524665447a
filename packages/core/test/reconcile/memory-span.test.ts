import { type Inbox, memoryInbox, type SourceDefinition } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { forgottenUntil, spanNow } from '../../src/reconcile/lists/memory-span.ts'
import { acmeSecret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

const hour = 3_600_000

test('what is older than the window is forgotten', () => {
  expect(forgottenUntil(spanNow(undefined, 3 * hour, 0), 10 * hour)).toBe(7 * hour)
})

test('a window that is made longer reaches no further back than before, until it is full', () => {
  const raised = spanNow(spanNow(undefined, 1 * hour, 0), 5 * hour, 100 * hour)
  expect(forgottenUntil(raised, 100 * hour)).toBe(99 * hour)
  // Of what was taken on before, everything is forgotten now; of what came since, nothing.
  expect(forgottenUntil(raised, 102 * hour)).toBe(100 * hour)
  expect(forgottenUntil(raised, 106 * hour)).toBe(101 * hour)
})

test('a window that is made shorter counts at once', () => {
  const lowered = spanNow(spanNow(undefined, 5 * hour, 0), 1 * hour, 100 * hour)
  expect(forgottenUntil(lowered, 100 * hour)).toBe(99 * hour)
})

test('a window that is made longer twice in a short time reaches back as far as the shortest of them', () => {
  const once = spanNow(spanNow(undefined, 1 * hour, 0), 5 * hour, 100 * hour)
  const twice = spanNow(once, 9 * hour, 101 * hour)
  expect(forgottenUntil(twice, 101 * hour)).toBe(100 * hour)
})

test('a window that is made longer again, when the one before was full, reaches back as far as that', () => {
  const once = spanNow(spanNow(undefined, 1 * hour, 0), 5 * hour, 100 * hour)
  const later = spanNow(once, 9 * hour, 200 * hour)
  expect(forgottenUntil(later, 200 * hour)).toBe(195 * hour)
})

test('a window that stays as it is changes nothing', () => {
  const kept = { windowMs: 5 * hour, raisedAt: 1, beforeMs: hour }
  expect(spanNow(kept, 5 * hour, 100 * hour)).toBe(kept)
})

test('a window that is made longer brings nothing back that was forgotten, though no pass could list anything before', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const inbox: Inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
  const withWindow = (dedupeWindow: number, more: Partial<SourceDefinition>) =>
    acmeReceiver({
      ...{ clock, inbox, dedupeWindow, consume: false, reconcile: orders.source(more) },
      provider: acmeOrders({ secret: acmeSecret, retryHorizon: 60_000 }),
    })
  const isFinal = () => true
  const lists = () => Promise.reject(new Error('401'))
  const before = withWindow(1 * hour, { isFinal, lists })
  before.receiver.onEvent('order.paid', () => {})
  await before.receiver.reconcile()
  orders.paid('ord_1')
  await before.send({ id: 'evt_1', order: 'ord_1' })
  await before.receiver.drain()
  await before.receiver.stop()
  await clock.advance(2 * hour)
  const after = withWindow(72 * hour, {})
  expect(await after.receiver.reconcile()).toMatchObject({ listed: 1, missing: 0 })
})

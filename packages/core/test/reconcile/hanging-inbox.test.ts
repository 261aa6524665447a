import { memoryInbox, type Notes, type OverdueThing, type WebhookEvent } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

const minute = 60_000

const hang = () => new Promise<never>(() => {})

/** A receiver of orders whose inbox never answers some steps, as long as they are among `hanging`. */
function overHangingInbox(...steps: readonly string[]) {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const hanging = new Set(steps)
  const shared = memoryInbox({ clock })
  const unreliable = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get: (_, name) => {
        const value = hanging.has(name as string) ? hang : Reflect.get(part, name)
        return typeof value === 'function' ? value.bind(part) : value
      },
    })
  const inbox = inboxInFront(unreliable(shared), { notes: unreliable(shared.notes ?? {}) as never })
  const reconcile = orders.source({ every: minute })
  const acme = acmeReceiver({ clock, provider: acmeOrders(), inbox, reconcile })
  const handled: WebhookEvent[] = []
  acme.receiver.onEvent('order.paid', (event) => void handled.push(event))
  return { orders, hanging, shared, handled, ...acme }
}

describe.each(['lead', 'read', 'write', 'resign', 'knows'])('an inbox that never answers %s', (step) => {
  test('keeps no receiver from stopping that reconciles: 5 s are the most', async () => {
    const { receiver, clock, orders } = overHangingInbox(step)
    orders.paid('ord_1')
    receiver.start()
    await clock.advance(minute)
    let hasStopped = false
    const stopping = receiver.stop().then(() => {
      hasStopped = true
    })
    await clock.advance(5_000)
    expect(hasStopped).toBe(true)
    await stopping
  })

  test('keeps no later pass from beginning', async () => {
    const { receiver, clock, orders, hanging, handled } = overHangingInbox(step)
    orders.paid('ord_1')
    receiver.start()
    await clock.advance(minute)
    hanging.clear()
    await clock.advance(3 * minute)
    expect(handled).toMatchObject([{ origin: 'reconciled' }])
    await receiver.stop()
  })
})

test('an inbox that takes 9 s to answer is waited for, and the lead is kept meanwhile, for as long as a pass takes', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve))
  const shared = memoryInbox({ clock })
  const slow = new Proxy(shared.notes as Notes, {
    get:
      (notes, name) =>
      async (...asked: unknown[]) => {
        await wait(9_000)
        return Reflect.get(notes, name).apply(notes, asked)
      },
  })
  const reconcile = orders.source({ every: minute })
  const inbox = inboxInFront(shared, { notes: slow })
  const { receiver } = acmeReceiver({ clock, provider: acmeOrders(), inbox, reconcile })
  for (let paid = 0; paid < 9; paid++) orders.paid(`ord_${paid}`) // three pages
  orders.beforePage = () => wait(12_000)
  const passing = receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
  await clock.advance(minute)
  expect(await shared.notes?.lead('reconcile:acme', 'another process', 15_000)).toBe(false)
  await clock.advance(2 * minute)
  expect(await passing).toMatchObject({ listed: 9, takenOn: 9, more: false })
})

test('a process whose lead the inbox does not renew asks no more once another may lead', async () => {
  const { receiver, clock, orders, hanging, shared } = overHangingInbox()
  orders.paid('ord_1')
  orders.beforePage = hang
  void receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
  await clock.advance(1)
  hanging.add('lead')
  await clock.advance(15_000)
  const asked = orders.asked.length
  await clock.advance(5 * minute)
  expect(orders.asked).toHaveLength(asked)
  expect(await shared.notes?.lead('reconcile:acme', 'another process', 15_000)).toBe(true)
})

test('an expectation whose inbox does not say what it knows waits, is told of later, and keeps no receiver from stopping', async () => {
  const { receiver, clock, hanging } = overHangingInbox()
  const told: OverdueThing[] = []
  receiver.onOverdue((thing) => void told.push(thing))
  receiver.start()
  await receiver.expect('ord_1', { within: minute })
  hanging.add('knows')
  await clock.advance(2 * minute)
  expect(told).toEqual([])
  hanging.clear()
  await clock.advance(10 * minute)
  expect(told).toMatchObject([{ subject: 'ord_1' }])
  hanging.add('write') // of the totals
  await receiver.expect('ord_2', { within: minute })
  await clock.advance(minute)
  let hasStopped = false
  void receiver.stop().then(() => {
    hasStopped = true
  })
  await clock.advance(5_000)
  expect(hasStopped).toBe(true)
})

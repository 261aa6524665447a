import type { ListedPage } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { afterEach, expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

type CreateEvent = ListedPage['items'][number]['event']

const hangs: CreateEvent = () => new Promise<never>(() => {})

/** Hangs, and resolves `reached` once it does. */
function hanging() {
  const reached = deferred()
  const event: CreateEvent = (ask) => {
    reached.resolve()
    return hangs(ask)
  }
  return { event, reached: reached.promise }
}

/** A receiver beside a list of one order that has ended, whose source creates its event so. */
function creating(...events: CreateEvent[]) {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  orders.paid('ord_1')
  const usual = orders.spoil
  orders.spoil = (page) => {
    const event = events.shift()
    if (event === undefined) return usual(page)
    return { ...page, items: page.items.map((item) => ({ ...item, event })) }
  }
  const reconcile = orders.source({ every: 60_000 })
  const made = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false }) // no pass begins by itself
  made.receiver.onEvent('order.paid', () => {})
  return made
}

afterEach(() => void vi.unstubAllGlobals())

test('a pass is made where the request of the one before has ended in its middle, with its timers', async () => {
  vi.stubGlobal('EdgeRuntime', 'edge-runtime')
  const moved = manualClock(start)
  let isLost = true
  const clock = {
    ...moved,
    after: (...timer: Parameters<typeof moved.after>) => (isLost ? () => {} : moved.after(...timer)),
  }
  const orders = new Orders(clock)
  orders.paid('ord_1')
  orders.beforePage = () => (isLost ? new Promise(() => {}) : undefined)
  const reconcile = orders.source({ every: 60_000 })
  const { receiver } = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false })
  void receiver.reconcile({ maxMs: 10_000 })
  await moved.advance(0)
  expect(orders.asked).toHaveLength(1)
  isLost = false
  const early = receiver.reconcile({ maxMs: 10_000 })
  await moved.advance(10_000)
  expect(await early).toMatchObject({ takenOn: 0, more: true })
  await moved.advance(5_000)
  const later = receiver.reconcile({ maxMs: 10_000 })
  await moved.advance(10_000)
  expect(await later).toMatchObject({ takenOn: 1, more: false })
})

test('a source that hangs while it creates an event keeps no receiver from stopping', async () => {
  const { event, reached } = hanging()
  const { receiver, clock } = creating(event)
  receiver.start()
  await clock.advance(60_000)
  await reached
  await receiver.stop()
})

test('a pass whose source hangs so ends with its time, and the next one goes on', async () => {
  const { event, reached } = hanging()
  const { receiver, clock } = creating(event)
  const pass = receiver.reconcile({ maxMs: 1_000 })
  await reached
  await clock.advance(1_000)
  expect(await pass).toMatchObject({ takenOn: 0, more: true })
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 1 })
  expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
})

test('a pass without an end gives an event up 15 s after the last question', async () => {
  const asksAndHangs: CreateEvent = async (ask) => {
    await ask(() => new Promise((resolve) => void clock.after(10_000, () => resolve('an answer'))))
    return hangs(ask)
  }
  const { receiver, clock, log } = creating(asksAndHangs)
  const pass = receiver.reconcile()
  await clock.advance(10_000)
  await clock.advance(14_999)
  expect(JSON.stringify(log.lines)).not.toContain('last question')
  await clock.advance(1)
  expect(await pass).toMatchObject({ takenOn: 0 })
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 1 })
})

test('what a source throws before it returns a promise is what the pass is told of', async () => {
  const { receiver, log } = creating(() => {
    throw new Error('no such order')
  })
  await receiver.reconcile()
  expect(
    JSON.stringify(
      log.lines.map(({ message, details }) => [message, String((details as { err?: unknown }).err)]),
    ),
  ).toContain('no such order')
})

test('a source that does not count its items is an error, and not a list that ends with its first page', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  for (let index = 0; index < 5; index++) orders.paid(`ord_${index}`)
  const whole = orders.source()
  const reconcile = orders.source({
    isFinal: () => true,
    async readPage(list, { itemsBefore }, asking) {
      const pagesBefore = Math.floor((itemsBefore || 0) / 3) // as an API that takes no number for 0
      const { items } = await whole.readPage(list, { itemsBefore, pagesBefore }, asking)
      return { items } as never
    },
  })
  const { receiver, log } = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false })
  expect(await receiver.reconcile()).toMatchObject({ more: true })
  expect(log.lines).toContainEqual(
    expect.objectContaining({
      details: expect.objectContaining({
        err: expect.objectContaining({ message: expect.stringContaining('count is undefined') }),
      }),
    }),
  )
})

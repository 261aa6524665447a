import type { ListedPage } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

type CreateEvent = ListedPage['items'][number]['event']

const hangs: CreateEvent = () => new Promise<never>(() => {})

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
  const made = acmeReceiver({ clock, provider: acmeOrders(), reconcile: orders.source({ every: 60_000 }) })
  const handled: string[] = []
  made.receiver.onEvent('order.paid', ({ payload }) => void handled.push(payload.order as string))
  return { ...made, handled }
}

test('a source that hangs while it creates an event keeps no receiver from stopping', async () => {
  const { receiver, clock } = creating(hangs)
  receiver.start()
  await clock.advance(60_000)
  await receiver.stop()
})

test('a pass whose source hangs so ends with its time, and the next one goes on', async () => {
  const { receiver, clock, handled } = creating(hangs)
  const pass = receiver.reconcile({ maxMs: 1_000 })
  await clock.advance(1_000)
  expect(await pass).toMatchObject({ takenOn: 0, more: true })
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 1 })
  await receiver.idle()
  expect(handled).toEqual(['ord_1'])
})

test('a pass without an end gives an event up 15 s after the last question', async () => {
  const asksAndHangs: CreateEvent = async (ask) => {
    await ask(() => new Promise((resolve) => void clock.after(10_000, () => resolve('an answer'))))
    return hangs(ask)
  }
  const { receiver, clock, handled, log } = creating(asksAndHangs)
  const pass = receiver.reconcile()
  await clock.advance(10_000)
  await clock.advance(14_999)
  expect(JSON.stringify(log.lines)).not.toContain('last question')
  await clock.advance(1)
  expect(await pass).toMatchObject({ takenOn: 0 })
  expect(handled).toEqual([])
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

import { memoryInbox } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

const minute = 60_000
const never = (): Promise<never> => new Promise(() => {})
const away = () => Promise.reject(new Error('connect ECONNREFUSED'))

/** A function that is called by a cron, each minute, and lives only as long as the call. */
function onFunctions(more: Parameters<Orders['source']>[0]) {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const reconcile = orders.source({ every: minute, ...more })
  const { receiver } = acmeReceiver({ clock, consume: false, provider: acmeOrders(), reconcile })
  const told = vi.fn()
  receiver.onEvent('order.paid', () => {})
  receiver.onOverdue(told)
  const cron = async (times: number) => {
    const isMoreLeft: boolean[] = []
    for (let time = 0; time < times; time++) {
      const drained = receiver.drain({ maxMs: 30_000 })
      await clock.advance(minute)
      isMoreLeft.push((await drained).more)
    }
    return isMoreLeft
  }
  return { orders, receiver, told, cron }
}

test.each([
  ['does not answer', { lists: never, readPage: never, find: never }],
  ['does not answer about one thing', { find: never }],
  ['lists nothing in time', { lists: never, find: async (): Promise<undefined> => undefined }],
  ['can not be reached', { lists: away, readPage: away, find: away }],
])('what is overdue is told where there are only drains too, and the provider %s', async (_, more) => {
  const { orders, receiver, told, cron } = onFunctions(more)
  orders.open('ord_1')
  await receiver.expect('ord_1', { within: minute })
  await cron(10)
  expect(told).toHaveBeenCalledOnce()
})

test('a drain that had no time for all that is overdue says that there is more, and the next continues', async () => {
  const { orders, receiver, told, cron } = onFunctions({ find: never })
  const many = Array.from({ length: 40 }, (_, index) => `ord_${index}`)
  for (const id of many) {
    orders.open(id)
    await receiver.expect(id, { within: minute })
  }
  await cron(6) // the provider is asked for five minutes
  const drains: boolean[] = []
  while (told.mock.calls.length < many.length) drains.push(...(await cron(1)))
  expect(drains.slice(-2)).toEqual([true, false])
})

test('while a function can not find out what is paused, it tells nobody of what is overdue', async () => {
  const clock = manualClock(start)
  const kept = memoryInbox({ clock })
  let isAway = true
  const read = async (name: string) => (isAway ? away() : kept.notes?.read(name))
  const inbox = inboxInFront(kept, { notes: { ...kept.notes, read } as never })
  const { receiver } = acmeReceiver({ clock, inbox, consume: false, provider: acmeOrders() })
  const told = vi.fn()
  receiver.onEvent('order.paid', () => {})
  receiver.onOverdue(told)
  await receiver.expect('ord_1', { within: minute })
  const drain = async () => {
    const drained = receiver.drain({ maxMs: 30_000 }).catch(() => {}) // it says that it can do nothing
    await clock.advance(minute)
    await drained
  }
  for (const _ of [1, 2, 3]) await drain()
  expect(told).not.toHaveBeenCalled()
  isAway = false
  for (const _ of [1, 2]) await drain()
  expect(told).toHaveBeenCalledOnce()
})

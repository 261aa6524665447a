import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

const minute = 60_000
const reason = 'the pager is being repaired'

/** A receiver with two handlers for what is overdue, whose provider is asked for what is expected. */
function expecting() {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const asked: string[] = []
  const find = async (_: string, subject: string) => {
    asked.push(subject)
    return { subject, status: 'open', createdAt: start, hasEnded: false, answer: {}, event: () => ({}) }
  }
  const reconcile = orders.source({ every: 30 * 24 * 60 * minute, find })
  const receiving = acmeReceiver({ clock, provider: acmeOrders(), reconcile })
  const told: string[] = []
  receiving.receiver.onEvent('order.paid', () => {})
  for (const name of ['page', 'mail'])
    receiving.receiver.onOverdue(({ subject }) => void told.push(`${name} ${subject}`), { name })
  receiving.receiver.start()
  return { ...receiving, asked, told }
}

test.for([undefined, 'page'])(
  'while nobody can be told as %s is paused, the provider is not asked again and again for what is overdue',
  async (handler) => {
    const { receiver, clock, asked, told } = expecting()
    await receiver.pause({ handler, reason })
    await receiver.expect('ord_1', { within: minute })
    for (let seconds = 0; seconds < 900; seconds += 5) await clock.advance(5_000)
    expect(asked.length).toBeLessThan(2)
    expect(told).toEqual(handler === undefined ? [] : ['mail ord_1'])
    await receiver.resume({ handler })
    for (let seconds = 0; seconds < 60; seconds += 5) await clock.advance(5_000)
    expect(asked.length).toBeLessThan(3)
    expect(told.toSorted()).toEqual(['mail ord_1', 'page ord_1'])
  },
)

test('what is paused by its name may be a handler for what is overdue', async () => {
  const { receiver } = expecting()
  await receiver.pause({ handler: 'mail', reason })
  expect(await receiver.paused()).toMatchObject([{ handler: 'mail' }])
  await expect(receiver.pause({ handler: 'mial', reason })).rejects.toThrow(
    /no handler is named "mial"; the handlers are onEvent\(order\.paid\)#0, onOverdue:page, onOverdue:mail/,
  )
})

test('a process with no handler but those for what is overdue can pause any handler, as it does not know those of the others', async () => {
  const clock = manualClock(start)
  const { receiver } = acmeReceiver({ clock, provider: acmeOrders(), consume: false })
  receiver.onOverdue(() => {}, { name: 'page' })
  await receiver.pause({ handler: 'save', reason })
  expect(await receiver.paused()).toMatchObject([{ handler: 'save' }])
})

import { type Inbox, memoryInbox, PermanentError } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test, vi } from 'vitest'
import { acme, acmeEvents, acmeSecret as secret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders } from '../support/listing.ts'

/** A durable inbox that keeps its events in memory: what is given back to it is due again within the same turn of the event loop. */
function durable(more: Partial<Inbox> = {}, memory = memoryInbox()) {
  return { memory, inbox: inboxInFront(memory, { durable: true, close: async () => {}, ...more }) }
}

test('stop on a durable inbox ends after the handler that runs, and what is given back stays', async () => {
  const { memory, inbox } = durable()
  const { receiver, send } = acmeReceiver({ inbox })
  const saving = deferred()
  const ran: string[] = []
  receiver.onEvent('order.paid', () => saving.promise, { name: 'save' })
  receiver.onEvent('order.paid', () => void ran.push('mail'), { name: 'mail' })
  await send()
  await vi.waitFor(async () => expect(await memory.counts()).toMatchObject({ active: 1 }), 10_000)
  const stopped = receiver.stop()
  saving.resolve()
  await stopped
  expect(ran).toEqual([])
  const { items } = await memory.list()
  expect(items).toMatchObject([{ state: 'pending', progress: { completed: ['onEvent(order.paid):save'] } }])
})

test('a handler does not begin where the receiver is stopped while a schema checks its event', async () => {
  const checking = deferred()
  const validate = vi.fn(() => checking.promise.then(() => ({ value: { amount: 1 } })))
  const slow = { '~standard': { version: 1, vendor: 'test', validate } } as const
  const { memory, inbox } = durable()
  const { receiver, send } = acmeReceiver({
    inbox,
    provider: acme({ secret, events: { ...acmeEvents, 'order.paid': slow } }),
  })
  const ran: string[] = []
  receiver.onEvent('order.paid', ({ id }) => void ran.push(id))
  await send()
  await vi.waitFor(() => expect(validate).toHaveBeenCalledOnce(), 10_000)
  const stopped = receiver.stop()
  checking.resolve()
  await stopped
  expect(ran).toEqual([])
  expect(await memory.counts()).toMatchObject({ pending: 1 })
})

test('a handler does not begin where the receiver is stopped while the progress of the one before is stored', async () => {
  const { memory, inbox } = durable({
    consume: (work, options) =>
      memory.consume((attempt) => work({ ...attempt, checkpoint: () => storing.promise }), options),
  })
  const storing = deferred()
  const { receiver, send } = acmeReceiver({ inbox })
  const ran: string[] = []
  receiver.onEvent('order.paid', () => void ran.push('save'), { name: 'save' })
  receiver.onEvent('order.paid', () => void ran.push('mail'), { name: 'mail' })
  await send()
  await vi.waitFor(() => expect(ran).toEqual(['save']), 10_000)
  const stopped = receiver.stop()
  storing.resolve()
  await stopped
  expect(ran).toEqual(['save'])
})

test('stop on a durable inbox ends after the handler that is told of what is overdue', async () => {
  const clock = manualClock(start)
  const { memory, inbox } = durable({}, memoryInbox({ clock }))
  const { receiver } = acmeReceiver({ clock, inbox, provider: acmeOrders() })
  const telling = deferred()
  const told: string[] = []
  receiver.onOverdue(
    () => {
      told.push('first')
      return telling.promise
    },
    { name: 'first' },
  )
  receiver.onOverdue(() => void told.push('second'), { name: 'second' })
  receiver.start()
  await receiver.expect('ord_1', { within: 1_000 })
  await clock.advance(1_000)
  await vi.waitFor(() => expect(told).toEqual(['first']), 10_000)
  const stopped = receiver.stop()
  telling.resolve()
  await stopped
  expect(told).toEqual(['first'])
  expect(await memory.counts()).toMatchObject({ pending: 1 })
})

test('what a memory inbox loses as its last receiver is stopped is told, and nothing where it loses nothing', async () => {
  const inbox = memoryInbox()
  const { logger, at } = recordedLogger()
  const { receiver, send } = acmeReceiver({ inbox, logger })
  const other = acmeReceiver({ inbox, logger, name: 'other' })
  const outcomes = [new Error('later'), new PermanentError('never')]
  receiver.onEvent('order.paid', () => {
    const failure = outcomes.shift()
    if (failure) throw failure
  })
  for (const id of ['evt_1', 'evt_2', 'evt_3']) await send({ id })
  await receiver.idle()
  await receiver.stop()
  const told = () => at('warn').filter(({ message }) => message.includes('lost'))
  expect(told()).toEqual([])
  await other.receiver.stop()
  expect(told()).toMatchObject([
    { details: { inbox: 'memory', lost: { pending: 0, scheduled: 1, parked: 0, dead: 1 } } },
  ])

  const emptied = acmeReceiver({ logger })
  emptied.receiver.onEvent('order.paid', () => {})
  await emptied.send()
  await emptied.send({ id: 'evt_2', type: 'order.shipped' }) // that nobody handles, as many senders send more than is handled
  await emptied.receiver.stop()
  expect(told()).toHaveLength(1)
})

test('an inbox that is not durable is closed though it does not say what it loses', async () => {
  const close = vi.fn(async () => {})
  const counts = async () => {
    throw new Error('no counts')
  }
  const { receiver } = acmeReceiver({ inbox: inboxInFront(memoryInbox(), { counts, close }) })
  await receiver.stop()
  expect(close).toHaveBeenCalledOnce()
})

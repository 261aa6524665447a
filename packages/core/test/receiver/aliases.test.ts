import { type EventRecord, InvalidEnvelope, memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acme, acmeSecret, readAcmeEnvelope } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

/** A receiver of orders that end once, and the events that its inbox was given. */
function receivingOrders(more: Parameters<typeof acme>[0] = { secret: acmeSecret }) {
  const put: EventRecord[] = []
  const kept = memoryInbox()
  const inbox = inboxInFront(kept, {
    put(event, options) {
      put.push(event)
      return kept.put(event, options)
    },
  })
  const provider = acme({
    endings: { 'order.paid': 'paid', 'order.cancelled': ['cancelled', 'failed'] },
    readEnvelope: (payload) => ({ ...readAcmeEnvelope(payload), subject: payload.order as string }),
    ...more,
  })
  return { put, ...acmeReceiver({ provider, inbox }) }
}

test('an event that ends a thing is also known by what it ends, and how', async () => {
  const { put, send } = receivingOrders()
  await send({ id: 'evt_1', order: 'ord_1' })
  await send({ id: 'evt_2', type: 'order.cancelled', order: 'ord_1' })
  expect(put.map(({ aliases }) => aliases)).toEqual([
    ['acme:~end:paid:ord_1'],
    ['acme:~end:cancelled:ord_1', 'acme:~end:failed:ord_1'],
  ])
})

test('a subject that no store may be able to hold is known by its digest', async () => {
  const { put, send } = receivingOrders()
  await send({ order: 'order no. 1' })
  expect(put.map(({ aliases }) => aliases)).toEqual([
    [expect.stringMatching(/^acme:~end:paid:~[0-9a-f]{64}$/)],
  ])
})

test('its aliases are its tenant’s own', async () => {
  const secret = () => ({ tenant: 'shop', secret: acmeSecret })
  const { put, send } = receivingOrders({ secret })
  await send({ order: 'ord_1' })
  expect(put.map(({ aliases }) => aliases)).toEqual([['acme@shop:~end:paid:ord_1']])
})

test('an event that can recur has none, nor has one without a subject that is a text', async () => {
  const { put, send } = receivingOrders()
  await send({ id: 'evt_1', type: 'order.delayed', order: 'ord_1' })
  await send({ id: 'evt_2', order: undefined })
  await send({ id: 'evt_3', order: { id: 'ord_1' } })
  await send({ id: 'evt_4', order: '' })
  expect(put.map(({ aliases }) => aliases)).toEqual([undefined, undefined, undefined, undefined])
})

test('two deliveries of one end with ids of their own are two events', async () => {
  const { observed, send } = receivingOrders()
  await send({ id: 'evt_1', order: 'ord_1' })
  await send({ id: 'evt_2', order: 'ord_1' })
  expect(observed.accepted?.map(({ id }) => id)).toEqual(['evt_1', 'evt_2'])
})

test('handlers see the aliases, and what is reread has them too', async () => {
  let isReadable = false
  const { receiver, send } = receivingOrders({
    secret: acmeSecret,
    readEnvelope(payload) {
      if (!isReadable) throw new InvalidEnvelope('not yet')
      return { ...readAcmeEnvelope(payload), subject: 'ord_1' }
    },
  })
  const seen: (readonly string[])[] = []
  receiver.onEvent('order.paid', ({ aliases }) => void seen.push(aliases))
  await send()
  isReadable = true
  await receiver.redriveAll()
  await receiver.idle()
  expect(seen).toEqual([['acme:~end:paid:ord_1']])
})

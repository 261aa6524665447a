import { memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { describe, expect, test, vi } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

test('the reply is not 200 before the inbox holds the event', async () => {
  const gate = deferred()
  const inbox = memoryInbox()
  const slow = inboxInFront(inbox, {
    put: async (event, options) => {
      await gate.promise
      return inbox.put(event, options)
    },
  })
  const { send, clock } = acmeReceiver({ inbox: slow, consume: false })
  let replied = false
  const reply = send().then((reply) => {
    replied = true
    return reply
  })
  await clock.advance(2_999)
  expect(replied).toBe(false)
  gate.resolve()
  expect(await reply).toMatchObject({ status: 200 })
  expect(await inbox.counts()).toMatchObject({ pending: 1 })
})

describe('an inbox that does not hold the event is 503, and the event is not handled', () => {
  const failing: Record<string, () => never | Promise<never>> = {
    'because it rejects': () => Promise.reject(new Error('disk full')),
    'because it throws': () => {
      throw new Error('disk full')
    },
  }
  test.each(Object.entries(failing))('%s', async (_, put) => {
    const { receiver, send, observed, log } = acmeReceiver({ inbox: inboxInFront(memoryInbox(), { put }) })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    expect(await send()).toMatchObject({
      status: 503,
      body: '{"error":"unavailable"}',
      headers: { 'retry-after': '5' },
    })
    await receiver.idle()
    expect(handler).not.toHaveBeenCalled()
    expect(observed.accepted).toEqual([])
    expect(observed.rejected).toMatchObject([{ code: 'unavailable', status: 503 }])
    expect(log.at('error')).toMatchObject([
      { message: 'delivery refused: the inbox failed', details: { err: { message: 'disk full' } } },
    ])
  })

  test.each([
    ['on-receipt', 'put'],
    ['after-handlers', 'claim'],
  ] as const)(
    'as far as is known, because it answers in no way of the contract: %s',
    async (acknowledge, method) => {
      for (const answer of [undefined, null, true, 'accepted', {}, { outcome: 'acepted' }]) {
        const inbox = inboxInFront(memoryInbox(), { [method]: async () => answer })
        const { receiver, send, log } = acmeReceiver({ inbox, acknowledge })
        const handler = vi.fn()
        receiver.onEvent('order.paid', handler)
        expect(await send(), JSON.stringify(answer)).toMatchObject({ status: 503 })
        expect(handler).not.toHaveBeenCalled()
        expect(log.at('error')).toMatchObject([
          { message: `delivery refused: the inbox answered ${method} without an outcome that is known` },
        ])
      }
    },
  )

  test('because it is full', async () => {
    const { send, log } = acmeReceiver({ inbox: memoryInbox({ maxIds: 1 }), consume: false })
    expect(await send({ id: 'evt_1' })).toMatchObject({ status: 200 })
    expect(await send({ id: 'evt_2' })).toMatchObject({ status: 503 })
    expect(log.at('error')).toMatchObject([{ details: { err: { code: 'inbox_full' } } }])
  })
})

test('an event accepted by a process that does not consume waits for start()', async () => {
  const { receiver, send, clock } = acmeReceiver({ consume: false })
  const handler = vi.fn()
  receiver.onEvent('order.paid', handler)
  await send()
  await receiver.idle()
  await clock.advance(60_000)
  expect(handler).not.toHaveBeenCalled()
  expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
  receiver.start()
  await receiver.idle()
  expect(handler).toHaveBeenCalledOnce()
})

import { createReceiver, type Inbox, InboxClosedError, memoryInbox } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { describe, expect, test, vi } from 'vitest'
import { acme, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

describe('start', () => {
  test('happens by itself once the first handler was registered, for what the inbox holds from before', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const accepting = acmeReceiver({ inbox, clock, consume: false })
    await accepting.send()
    const handled = deferred()
    acmeReceiver({ inbox, clock }).receiver.onEvent('order.paid', () => handled.resolve())
    await expect(handled.promise).resolves.toBeUndefined()
  })

  test('waits for handlers that are registered in the same turn: none is passed over', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    await acmeReceiver({ inbox, clock, consume: false }).send()
    const { receiver } = acmeReceiver({ inbox, clock })
    const ran: string[] = []
    receiver.onEvent('order.cancelled', () => ran.push('cancelled'))
    await Promise.resolve()
    receiver.onEvent('order.paid', () => ran.push('paid'))
    await receiver.idle()
    expect(ran).toEqual(['paid'])
  })

  test('without a handler nothing is handled: events wait for one', async () => {
    const { receiver, send, observed } = acmeReceiver()
    await send()
    await receiver.idle()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
    receiver.onEvent('order.paid', () => {})
    await receiver.idle()
    expect(observed.handled).toHaveLength(1)
  })

  test('a handler that is registered long after handling began loses nothing: its events were parked', async () => {
    const { receiver, send, observed } = acmeReceiver()
    receiver.onEvent('order.paid', () => {}).start()
    for (let sent = 0; sent < 20; sent++)
      await send({ id: `evt_${sent}`, type: 'order.cancelled', data: { reason: 'none' } })
    await receiver.idle()
    expect(observed.parked).toHaveLength(20)
    expect(await receiver.inbox.counts()).toMatchObject({ parked: 20 })
    await new Promise((resolve) => setTimeout(resolve, 30))
    const handler = vi.fn()
    receiver.onEvent('order.cancelled', handler)
    await receiver.idle()
    expect(handler).toHaveBeenCalledTimes(20)
    expect(observed.handled).toHaveLength(20)
    expect(observed.unhandled).toEqual([])
  })

  test('a handler by type that comes after handling began with catch-alls alone is told that events were done with before', async () => {
    const { receiver, send, log } = acmeReceiver()
    receiver.onAnyEvent(() => {}).onUnhandledEvent(() => {})
    await send()
    await receiver.idle()
    receiver.onEvent('order.paid', () => {}).onEvent('order.cancelled', () => {})
    expect(log.at('warn')).toMatchObject([
      {
        message: expect.stringContaining('register handlers by type first'),
        details: { source: 'acme', types: ['order.paid'] },
      },
    ])
  })

  test('a handler by type that comes in the turn of the catch-alls is in time, and nothing is said', async () => {
    const { receiver, send, log, observed } = acmeReceiver()
    receiver.onAnyEvent(() => {})
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    await send()
    await receiver.idle()
    expect(handler).toHaveBeenCalledOnce()
    expect(observed.handled).toHaveLength(1)
    expect(log.at('warn')).toEqual([])
  })

  test('can be called any number of times: events are consumed once', async () => {
    const inbox = memoryInbox()
    const consume = vi.spyOn(inbox, 'consume')
    const { receiver } = acmeReceiver({ inbox })
    expect(receiver.start().start()).toBe(receiver)
    receiver.onEvent('order.paid', () => {})
    await receiver.idle()
    expect(consume).toHaveBeenCalledOnce()
  })
})

describe('idle', () => {
  test('covers an event that was accepted in the very turn in which the receiver was made', async () => {
    const receiver = createReceiver({ logger: false, provider: acme() })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    await receiver.receive(signedPost(JSON.stringify(paidOrder(Date.now()))))
    await receiver.idle()
    expect(handler).toHaveBeenCalledOnce()
  })
})

describe('stop', () => {
  test('drains: what was acknowledged is handled first, then the inbox is closed', async () => {
    const { receiver, send } = acmeReceiver({ concurrency: 1 })
    const ran: string[] = []
    receiver.onEvent('order.paid', ({ id }) => ran.push(id))
    for (const id of ['1', '2', '3']) await send({ id })
    await receiver.stop()
    expect(ran).toEqual(['1', '2', '3'])
    await expect(async () => receiver.inbox.counts()).rejects.toThrow(InboxClosedError)
  })

  test('waits for handlers that are running', async () => {
    const { receiver, send, clock } = acmeReceiver()
    const gate = deferred()
    const order: string[] = []
    receiver.onEvent('order.paid', async () => {
      await gate.promise
      order.push('handled')
    })
    await send()
    await clock.advance(0)
    const stopped = receiver.stop().then(() => order.push('stopped'))
    await clock.advance(0)
    expect(order).toEqual([])
    gate.resolve()
    await stopped
    expect(order).toEqual(['handled', 'stopped'])
  })

  test('waits for handlers that run before the reply, and lets them be confirmed', async () => {
    const { receiver, send, clock, log, observed } = acmeReceiver({ acknowledge: 'after-handlers' })
    const gate = deferred()
    const order: string[] = []
    receiver.onEvent('order.paid', async () => {
      await gate.promise
      order.push('handled')
    })
    const reply = send()
    await clock.advance(0)
    const stopped = receiver.stop().then(() => order.push('stopped'))
    await clock.advance(0)
    expect(order).toEqual([])
    gate.resolve()
    expect(await reply).toMatchObject({ status: 200 })
    await stopped
    expect(order).toEqual(['handled', 'stopped'])
    expect(observed.accepted).toHaveLength(1)
    expect(log.at('error')).toEqual([])
  })

  test('waits for an event that the inbox is about to hold', async () => {
    const gate = deferred()
    const inbox = memoryInbox()
    const slow = inboxInFront(inbox, {
      put: async (event, options) => {
        await gate.promise
        return inbox.put(event, options)
      },
    })
    const { receiver, send, clock } = acmeReceiver({ inbox: slow, consume: false })
    const reply = send()
    await clock.advance(0)
    const stopped = receiver.stop()
    gate.resolve()
    expect(await reply).toMatchObject({ status: 200 })
    await stopped
  })

  test.each(['on-receipt', 'after-handlers'] as const)(
    'from then on a delivery is 503: %s',
    async (acknowledge) => {
      const { receiver, send, observed } = acmeReceiver({ acknowledge })
      const handler = vi.fn()
      receiver.onEvent('order.paid', handler)
      const stopped = receiver.stop()
      expect(await send()).toMatchObject({ status: 503, body: '{"error":"unavailable"}' })
      await stopped
      expect(await send()).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
      expect(handler).not.toHaveBeenCalled()
      expect(observed.rejected.map(({ code }) => code)).toEqual(['unavailable', 'unavailable'])
    },
  )

  test('a delivery whose body was still arriving is 503, though others share the inbox', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    acmeReceiver({ inbox, clock, consume: false })
    const { receiver } = acmeReceiver({ inbox, clock, acknowledge: 'after-handlers' })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    const arrived = deferred()
    const delivery = signedPost(JSON.stringify(paidOrder(start)))
    const readBody = async () => {
      await arrived.promise
      return delivery.readBody(1_000)
    }
    const reply = receiver.receive({ ...delivery, readBody })
    await receiver.stop()
    arrived.resolve()
    expect(await reply).toMatchObject({ status: 503 })
    expect(handler).not.toHaveBeenCalled()
  })

  test('handles what was accepted before the receiver came to start', async () => {
    const receiver = createReceiver({ logger: false, provider: acme() })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    await receiver.receive(signedPost(JSON.stringify(paidOrder(Date.now()))))
    await receiver.stop()
    expect(handler).toHaveBeenCalledOnce()
  })

  test('a second call returns the same promise', () => {
    const { receiver } = acmeReceiver()
    expect(receiver.stop()).toBe(receiver.stop())
  })

  test('a receiver that is stopped does not start', async () => {
    const inbox = memoryInbox()
    const consume = vi.spyOn(inbox, 'consume')
    const { receiver } = acmeReceiver({ inbox })
    await receiver.stop()
    receiver.onEvent('order.paid', () => {}).start()
    await receiver.idle()
    expect(consume).not.toHaveBeenCalled()
  })
})

test('an inbox that two receivers share is closed with the last of them', async () => {
  const clock = manualClock(start)
  const inbox = memoryInbox({ clock })
  const one = acmeReceiver({ inbox, clock })
  const other = acmeReceiver({ inbox, clock, provider: acme({ name: 'other', allowUnsigned: true }) })
  const handler = vi.fn()
  other.receiver.onEvent('order.paid', handler)
  await Promise.all([one.receiver.stop(), one.receiver.stop()])
  expect(await other.send()).toMatchObject({ status: 200 })
  await other.receiver.idle()
  expect(handler).toHaveBeenCalledOnce()
  await other.receiver.stop()
  await expect(async () => inbox.counts()).rejects.toThrow(InboxClosedError)
})

test('stop waits ten seconds for a durable inbox that does not close, and says so', async () => {
  const clock = manualClock(start)
  const memory = memoryInbox({ clock })
  const inbox = inboxInFront(memory, { durable: true, name: 'acme', close: () => new Promise(() => {}) })
  const { receiver } = acmeReceiver({ inbox, clock })
  let stopped: unknown = 'not yet'
  receiver.stop().catch((error: Error) => {
    stopped = error.message
  })
  await clock.advance(9_999)
  expect(stopped).toBe('not yet')
  await clock.advance(1)
  expect(stopped).toBe('the inbox acme did not close within 10000 ms')
})

test('a memory inbox that is closed before its receiver is stopped finishes what is due, however long that takes', async () => {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  const { receiver, send, observed } = acmeReceiver({ clock, inbox, concurrency: 1 })
  receiver.onEvent('order.paid', () => new Promise<void>((resolve) => clock.after(3_000, resolve)))
  for (const id of ['one', 'two', 'three', 'four']) await send({ id })
  await clock.advance(0)
  const closed = inbox.close()
  await clock.advance(12_000)
  await closed
  expect(observed.handled).toHaveLength(4)
  await receiver.stop()
})

test('a receiver on an inbox that was closed with the one before is told what to do, and ends no process', async () => {
  const inbox = memoryInbox()
  await acmeReceiver({ inbox }).receiver.stop()
  const { receiver, log } = acmeReceiver({ inbox })
  receiver.onEvent('order.paid', () => {})
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(log.at('error')).toMatchObject([
    {
      details: {
        err: { message: expect.stringContaining('its last receiver was stopped: create a new one') },
      },
    },
  ])
})

test('an inbox that is closed before handling begins ends no process: the log says that nothing is handled, and deliveries are 503', async () => {
  const inbox = memoryInbox()
  const { receiver, send, log } = acmeReceiver({ inbox })
  receiver.onEvent('order.paid', () => {})
  await inbox.close()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(log.at('error')).toMatchObject([
    {
      message: "handling can't begin: this receiver handles no events",
      details: { err: { message: expect.stringContaining('create a new one') } },
    },
  ])
  expect(await send()).toMatchObject({ status: 503 })
  await expect(receiver.stop()).resolves.toBeUndefined()
})

test('stop resolves though the inbox was closed in the turn in which handling was about to begin', async () => {
  const inbox = memoryInbox()
  const { receiver } = acmeReceiver({ inbox })
  receiver.onEvent('order.paid', () => {})
  void inbox.close()
  await expect(receiver.stop()).resolves.toBeUndefined()
})

test.each([
  ['rejects', async () => Promise.reject(new Error('not to be stopped'))],
  [
    'throws',
    () => {
      throw new Error('not to be stopped')
    },
  ],
])(
  'a receiver whose consumer %s as it is stopped closes its inbox, and reconciles no more',
  async (_, stop) => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const behind = memoryInbox({ clock })
    const close = vi.fn(() => behind.close())
    const consume: Inbox['consume'] = (...given) => {
      const consumer = behind.consume(...given)
      return { wake: () => consumer.wake(), idle: () => consumer.idle(), stop }
    }
    const inbox = inboxInFront(behind, { close, consume })
    const { receiver } = acmeReceiver({ inbox, clock, provider: acmeOrders(), reconcile: orders.source() })
    receiver.onEvent('order.paid', () => {}).start()
    await expect(receiver.stop()).rejects.toThrow('not to be stopped')
    expect(close).toHaveBeenCalledOnce()
    orders.asked.length = 0
    await clock.advance(3_600_000)
    expect(orders.asked).toEqual([])
  },
)

test('eventTypes are those that have a handler: the ones to register the webhook for', () => {
  const { receiver } = acmeReceiver()
  expect(receiver.eventTypes).toEqual([])
  receiver.onAnyEvent(() => {}).onUnhandledEvent(() => {})
  receiver.onEvent(['order.paid', 'order.cancelled'], () => {}).onEvent('order.paid', () => {})
  expect(receiver.eventTypes).toEqual(['order.paid', 'order.cancelled'])
})

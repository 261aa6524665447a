import { memoryInbox, type ReceiverOptions } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeEvents, acmeSecret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

/** What a definition may wait for: a service that is away. */
const never = new Promise<never>(() => {})

/** A receiver whose schema of `order.paid` never answers. */
function withHangingSchema(options: Omit<ReceiverOptions<typeof acmeEvents>, 'provider'> = {}) {
  const validate = vi.fn(async (value: unknown) =>
    (value as { amount: number }).amount === 13 ? never : { value: value as { amount: number } },
  )
  const schema = { '~standard': { version: 1, vendor: 'hand-made', validate } } as const
  const provider = acme({ secret: acmeSecret, events: { ...acmeEvents, 'order.paid': schema } })
  return { ...acmeReceiver({ provider, ...options }), validate }
}

const hanging = { data: { amount: 13 } }

describe('a schema that does not answer', () => {
  test('has as long as a handler: its event is a dead letter in the end, and its neighbours are handled', async () => {
    const retry = { attempts: 2, initialDelay: 1_000, maxDelay: 1_000, jitter: 0 }
    const { receiver, send, clock, observed } = withHangingSchema({
      concurrency: 1,
      handlerTimeout: 5_000,
      retry,
    })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    await send(hanging)
    await send({ id: 'evt_2' })
    await clock.advance(4_999)
    expect(handler).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(handler).toHaveBeenCalledOnce()
    await clock.advance(6_000)
    await receiver.idle()
    expect(observed.dead).toMatchObject([
      {
        key: 'acme:evt_1',
        failures: [
          {
            handler: null,
            code: 'handler_timeout',
            message: 'the schema of order.paid did not answer within 5000 ms',
          },
        ],
      },
    ])
  })

  test('keeps stop waiting no longer than a handler does', async () => {
    const { receiver, send, clock } = withHangingSchema({ handlerTimeout: 5_000 })
    receiver.onEvent('order.paid', () => {})
    await send(hanging)
    await clock.advance(0)
    const stopped = vi.fn()
    const stopping = receiver.stop().then(stopped)
    await clock.advance(5_000)
    await stopping
    expect(stopped).toHaveBeenCalledOnce()
  })

  test('is answered 500 after handlerTimeout, with after-handlers', async () => {
    const { receiver, send, clock } = withHangingSchema({
      acknowledge: 'after-handlers',
      handlerTimeout: 5_000,
    })
    receiver.onEvent('order.paid', () => {})
    const reply = send(hanging)
    await clock.advance(5_000)
    expect(await reply).toMatchObject({ status: 500, body: '{"error":"handler_failed"}' })
  })

  test('where an order needs the data, the event is held as unreadable, within acceptTimeout', async () => {
    const { receiver, send, clock, observed } = withHangingSchema({
      acceptTimeout: 1_000,
      order: { by: ({ data }) => String(data.amount), older: 'handle' },
    })
    receiver.onEvent('order.paid', () => {})
    const reply = send(hanging)
    await clock.advance(999)
    expect(await reply).toMatchObject({ status: 200 })
    expect(observed.dead).toMatchObject([
      {
        failures: [
          { code: 'unreadable', message: expect.stringContaining('schema of order.paid did not answer') },
        ],
      },
    ])
  })

  test('has as long as a handler when a redrive reads its event again, as no sender waits then', async () => {
    const clock = manualClock(start)
    const validate = async (value: unknown) => {
      await new Promise<void>((resolve) => clock.after(2_000, resolve))
      return { value: value as { amount: number } }
    }
    const schema = { '~standard': { version: 1, vendor: 'hand-made', validate } } as const
    const { receiver, send, observed } = acmeReceiver({
      clock,
      provider: acme({ secret: acmeSecret, events: { ...acmeEvents, 'order.paid': schema } }),
      acceptTimeout: 1_000,
      order: { by: () => 'one', older: 'handle' },
    })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    const reply = send()
    await clock.advance(500)
    await reply
    await receiver.redrive(observed.dead[0]?.key ?? '')
    await clock.advance(2_000)
    await clock.advance(2_000)
    expect(handler).toHaveBeenCalledOnce()
  })

  test('what an order waited for a schema is left out of the time of the inbox', async () => {
    const validate = (value: unknown) => slow.promise.then(() => ({ value: value as { amount: number } }))
    const slow = deferred<void>()
    const schema = { '~standard': { version: 1, vendor: 'hand-made', validate } } as const
    const clock = manualClock(start)
    const { send } = acmeReceiver({
      clock,
      provider: acme({ secret: acmeSecret, events: { ...acmeEvents, 'order.paid': schema } }),
      inbox: inboxInFront(memoryInbox({ clock }), { put: () => never }),
      acceptTimeout: 1_000,
      order: { by: () => 'one', older: 'handle' },
    })
    const reply = send()
    await clock.advance(400)
    slow.resolve()
    await clock.advance(600)
    expect(await reply).toMatchObject({ status: 503 })
  })

  test('what the secret took is left out of its time', async () => {
    const gate = deferred<string>()
    const provider = acme({
      secret: () => gate.promise,
      events: {
        ...acmeEvents,
        'order.paid': { '~standard': { version: 1, vendor: 'hand-made', validate: () => never } } as never,
      },
    })
    const { send, clock } = acmeReceiver({
      provider,
      acceptTimeout: 1_000,
      order: { by: () => 'one', older: 'handle' },
      consume: false,
    })
    const replied = vi.fn()
    const reply = send().then(replied)
    await clock.advance(800)
    gate.resolve(acmeSecret)
    await clock.advance(99)
    expect(replied).not.toHaveBeenCalled()
    await clock.advance(1)
    await reply
    expect(replied).toHaveBeenCalledWith(expect.objectContaining({ status: 200 }))
  })
})

test('a handshake that does not answer is refused after acceptTimeout: 503', async () => {
  const { send, clock, log } = acmeReceiver({
    provider: acme({ secret: acmeSecret, handshake: { post: () => never } }),
    acceptTimeout: 500,
  })
  const reply = send()
  await clock.advance(500)
  expect(await reply).toMatchObject({ status: 503, body: '{"error":"unavailable"}' })
  expect(log.at('error')).toMatchObject([
    { message: expect.stringContaining('handshake.post did not answer') },
  ])
})

test('what an event waited for a handshake is left out of the time of the inbox', async () => {
  const slow = deferred<undefined>()
  const clock = manualClock(start)
  const { send } = acmeReceiver({
    clock,
    provider: acme({ secret: acmeSecret, handshake: { post: () => slow.promise } }),
    inbox: inboxInFront(memoryInbox({ clock }), { put: () => never }),
    acceptTimeout: 1_000,
  })
  const reply = send()
  await clock.advance(400)
  slow.resolve(undefined)
  await clock.advance(600)
  expect(await Promise.race([reply, 'no reply yet'])).toMatchObject({ status: 503 })
})

import { describe, expect, test, vi } from 'vitest'
import { acme, acmeEvents, acmeSecret, signedPost } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

describe('an unknown type', () => {
  test('is taken on, reaches onUnhandledEvent and onAnyEvent, with its data as sent, and is then parked', async () => {
    const { receiver, send, observed } = acmeReceiver()
    const seen: unknown[] = []
    receiver.onEvent('order.paid', () => seen.push('order.paid'))
    receiver.onUnhandledEvent(({ type, data }) => seen.push(['unhandled', type, data]))
    receiver.onAnyEvent(({ type, data }) => seen.push(['any', type, data]))
    expect(await send({ type: 'order.teleported', data: [1, null] })).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(seen).toEqual([
      ['unhandled', 'order.teleported', [1, null]],
      ['any', 'order.teleported', [1, null]],
    ])
    expect(observed.parked).toHaveLength(1)
    expect(observed.handled).toEqual([])
    expect(await receiver.inbox.list({ state: 'parked' })).toMatchObject({
      items: [{ progress: { completed: ['onUnhandledEvent#0', 'onAnyEvent#0'] } }],
    })
  })

  test('that nobody handles is taken on, and the log says so', async () => {
    const { receiver, send, observed, log } = acmeReceiver()
    receiver.start()
    expect(await send({ type: 'order.teleported' })).toMatchObject({ status: 200 })
    expect(await send({ type: 'order.teleported', id: 'evt_2' })).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(observed.handled).toEqual([])
    expect(observed.parked).toMatchObject([{ type: 'order.teleported' }, { type: 'order.teleported' }])
    expect(log.at('warn'), 'one line for a type').toMatchObject([
      { details: { type: 'order.teleported' }, message: expect.stringContaining('wait for a process') },
    ])
  })

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])(
    '%s is a type like any other',
    async (type) => {
      const { receiver, send, observed } = acmeReceiver()
      const unhandled = vi.fn()
      receiver.onUnhandledEvent(unhandled)
      expect(await send({ type, id: type })).toMatchObject({ status: 200 })
      await receiver.idle()
      expect(unhandled).toHaveBeenCalledOnce()
      expect(unhandled.mock.calls[0]?.[0]).toMatchObject({ type, id: type, data: { amount: 5 } })
      expect(observed.handled).toMatchObject([{ type }])
    },
  )
})

describe('what a handler gets', () => {
  test('the event has its identity, time, data, payload and bytes', async () => {
    const { receiver, send, clock } = acmeReceiver()
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    const payload = { id: 'evt_1', type: 'order.paid', at: clock.now(), data: { amount: 5 } }
    await send()
    await receiver.idle()
    expect(handler).toHaveBeenCalledOnce()
    const [event, context] = handler.mock.calls[0] ?? []
    expect(event).toEqual({
      id: 'evt_1',
      key: 'acme:evt_1',
      aliases: [],
      tenant: undefined,
      origin: 'delivery',
      type: 'order.paid',
      createdAt: new Date(clock.now()),
      data: { amount: 5 },
      payload,
      rawBody: Buffer.from(JSON.stringify(payload)),
      fetch: expect.any(Function),
    })
    expect(context).toMatchObject({ attempt: 1, provider: 'acme' })
    expect(context.signal.aborted).toBe(false)
  })

  test('unknown fields are there, in the data and beside it', async () => {
    const { receiver, send } = acmeReceiver()
    const handler = vi.fn()
    receiver.onEvent('order.paid', ({ data, payload }) => handler(data, payload.trace))
    expect(await send({ data: { amount: 5, currency: 'EUR' }, trace: 'abc' })).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(handler.mock.calls).toEqual([[{ amount: 5, currency: 'EUR' }, 'abc']])
  })

  test('an integer that JavaScript can’t hold is exact in the raw body', async () => {
    const { receiver, clock } = acmeReceiver()
    const handler = vi.fn()
    receiver.onAnyEvent(({ rawBody }) => handler(Buffer.from(rawBody).toString()))
    const body = `{"id":"evt_1","type":"order.paid","at":${clock.now()},"data":{"amount":9007199254740993}}`
    await receiver.receive(signedPost(body))
    await receiver.idle()
    expect(handler.mock.calls).toEqual([[body]])
  })

  test('a byte order mark ahead of the JSON is passed over', async () => {
    const { receiver, clock } = acmeReceiver()
    const body = `\ufeff{"id":"evt_1","type":"order.paid","at":${clock.now()}}`
    expect(await receiver.receive(signedPost(body))).toMatchObject({ status: 200 })
  })

  test('the data is what the schema makes of it', async () => {
    const doubling = {
      '~standard': {
        version: 1,
        vendor: 'hand-made',
        validate: async (value: unknown) => ({ value: { amount: 2 * (value as { amount: number }).amount } }),
      },
    } as const
    const provider = acme({ secret: acmeSecret, events: { ...acmeEvents, 'order.paid': doubling } })
    const { receiver, send } = acmeReceiver({ provider })
    const handler = vi.fn()
    receiver.onEvent('order.paid', ({ data, payload }) => handler(data, payload.data))
    await send()
    await receiver.idle()
    expect(handler.mock.calls).toEqual([[{ amount: 10 }, { amount: 5 }]])
  })

  test('the data is where the provider says', async () => {
    const provider = acme({ secret: acmeSecret, readData: ({ result }) => result })
    const { receiver, send } = acmeReceiver({ provider })
    const handler = vi.fn()
    receiver.onEvent('order.paid', ({ data }) => handler(data))
    await send({ result: { amount: 7 } })
    await receiver.idle()
    expect(handler.mock.calls).toEqual([[{ amount: 7 }]])
  })

  test('the logger of the context says of which event and attempt it speaks', async () => {
    const { receiver, send, log } = acmeReceiver()
    receiver.onEvent('order.paid', (_, { logger }) => logger.info({ more: 1 }, 'hello'))
    await send()
    await receiver.idle()
    expect(log.at('info')).toEqual([
      {
        level: 'info',
        details: { provider: 'acme', type: 'order.paid', id: 'evt_1', attempt: 1, more: 1 },
        message: 'hello',
      },
    ])
  })
})

describe('data of a known type that does not fit its schema', () => {
  test('is acknowledged and becomes a dead letter with the reasons, and no handler sees it', async () => {
    const { receiver, send, observed, log } = acmeReceiver()
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler).onAnyEvent(handler).onUnhandledEvent(handler)
    expect(await send({ data: { amount: 'five' } })).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(handler).not.toHaveBeenCalled()
    const kept = await receiver.inbox.get('acme:evt_1')
    expect(kept).toMatchObject({
      state: 'dead',
      attempt: 1,
      failures: [
        { handler: null, code: 'invalid_data', message: expect.stringContaining('amount: expected number') },
      ],
    })
    expect(observed.dead).toMatchObject([{ id: 'evt_1', attempt: 1, failures: [{ code: 'invalid_data' }] }])
    expect(observed.handled).toEqual([])
    expect(log.at('error')).toMatchObject([{ details: { failures: [{ code: 'invalid_data' }] } }])
  })

  test.each([undefined, null, 'text', 5, []])('is told apart where it is %o', async (data) => {
    const { receiver, send, observed } = acmeReceiver()
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    await send({ data })
    await receiver.idle()
    expect(handler).not.toHaveBeenCalled()
    expect(observed.dead).toHaveLength(1)
  })

  test('is checked again when it is redriven, by then perhaps against another schema', async () => {
    let fits = false
    const patched = {
      '~standard': {
        version: 1,
        vendor: 'hand-made',
        validate: (value: unknown) =>
          fits ? { value: value as { amount: number } } : { issues: [{ message: 'no' }] },
      },
    } as const
    const provider = acme({ secret: acmeSecret, events: { ...acmeEvents, 'order.paid': patched } })
    const { receiver, send } = acmeReceiver({ provider })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    await send()
    await receiver.idle()
    expect(handler).not.toHaveBeenCalled()
    fits = true
    expect(await receiver.redrive('acme:evt_1')).toBe(true)
    await receiver.idle()
    expect(handler).toHaveBeenCalledOnce()
  })
})

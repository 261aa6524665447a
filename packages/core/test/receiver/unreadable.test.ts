import { createHash } from 'node:crypto'
import { type Delivery, InvalidEnvelope, memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeSecret, post, readAcmeEnvelope, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

function payload(changed: object): Delivery {
  return signedPost(JSON.stringify({ ...paidOrder(start), ...changed }))
}

const deliveries: Record<string, Delivery> = {
  'a body that is not UTF-8': signedPost(Buffer.from([0x22, 0xff, 0x22])),
  'a body that is not JSON': signedPost('{"id":'),
  'an empty body': signedPost(''),
  'a JSON array': signedPost('[]'),
  'a JSON null': signedPost('null'),
  'a JSON string': signedPost('"text"'),
  'a payload without an id': payload({ id: undefined }),
  'a payload without a type': payload({ type: undefined }),
  'a payload without a time': payload({ at: undefined }),
}

const received = { status: 200, body: '{"received":true}' }
const refused = { status: 400, body: '{"error":"invalid_payload"}' }

describe('an authentic body that can not be read:', () => {
  test.each(Object.entries(deliveries))(
    '%s is held under the digest of its body, and no handler sees it',
    async (_, delivery) => {
      const { receiver, observed, log } = acmeReceiver()
      const handler = vi.fn()
      receiver.onAnyEvent(handler)
      expect(await receiver.receive(delivery)).toMatchObject(received)
      await receiver.idle()
      expect(handler).not.toHaveBeenCalled()
      const rawBody = Buffer.from(await delivery.readBody(1024))
      const id = createHash('sha256').update(rawBody).digest('hex')
      const about = { id, type: 'unreadable', key: `acme:unreadable:${id}` }
      expect(observed.accepted).toMatchObject([about])
      expect(observed.dead).toMatchObject([{ ...about, failures: [{ handler: null, code: 'unreadable' }] }])
      expect(observed.rejected).toEqual([])
      expect(log.at('error')).toMatchObject([{ message: expect.stringContaining('dead letter') }])
      expect(await receiver.inbox.get(about.key)).toMatchObject({
        ...about,
        state: 'dead',
        unreadable: true,
        rawBody,
        failures: [{ code: 'unreadable' }],
      })
    },
  )

  test('sent again, it is a duplicate', async () => {
    const { receiver, observed, log } = acmeReceiver()
    for (let delivery = 0; delivery < 2; delivery++)
      expect(await receiver.receive(signedPost('{"id":'))).toMatchObject(received)
    expect(observed.duplicate).toMatchObject([{ type: 'unreadable', conflict: false }])
    expect(observed.dead, 'it is a dead letter once').toHaveLength(1)
    expect(log.lines).toHaveLength(1)
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
  })

  test('what the inbox does not hold is not acknowledged', async () => {
    const put = () => Promise.reject(new Error('the disk is full'))
    const { receiver } = acmeReceiver({ inbox: inboxInFront(memoryInbox(), { put }) })
    expect(await receiver.receive(signedPost('{"id":'))).toMatchObject({ status: 503 })
  })

  test('whose reason is long is kept with the first 4,096 characters of it', async () => {
    const readEnvelope = () => {
      throw new InvalidEnvelope('x'.repeat(5_000))
    }
    const { receiver, observed } = acmeReceiver({ provider: acme({ secret: acmeSecret, readEnvelope }) })
    await receiver.receive(signedPost('{}'))
    const [message = ''] = observed.dead.flatMap(({ failures }) => failures.map(({ message }) => message))
    expect(message).toBe(`the body is authentic, but ${'x'.repeat(5_000)}`.slice(0, 4_096))
  })

  test('of a sender that does not sign is refused', async () => {
    const { receiver, observed, log } = acmeReceiver({ provider: acme({ allowUnsigned: true }) })
    expect(await receiver.receive(post('{"id":'))).toMatchObject(refused)
    expect(log.at('warn').at(-1), 'the log has the cause').toMatchObject({
      message: expect.stringContaining('the body is of a sender that does not sign, and '),
      details: { code: 'invalid_payload', err: expect.any(Error) },
    })
    expect(observed.rejected).toMatchObject([{ code: 'invalid_payload' }])
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })

  test('is refused with after-handlers on an inbox that is not durable, as the sender is who keeps it', async () => {
    const { receiver } = acmeReceiver({ acknowledge: 'after-handlers' })
    expect(await receiver.receive(signedPost('{"id":'))).toMatchObject(refused)
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })

  test('is held with after-handlers on a durable inbox', async () => {
    const inbox = inboxInFront(memoryInbox(), { durable: true })
    const { receiver } = acmeReceiver({ acknowledge: 'after-handlers', inbox })
    expect(await receiver.receive(signedPost('{"id":'))).toMatchObject(received)
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
  })
})

describe('a redriven body', () => {
  /** Reads what the definition of before could not: the type is in a header. */
  const mended = acme({
    secret: acmeSecret,
    readEnvelope: ({ id, at }, headers) =>
      readAcmeEnvelope({ id, at, type: headers.get('x-acme-type') ?? undefined }),
  })
  const impatient = acme({
    secret: acmeSecret,
    readEnvelope(body, headers) {
      headers.get('x-acme-type')
      return readAcmeEnvelope(body)
    },
  })
  const { type: _, ...withoutType } = paidOrder(start)
  const signed = signedPost(JSON.stringify(withoutType))
  const delivery: Delivery = {
    ...signed,
    url: '/hooks/acme?tenant=1',
    headers: new Headers({
      ...Object.fromEntries(signed.headers as Headers),
      'x-acme-type': 'order.paid',
      cookie: 'secret',
    }),
  }

  /** An inbox that holds the unreadable body, and its key. */
  async function holding() {
    const inbox = memoryInbox()
    const { receiver } = acmeReceiver({
      inbox: inboxInFront(inbox, { close: async () => {} }),
      provider: impatient,
    })
    await receiver.receive(delivery)
    const [held] = (await inbox.list({ state: 'dead' })).items
    await receiver.stop()
    return { inbox, key: held?.key ?? '', held }
  }

  test('was kept with the URL and the headers that its definition reads, and no others', async () => {
    const { held } = await holding()
    expect(held?.request).toEqual({
      url: '/hooks/acme?tenant=1',
      headers: { 'x-acme-signature': expect.any(String), 'x-acme-type': 'order.paid' },
    })
  })

  test('was kept with no header that is not there, and with those that depend on URL or body', async () => {
    const inbox = memoryInbox()
    const provider = acme({
      secret: acmeSecret,
      readSignature(headers, { method, url }) {
        headers.get(`x-acme-${method}-${url.length}`)
        return { digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')] }
      },
      readEnvelope({ names }, headers) {
        for (const name of names as string[]) headers.get(name)
        throw new InvalidEnvelope('it is of no use')
      },
    })
    const body = JSON.stringify({ names: ['X-Acme-Type', 'x-acme-null', 'x-acme-undefined'] })
    const given: Record<string, string | null> = {
      'x-acme-signature': signedPost(body).headers.get('x-acme-signature') ?? '',
      'x-acme-POST-1': 'of the request',
      'X-Acme-Type': 'of the body',
      'x-acme-null': null,
    }
    const { receiver } = acmeReceiver({ inbox, provider })
    await receiver.receive({ ...post(body), url: '/', headers: { get: (name) => given[name] } })
    const [held] = (await inbox.list({ state: 'dead' })).items
    expect(held?.request).toStrictEqual({
      url: '/',
      headers: {
        'x-acme-signature': given['x-acme-signature'],
        'x-acme-post-1': 'of the request',
        'x-acme-type': 'of the body',
      },
    })
  })

  test('that can be read by now is put under its real key, and handled', async () => {
    const { inbox, key } = await holding()
    const { receiver, observed } = acmeReceiver({ inbox, provider: mended })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    expect(await receiver.redrive(key)).toBe(true)
    await receiver.idle()
    expect(handler).toHaveBeenCalledOnce()
    expect(handler.mock.calls[0]?.[0]).toMatchObject({ id: 'evt_1', type: 'order.paid', data: { amount: 5 } })
    expect(observed.handled).toMatchObject([{ key: 'acme:evt_1' }])
    expect(await inbox.counts()).toEqual(emptyCounts)
    expect(await receiver.receive(delivery)).toMatchObject(received)
    expect(observed.duplicate, 'its real key is remembered').toMatchObject([
      { key: 'acme:evt_1', conflict: false },
    ])
  })

  test('whose event came in the meantime ends as handled', async () => {
    const { inbox, key } = await holding()
    const { receiver } = acmeReceiver({ inbox, provider: mended })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    expect(await receiver.receive(delivery)).toMatchObject(received)
    await receiver.redrive(key)
    await receiver.idle()
    expect(handler).toHaveBeenCalledOnce()
    expect(await inbox.counts()).toEqual(emptyCounts)
  })

  test('that still can not be read is a dead letter again', async () => {
    const { inbox, key } = await holding()
    const { receiver } = acmeReceiver({ inbox, provider: impatient })
    receiver.onEvent('order.paid', () => {})
    await receiver.redrive(key)
    await receiver.idle()
    expect(await inbox.get(key)).toMatchObject({ state: 'dead', failures: [{ code: 'unreadable' }] })
  })
})

describe('a provider that hands on what the sender left out', () => {
  const time = new Date(start)
  const named = { id: 'a', type: 'a' }
  test.each<[string, unknown, string]>([
    ['without a type', { id: 'a', type: undefined, createdAt: time }, 'it has no type'],
    ['with an empty type', { id: 'a', type: '', createdAt: time }, 'it has no type'],
    ['with an empty id', { id: '', type: 'a', createdAt: time }, 'its id is not a string'],
    ['with an id that is no text', { id: 5, type: 'a', createdAt: time }, 'its id is not a string'],
    ['with a time that is a text', { ...named, createdAt: '2026-01-01' }, 'its time is not a Date'],
    ['with a time that can’t be read', { ...named, createdAt: new Date('x') }, 'its time is not readable'],
    ['that is null', null, 'readEnvelope returned null'],
    ['that is undefined', undefined, 'readEnvelope returned undefined'],
    ['that is a text', 'evt_1', 'readEnvelope returned string'],
  ])('an envelope %s is taken for unreadable, and it is said why', async (_, envelope, reason) => {
    const provider = acme({ secret: acmeSecret, readEnvelope: () => envelope as never })
    const { send, observed } = acmeReceiver({ provider })
    expect(await send()).toMatchObject(received)
    expect(observed.dead).toMatchObject([
      { type: 'unreadable', failures: [{ message: `the body is authentic, but ${reason}` }] },
    ])
  })
})

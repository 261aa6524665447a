import { createHmac } from 'node:crypto'
import {
  type BodyKind,
  createReceiver,
  decodeJson,
  defineProvider,
  type JsonObject,
  memoryInbox,
  readForm,
  readHexDigest,
  requireId,
} from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import {
  feedReceiver,
  heldUnreadable,
  keepHandled,
  received,
} from '@hookport/testkit/receivers/feed-receiver'
import { describe, expect, test } from 'vitest'

const secret = 'secret'
type Body = BodyKind | ((rawBody: Uint8Array) => JsonObject)

const sender = (body?: Body) =>
  defineProvider({
    name: 'acme',
    secret,
    retryHorizon: 0,
    events: {},
    signatureHeaders: ['x-acme-signature'],
    readSignature(headers) {
      const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
      return digest ? { digests: [digest] } : 'malformed'
    },
    readEnvelope: (payload) => ({
      id: Array.isArray(payload) ? undefined : requireId(payload, 'id'),
      type: 'event',
      createdAt: undefined,
    }),
    readData: (payload) => payload,
    ...(body && { body }),
  })

function receiving(body?: Body, inbox = memoryInbox()) {
  const fed = feedReceiver(createReceiver({ provider: sender(body), inbox }))
  const send = async (text: string) => {
    const signature = createHmac('sha256', secret).update(text).digest('hex')
    const headers = { 'x-acme-signature': signature }
    return fed.deliver({ method: 'POST', headers, body: Buffer.from(text) })
  }
  return { ...fed, send }
}

const texts = (handled: readonly { rawBody: Uint8Array }[]) =>
  handled.map(({ rawBody }) => Buffer.from(rawBody).toString())

test('ids beyond 2^53 are told apart', async () => {
  const { send, handled } = receiving()
  await send('{"id":9007199254740992}')
  await send('{"id":9007199254740993}')
  await send('{ "id": 9007199254740993 }')
  expect(handled.map(({ id }) => id)).toEqual(['9007199254740992', '9007199254740993'])
})

describe('events', () => {
  test('in an array are taken on together, each with its own part of the body', async () => {
    const { send, handled } = receiving('events')
    expect(await send('[{"id":1,"n":1.0}, {"id":9007199254740993}]')).toEqual(received)
    expect(handled.map(({ id }) => id)).toEqual(['1', '9007199254740993'])
    expect(texts(handled)).toEqual(['{"id":1,"n":1.0}', '{"id":9007199254740993}'])
    expect(handled.map(({ payload }) => payload.id)).toEqual([1, 9007199254740992])
  })

  test('that came before are duplicates, the new ones among them are not', async () => {
    const { send, handled } = receiving('events')
    await send('[{"id":1}]')
    await send('[{"id":1},{"id":2}]')
    expect(handled.map(({ id }) => id)).toEqual(['1', '2'])
  })

  test('are acknowledged only once all are held', async () => {
    const kept: string[] = []
    let isFull = true
    const inbox = memoryInbox()
    const full = inboxInFront(inbox, {
      put(event, options) {
        if (isFull && event.id === '2') throw new Error('full')
        kept.push(event.id)
        return inbox.put(event, options)
      },
    })
    const { send, handled } = receiving('events', full)
    expect(await send('[{"id":1},{"id":2},{"id":3}]')).toMatchObject({ status: 503 })
    isFull = false
    expect(await send('[{"id":1},{"id":2},{"id":3}]')).toEqual(received)
    expect(new Set(kept)).toEqual(new Set(['1', '2', '3']))
    expect(handled.map(({ id }) => id).sort()).toEqual(['1', '2', '3'])
  })

  test('an empty array is none, and a single object is one', async () => {
    const { send, handled } = receiving('events')
    expect(await send('[]')).toEqual(received)
    expect(await send('{"id":1}')).toEqual(received)
    expect(handled.map(({ id }) => id)).toEqual(['1'])
  })
})

test('json: a payload may be an array', async () => {
  const { send, handled } = receiving('json')
  expect(await send('[{"id":1},{"id":2}]')).toEqual(received)
  expect(handled.map(({ data }) => data)).toEqual([[{ id: 1 }, { id: 2 }]])
})

describe('a form', () => {
  test('is its fields by their names; those that come again are lists', async () => {
    const { send, handled } = receiving('form')
    expect(await send('id=m+1&text=gr%C3%B6%C3%9Fer&n=1&n=2&n=3&empty=')).toEqual(received)
    expect(handled.map(({ id, data }) => [id, data])).toEqual([
      ['m 1', { id: 'm 1', text: 'größer', n: ['1', '2', '3'], empty: '' }],
    ])
  })

  test('is read as one again by the process that handles it', async () => {
    const inbox = inboxInFront(memoryInbox(), { close: async () => {}, durable: true })
    const accepting = createReceiver({ provider: sender('form'), inbox, consume: false })
    const body = Buffer.from('id=1&text=a+b')
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    const headers = new Headers({ 'x-acme-signature': signature })
    await accepting.receive({ method: 'POST', url: '/', headers, readBody: () => body })
    await accepting.stop()
    const handling = createReceiver({ provider: sender('form'), inbox })
    const handled = keepHandled(handling)
    await handling.idle()
    expect(handled.map(({ data }) => data)).toEqual([{ id: '1', text: 'a b' }])
  })

  test('may have a field of any name', async () => {
    const { send, handled } = receiving('form')
    expect(await send('id=1&__proto__=x&constructor=y&0=z')).toEqual(received)
    const [event] = handled
    expect(Object.entries(event?.payload ?? {})).toEqual([
      ['0', 'z'],
      ['id', '1'],
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect('x' in {}).toBe(false)
  })

  test('of more than 1,000 fields is not read', async () => {
    const { send, handled } = receiving('form')
    expect(await send(`id=1${'&a=1'.repeat(999)}`)).toEqual(received)
    expect(await send(`id=2${'&a=1'.repeat(1_000)}`)).toEqual(heldUnreadable)
    expect(handled.map(({ id }) => id)).toEqual(['1'])
  })
})

test('a definition may read bodies by itself', async () => {
  const { send, handled } = receiving((rawBody) => {
    const { payload } = readForm(rawBody)
    return decodeJson(Buffer.from(String(payload))) as JsonObject
  })
  expect(await send('payload=%7B%22id%22%3A1%7D')).toEqual(received)
  expect(await send('payload=nothing')).toEqual(heldUnreadable)
  expect(handled.map(({ id }) => id)).toEqual(['1'])
})

test('each function of a definition may be a method of it', async () => {
  class Acme {
    readonly name = 'acme'
    readonly retryHorizon = 0
    readonly events = {}
    readonly signatureHeaders = ['x-acme-signature']
    readonly #salt = 'salted '
    readonly #secret = secret
    secret() {
      return this.#secret
    }
    decodeSecret(text: string) {
      return new TextEncoder().encode(this.#salt + text)
    }
    body(rawBody: Uint8Array): JsonObject {
      return { id: this.name, read: decodeJson(rawBody) }
    }
    readSignature(headers: { get(name: string): string | null | undefined }) {
      const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
      return digest ? { digests: [digest] } : 'missing'
    }
    readEnvelope({ id }: JsonObject) {
      return { id: `${id} of ${this.name}`, type: 'a.b', createdAt: new Date() }
    }
  }
  const receiver = createReceiver({ provider: defineProvider(new Acme()), logger: false })
  const seen: unknown[] = []
  receiver.onAnyEvent(({ id, payload }) => void seen.push([id, payload]))
  const body = Buffer.from('[1]')
  const signature = createHmac('sha256', `salted ${secret}`).update(body).digest('hex')
  const headers = new Headers({ 'x-acme-signature': signature })
  await receiver.receive({ method: 'POST', url: '/', headers, readBody: () => body })
  await receiver.idle()
  expect(seen).toEqual([['acme of acme', { id: 'acme', read: [1] }]])
  await receiver.stop()
})

describe('an authentic body of an odd shape pollutes nothing', () => {
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`

  test.each<[string, string, unknown]>([
    ['nested 100,000 deep', `{"id":1,"deep":${deep}}`, undefined],
    ['with __proto__', '{"id":1,"__proto__":{"admin":true}}', undefined],
    ['with keys that are there twice', '{"id":7,"id":1,"a":1,"a":2}', { id: 1, a: 2 }],
    ['with keys that look like numbers', '{"id":1,"1":"b","0":"a"}', { 0: 'a', 1: 'b', id: 1 }],
    ['with a constructor', '{"id":1,"constructor":{"prototype":{"admin":true}}}', undefined],
  ])('%s', async (_, text, data) => {
    const { send, handled } = receiving()
    expect(await send(text)).toEqual(received)
    expect(texts(handled)).toEqual([text])
    expect(handled.map(({ id }) => id)).toEqual(['1'])
    if (data !== undefined) expect(handled.map((event) => event.data)).toEqual([data])
    expect('admin' in {}).toBe(false)
    expect(Object.getPrototypeOf(handled[0]?.payload)).toBe(Object.prototype)
  })
})

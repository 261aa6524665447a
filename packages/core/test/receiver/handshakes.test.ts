import { createHash, createHmac } from 'node:crypto'
import { type Delivery, type Handshake, InvalidEnvelope, type Reply } from '@hookport/core'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeSecret, post, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

/** A receiver whose inbox tells what it was asked. */
function receiverWith(handshake: Handshake, options: Parameters<typeof acme>[0] = { secret: acmeSecret }) {
  const { receiver, log } = acmeReceiver({ provider: acme({ ...options, handshake }) })
  const asked = (['put', 'claim'] as const).map((name) => vi.spyOn(receiver.inbox, name))
  return {
    log,
    receive: (delivery: Delivery) => receiver.receive(delivery),
    inboxWasAsked: () => asked.some((spy) => spy.mock.calls.length > 0),
  }
}

const request = (method: string, url: string, headers: Record<string, string> = {}): Delivery => ({
  method,
  url,
  headers: new Headers(headers),
  readBody: () => {
    throw new Error('nobody reads the body of a handshake')
  },
})
const told = ({ status, body }: Reply) => [status, body]

/** As Meta asks. */
const byGet: Handshake = {
  get({ query, equals }) {
    if (!equals(query.get('verify_token'), 'the token')) return undefined
    return { body: query.get('challenge') ?? '' }
  },
}

describe('a GET', () => {
  test('is answered as the definition says, and never as a page', async () => {
    const { receive, inboxWasAsked } = receiverWith(byGet)
    const reply = await receive(request('GET', '/hook?verify_token=the+token&challenge=%3Cscript%3E'))
    expect(reply).toEqual({
      status: 200,
      body: '<script>',
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-length': '8',
        'x-content-type-options': 'nosniff',
      },
    })
    expect(inboxWasAsked()).toBe(false)
  })

  test.each(['', '?verify_token=', '?verify_token=the+toke', '?verify_token=the+token2', '?challenge=1'])(
    'with %j is none: 405',
    async (query) => {
      const { receive } = receiverWith(byGet)
      expect((await receive(request('GET', `/hook${query}`))).status).toBe(405)
    },
  )

  test.each([
    ['/hook', []],
    ['/?', []],
    ['?a=1', [['a', '1']]],
    ['/?a=1', [['a', '1']]],
    ['/hook?b=%3F?', [['b', '??']]],
  ])('to %j has the query %j', async (url, expected) => {
    const asked: unknown[] = []
    const { receive } = receiverWith({
      get({ query }) {
        asked.push([...query])
        return undefined
      },
    })
    await receive(request('GET', url))
    expect(asked).toEqual([expected])
  })

  test('without a token, or where none is configured, has none that equals any text, not even one written like it', async () => {
    const given: boolean[] = []
    const { receive } = receiverWith({
      get({ query, equals }) {
        given.push(equals(query.get('verify_token'), 'null'), equals(undefined, ''))
        for (const unset of ['', undefined as unknown as string])
          given.push(equals(query.get('empty'), unset))
        return undefined
      },
    })
    await receive(request('GET', '/hook?empty='))
    expect(given).toEqual([false, false, false, false])
  })

  test('of a sender without such a handshake is 405', async () => {
    const { receive } = receiverWith({})
    expect((await receive(request('GET', '/hook?challenge=1'))).status).toBe(405)
    expect((await receive(request('toString', '/hook'))).status).toBe(405)
  })
})

test('an OPTIONS is answered where the sender does not sign', async () => {
  const handshake: Handshake = {
    options: ({ headers }) => ({
      headers: { 'webhook-allowed-origin': headers.get('webhook-request-origin') ?? '*', allow: 'POST' },
    }),
  }
  const { receive } = receiverWith(handshake, { allowUnsigned: true })
  expect(await receive(request('OPTIONS', '/', { 'WebHook-Request-Origin': 'example.com' }))).toEqual({
    status: 200,
    body: '',
    headers: { 'webhook-allowed-origin': 'example.com', allow: 'POST' },
  })
})

test('a GET that the definition finds to be no handshake is 400, and the log says why', async () => {
  const { receive, log } = receiverWith({
    get() {
      throw new InvalidEnvelope('its challenge is missing')
    },
  })
  expect(told(await receive(request('GET', '/hook')))).toEqual([400, '{"error":"invalid_payload"}'])
  expect(log.lines).toMatchObject([
    {
      message: 'delivery refused: the GET is not a handshake: its challenge is missing',
      details: { err: { message: 'its challenge is missing' } },
    },
  ])
})

test('a handshake by OPTIONS answers no other method', async () => {
  const options = vi.fn(() => ({ body: 'a handshake' }))
  const { receive, inboxWasAsked } = receiverWith({ options }, { allowUnsigned: true })
  const event = { id: 'evt_1', type: 'order.paid', at: start, data: { amount: 1 } }
  expect(told(await receive(post(JSON.stringify(event))))).toEqual([200, '{"received":true}'])
  expect((await receive(request('PUT', '/'))).status).toBe(405)
  expect(options).not.toHaveBeenCalled()
  expect(inboxWasAsked()).toBe(true)
})

/** As Slack and Zoom ask. */
const byPost: Handshake = {
  async post({ type, challenge, token, encoding = 'hex' }, { sign }) {
    if (type === 'url_verification') return { body: String(challenge) }
    if (type === 'url_validation') return { body: await sign(token, encoding as 'hex' | 'base64') }
    return undefined
  },
}

describe('a challenge', () => {
  const challenge = JSON.stringify({ type: 'url_verification', challenge: 'größer 🦖' })

  test('that is signed is answered, and goes no further', async () => {
    const { receive, inboxWasAsked } = receiverWith(byPost)
    expect(told(await receive(signedPost(challenge)))).toEqual([200, 'größer 🦖'])
    expect(inboxWasAsked()).toBe(false)
  })

  test.each([
    ['without a signature', post(challenge), 401],
    ['signed with another secret', signedPost(challenge, 'another'), 401],
  ])('%s is refused as any delivery', async (_, delivery, status) => {
    const { receive, inboxWasAsked } = receiverWith(byPost)
    expect((await receive(delivery)).status).toBe(status)
    expect(inboxWasAsked()).toBe(false)
  })

  test('that has to be signed is signed with the key that it came under', async () => {
    const secrets = ['new', 'old']
    const { receive } = receiverWith(byPost, { secret: secrets })
    const body = JSON.stringify({ type: 'url_validation', token: 'qgg8vlvZRS6UYooatFL8Aw' })
    for (const secret of secrets) {
      const expected = createHmac('sha256', secret).update('qgg8vlvZRS6UYooatFL8Aw').digest('hex')
      expect(told(await receive(signedPost(body, secret)))).toEqual([200, expected])
    }
  })

  test('is signed in hex or in base64, as the definition says', async () => {
    const { receive } = receiverWith(byPost)
    for (const encoding of ['hex', 'base64'] as const) {
      const body = JSON.stringify({ type: 'url_validation', token: 'abc', encoding })
      const expected = createHmac('sha256', acmeSecret).update('abc').digest(encoding)
      expect(told(await receive(signedPost(body)))).toEqual([200, expected])
    }
  })

  // What is signed like this would be a delivery.
  test.each([
    JSON.stringify({ id: 'evt_1', type: 'order.paid', at: 0, data: { amount: 1 } }),
    '{}',
    '[]',
    '"text"',
    'v0:1700000000:{}',
    '1700000000.{}',
    'a=b',
    'a%20b',
    'https://example.com/hook',
    '',
    'x'.repeat(257),
    7,
    null,
    { toString: () => 'x' },
    ['x'],
  ])('no text is signed that is not a token: %j', async (token) => {
    const { receive, inboxWasAsked, log } = receiverWith(byPost)
    const reply = await receive(signedPost(JSON.stringify({ type: 'url_validation', token })))
    expect(told(reply)).toEqual([400, '{"error":"invalid_payload"}'])
    expect(reply.body).not.toContain(sign(String(token)))
    const reason = 'its challenge is not a token of 1 to 256 letters, digits, _ and -'
    expect(log.lines).toMatchObject([
      {
        message: `delivery refused: the body is authentic, but ${reason}`,
        details: { err: { message: reason } },
      },
    ])
    expect(inboxWasAsked()).toBe(false)
  })

  test('nothing is signed for a sender that does not sign', async () => {
    const { receive, log } = receiverWith(byPost, { allowUnsigned: true })
    const reply = await receive(post(JSON.stringify({ type: 'url_validation', token: 'abc' })))
    expect(reply.status).toBe(500)
    expect(log.at('error')[0]?.message).toContain(
      'acme: handshake.post signs, but there is no HMAC to sign with',
    )
    expect(told(await receive(post(challenge)))).toEqual([200, 'größer 🦖'])
  })

  test('what is none is taken on', async () => {
    const { receive, inboxWasAsked } = receiverWith(byPost)
    const event = { id: 'evt_1', type: 'order.paid', at: Date.UTC(2026, 0, 1), data: { amount: 1 } }
    expect(told(await receive(signedPost(JSON.stringify(event))))).toEqual([200, '{"received":true}'])
    expect(inboxWasAsked()).toBe(true)
  })
})

describe('with such a handshake, an authentic body that is no challenge is taken on as any is:', () => {
  test.each<[string, string, unknown]>([
    ['one that is not JSON', '{"id":', 'object'],
    ['one that a definition reads as null', '{}', () => null],
    ['one that a definition reads as undefined', '{}', () => undefined],
    ['one that a definition reads as text', '{}', () => 'text'],
  ])('%s is held as unreadable', async (_, text, body) => {
    const { receiver, observed } = acmeReceiver({
      provider: acme({ secret: acmeSecret, handshake: byPost, body } as never),
    })
    expect(told(await receiver.receive(signedPost(text)))).toEqual([200, '{"received":true}'])
    expect(observed.dead).toMatchObject([{ type: 'unreadable' }])
  })

  test('the time of one that has a faulty one is no matter of the handshake', async () => {
    const readEnvelope = () => ({ id: 'evt_1', type: 'order.paid', createdAt: '2026-01-01' as never })
    const { receiver, observed } = acmeReceiver({
      provider: acme({ secret: acmeSecret, handshake: byPost, readEnvelope }),
    })
    expect(told(await receiver.receive(signedPost('{}')))).toEqual([200, '{"received":true}'])
    expect(observed.dead).toMatchObject([{ failures: [{ message: expect.stringContaining('not a Date') }] }])
  })
})

describe('a challenge that is old is refused, as a delivery is that is as old', () => {
  const challenge = JSON.stringify({ type: 'url_verification', challenge: 'x', id: '1', at: start - 600_000 })
  const stale = [400, '{"error":"stale_event"}']
  const readSignature = (signedAt: number, maxAge?: number) => () => ({
    digests: [Buffer.from(sign(challenge), 'hex')],
    signedAt,
    ...(maxAge !== undefined && { maxAge }),
  })
  const ask = async (options: Partial<Parameters<typeof acme>[0]>, body = challenge) => {
    const { receive, inboxWasAsked } = receiverWith(byPost, { secret: acmeSecret, ...options } as never)
    const reply = told(await receive(signedPost(body)))
    expect(inboxWasAsked()).toBe(false)
    return reply
  }

  test('by the time of its signature', async () => {
    expect(await ask({ readSignature: readSignature(start - 299_000, 300_000) })).toEqual([200, 'x'])
    expect(await ask({ readSignature: readSignature(start - 300_000, 300_000) })).toEqual(stale)
    expect(await ask({ readSignature: readSignature(start - 4 * 24 * 3600_000) })).toEqual(stale)
    expect(await ask({ readSignature: readSignature(start + 301_000, 300_000) })).toEqual(stale)
  })

  test('by the time in its body, where the signature has none', async () => {
    const at = (time: number) => JSON.stringify({ ...JSON.parse(challenge), at: time })
    expect(await ask({}, at(start - 600_000))).toEqual([200, 'x'])
    expect(await ask({}, at(start - 4 * 24 * 3600_000))).toEqual(stale)
    expect(await ask({}, JSON.stringify({ type: 'url_verification', challenge: 'x' }))).toEqual([200, 'x'])
  })
})

// A definition that has no text ahead of the body: the HMAC of a token is then a signature over a body that is the token.
describe.each(['object', 'json', 'events', 'form', 'a function'] as const)(
  'what a handshake has had signed is no delivery, with bodies that are %s',
  (kind) => {
    const body = kind === 'a function' ? (bytes: Uint8Array) => ({ bytes }) : kind
    const readEnvelope = () => ({ id: undefined, type: 'order.paid', createdAt: undefined })

    test.each(['12345', 'true', 'qgg8vlvZRS6UYooatFL8Aw', '_', 'x'.repeat(256)])('%s', async (token) => {
      const { receive, inboxWasAsked } = receiverWith(byPost, {
        secret: acmeSecret,
        readEnvelope,
        body,
      } as never)
      const reply = await receive(signedPost(token))
      expect(told(reply)).toEqual([401, '{"error":"invalid_signature"}'])
      expect(inboxWasAsked()).toBe(false)
    })

    test('nor is it where it may have been signed with a text ahead of it', async () => {
      const { receive, inboxWasAsked } = receiverWith(byPost, {
        secret: acmeSecret,
        readEnvelope,
        body,
        readSignature: (headers: Headers) => ({
          digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')],
          signedPrefix: 'https://acme.example/',
          otherSignedPrefixes: [''],
        }),
      } as never)
      expect((await receive(signedPost('12345'))).status).toBe(401)
      expect(inboxWasAsked()).toBe(false)
    })

    test('nor is it where digits or letters stand ahead of the body', async () => {
      const { receive, inboxWasAsked } = receiverWith(byPost, {
        secret: acmeSecret,
        readEnvelope,
        body,
        readSignature: (headers: Headers) => ({
          digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')],
          signedPrefix: '17000',
        }),
      } as never)
      const delivery = post('00000', { 'x-acme-signature': sign('1700000000') })
      expect((await receive(delivery)).status).toBe(401)
      expect(inboxWasAsked()).toBe(false)
    })
  },
)

test('nor is a form, however long, whose signed fields are such a token', async () => {
  const { receive, inboxWasAsked } = receiverWith(byPost, {
    secret: acmeSecret,
    body: 'form',
    readEnvelope: () => ({ id: undefined, type: 'order.paid', createdAt: undefined }),
    readSignature: (headers) => ({
      digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')],
      signedFields: () => '12345',
    }),
  })
  const delivery = post(`more=${'x'.repeat(300)}`, { 'x-acme-signature': sign('12345') })
  expect(told(await receive(delivery))).toEqual([401, '{"error":"invalid_signature"}'])
  expect(inboxWasAsked()).toBe(false)
})

test.each([10, 10_000])(
  'nor is a body of %i bytes, of which such a token holds the digest',
  async (bytes) => {
    const body = JSON.stringify('x'.repeat(bytes))
    const digest = createHash('sha256').update(body).digest()
    const { receive, inboxWasAsked } = receiverWith(byPost, {
      secret: acmeSecret,
      body: 'json',
      readEnvelope: () => ({ id: undefined, type: 'order.paid', createdAt: undefined }),
      readSignature: (headers) => ({
        digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')],
        signedPrefix: digest.toString('hex'),
        signedBodySha256: digest,
      }),
    })
    const delivery = post(body, { 'x-acme-signature': sign(digest.toString('hex')) })
    expect(told(await receive(delivery))).toEqual([401, '{"error":"invalid_signature"}'])
    expect(inboxWasAsked()).toBe(false)
  },
)

describe('an answer that is no reply of HTTP is told to the operator, and sent to nobody', () => {
  test.each<[string, unknown]>([
    ['the status 99', { status: 99 }],
    ['the status 600', { status: 600 }],
    ['the status 200.5', { status: 200.5 }],
    ['the status "200"', { status: '200' }],
    ['the status 199', { status: 199 }],
    ['a body with the status 204', { status: 204, body: 'x' }],
    ['a body that is a object', { body: { challenge: 1 } }],
    ['a body that is a number', { body: 7 }],
    ['a value for the header x-echo', { headers: { 'x-echo': 'a\r\nset-cookie: b' } }],
    ['a value for the header x-echo', { headers: { 'x-echo': 'a\0' } }],
    ['a value for the header x-echo', { headers: { 'x-echo': 'ключ' } }],
    ['a value for the header x-echo', { headers: { 'x-echo': 7 } }],
    ['the header "X-Echo"', { headers: { 'X-Echo': 'a' } }],
    ['the header "a b"', { headers: { 'a b': 'c' } }],
    ['the header content-length', { headers: { 'content-length': '7' } }],
    ['the header content-length', { headers: { 'x-echo': 'a', 'content-length': '7' } }],
    ['headers that are not an object', { headers: null }],
    ['headers that are not an object', { headers: 'x-echo: a' }],
    ['headers that are a list or a map', { headers: new Headers({ 'x-echo': 'a' }) }],
    ['headers that are a list or a map', { headers: ['x-echo', 'a'] }],
    ['a promise', Promise.resolve({ body: 'x' })],
    ['null', null],
    ['a string', 'challenge'],
  ])('%s', async (found, answer) => {
    for (const method of ['get', 'options', 'post'] as const) {
      if (method === 'post' && found === 'a promise') continue
      const options = method === 'options' ? { allowUnsigned: true } : { secret: acmeSecret }
      const { receive, log } = receiverWith({ [method]: () => answer } as Handshake, options)
      const delivery = method === 'post' ? signedPost('{}') : request(method.toUpperCase(), '/')
      expect(told(await receive(delivery))).toEqual([500, '{"error":"misconfigured"}'])
      expect(log.at('error')[0]?.message).toContain(`acme: handshake.${method} returned ${found}`)
    }
  })

  test('any other is sent as it is: a status that has no body, and the last one that there is', async () => {
    const answers = [{ status: 204 }, { status: 599, body: 'x', headers: { 'x-echo': 'a' } }]
    for (const answer of answers) {
      const { receive } = receiverWith({ get: () => answer })
      expect(await receive(request('GET', '/'))).toMatchObject(answer)
    }
  })

  test('what it throws is told with its name', async () => {
    for (const method of ['get', 'post'] as const) {
      const { receive, log } = receiverWith({
        [method]: () => {
          throw new TypeError('no such thing')
        },
      } as Handshake)
      const reply = await receive(method === 'post' ? signedPost('{}') : request('GET', '/'))
      expect(told(reply)).toEqual([500, '{"error":"misconfigured"}'])
      expect(log.lines).toMatchObject([
        {
          message: `delivery refused: acme: handshake.${method} threw TypeError: no such thing`,
          details: { err: { cause: expect.any(TypeError) } },
        },
      ])
    }
  })
})

import { createHmac } from 'node:crypto'
import type { Delivery, Handshake, Reply } from '@hookport/core'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeSecret, post, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

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

/** As Slack and Zoom ask. */
const byPost: Handshake = {
  async post({ type, challenge, token }, { sign }) {
    if (type === 'url_verification') return { body: String(challenge) }
    if (type === 'url_validation') return { body: await sign(token, 'hex') }
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
    const { receive, inboxWasAsked } = receiverWith(byPost)
    const reply = await receive(signedPost(JSON.stringify({ type: 'url_validation', token })))
    expect(reply.status).not.toBe(200)
    expect(reply.body).not.toContain(sign(String(token)))
    expect(inboxWasAsked()).toBe(false)
  })

  test('nothing is signed for a sender that does not sign', async () => {
    const { receive } = receiverWith(byPost, { allowUnsigned: true })
    const reply = await receive(post(JSON.stringify({ type: 'url_validation', token: 'abc' })))
    expect(reply.status).toBe(503)
    expect(told(await receive(post(challenge)))).toEqual([200, 'größer 🦖'])
  })

  test('what is none is taken on', async () => {
    const { receive, inboxWasAsked } = receiverWith(byPost)
    const event = { id: 'evt_1', type: 'order.paid', at: Date.UTC(2026, 0, 1), data: { amount: 1 } }
    expect(told(await receive(signedPost(JSON.stringify(event))))).toEqual([200, '{"received":true}'])
    expect(inboxWasAsked()).toBe(true)
  })
})

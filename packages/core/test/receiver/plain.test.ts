import { type Delivery, memoryInbox, Refusal, type RefusalCode } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeSecret, post, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const body = JSON.stringify(paidOrder(start))

interface RefusedRow {
  readonly delivery: Delivery
  readonly status: number
  readonly code: RefusalCode
  readonly headers?: Record<string, string>
  readonly level: 'debug' | 'warn' | 'error'
  /** What the log says to do about it. */
  readonly fix?: RegExp
}

function payload(changed: object): Delivery {
  return signedPost(JSON.stringify({ ...paidOrder(start), ...changed }))
}

function readingFails(error: unknown): Delivery {
  return { ...signedPost(body), readBody: () => Promise.reject(error) }
}

const tooLarge = {
  status: 413,
  code: 'payload_too_large',
  headers: { connection: 'close' },
  level: 'warn',
  fix: /raise maxBodyBytes/,
} as const
const unsupported = {
  status: 415,
  code: 'unsupported_encoding',
  level: 'warn',
  fix: /does a proxy in front compress/,
} as const
const notAllowed = {
  status: 405,
  code: 'method_not_allowed',
  headers: { allow: 'POST' },
  level: 'debug',
} as const

const rows: Record<string, RefusedRow> = {
  'no signature': {
    delivery: post(body),
    status: 401,
    code: 'missing_signature',
    level: 'warn',
    fix: /registered with a secret/,
  },
  'a signature that is malformed': {
    delivery: post(body, { 'x-acme-signature': 'sha256=00' }),
    status: 401,
    code: 'invalid_signature',
    level: 'warn',
    fix: /is this URL registered with the provider/,
  },
  'a signature that does not match': {
    delivery: post(body, { 'x-acme-signature': sign('another body') }),
    status: 401,
    code: 'invalid_signature',
    level: 'warn',
    fix: /is the secret the one/,
  },
  'a time too long ago': {
    delivery: payload({ at: start - 3 * 24 * 3_600_000 }),
    status: 400,
    code: 'stale_event',
    level: 'warn',
    fix: /raise maxAge and dedupeWindow/,
  },
  'a time that its definition gives in seconds': {
    delivery: payload({ at: Math.floor(start / 1000) }),
    status: 400,
    code: 'stale_event',
    level: 'warn',
    fix: /a time in seconds/,
  },
  'a time too far ahead': {
    delivery: payload({ at: start + 3_600_000 }),
    status: 400,
    code: 'stale_event',
    level: 'warn',
    fix: /is this machine's clock right/,
  },
  'a time that its definition gives in microseconds': {
    delivery: payload({ at: start * 1000 }),
    status: 400,
    code: 'stale_event',
    level: 'warn',
    fix: /a time in microseconds/,
  },
  'a body over the limit': { delivery: signedPost(Buffer.alloc(1024 * 1024 + 1)), ...tooLarge },
  'gzip as its encoding': { delivery: withHeader('content-encoding', 'gzip'), ...unsupported },
  'two encodings': { delivery: withHeader('content-encoding', 'identity, br'), ...unsupported },
  GET: { delivery: { ...signedPost(body), method: 'GET' }, ...notAllowed },
  PUT: { delivery: { ...signedPost(body), method: 'PUT' }, ...notAllowed },
  HEAD: { delivery: { ...signedPost(body), method: 'HEAD' }, ...notAllowed },
  'a body that someone else consumed': {
    delivery: readingFails(new Refusal('misconfigured', 'the body is gone', { fix: 'mount it earlier' })),
    status: 500,
    code: 'misconfigured',
    level: 'error',
    fix: /^mount it earlier$/,
  },
  'a body that there is no room for': {
    delivery: readingFails(new Refusal('unavailable', 'there is no room', { closesConnection: true })),
    status: 503,
    code: 'unavailable',
    headers: { 'retry-after': '5', connection: 'close' },
    level: 'error',
  },
  'a sender that hung up': {
    delivery: readingFails(new Refusal('request_aborted', 'the sender hung up')),
    status: 400,
    code: 'request_aborted',
    level: 'debug',
  },
  'a body that can’t be read for a reason unforeseen': {
    delivery: readingFails(new Error('surprise')),
    status: 503,
    code: 'unavailable',
    headers: { 'retry-after': '5' },
    level: 'error',
  },
}

function withHeader(name: string, value: string): Delivery {
  return post(body, { 'x-acme-signature': sign(body), [name]: value })
}

describe('a delivery with', () => {
  test.each(Object.entries(rows))(
    '%s is refused: the sender sees the code, the operator the reason, and what to do where it is known',
    async (_, { delivery, status, code, headers = {}, level, fix }) => {
      const { receiver, observed, log } = acmeReceiver()
      const handler = vi.fn()
      receiver.onAnyEvent(handler)
      const reply = await receiver.receive(delivery)
      const replyBody = `{"error":"${code}"}`
      expect(reply).toEqual({
        status,
        body: replyBody,
        headers: {
          'content-type': 'application/json',
          'content-length': String(replyBody.length),
          ...headers,
        },
      })
      expect(observed.rejected).toEqual([{ provider: 'acme', code, status, reason: expect.any(String) }])
      expect(log.lines).toHaveLength(1)
      expect(log.lines[0]).toMatchObject({ level, details: { provider: 'acme', code } })
      expect(log.lines[0]?.message).toContain(observed.rejected[0]?.reason)
      expect(log.lines[0]?.details.fix).toEqual(fix && expect.stringMatching(fix))
      await receiver.idle()
      expect(handler).not.toHaveBeenCalled()
      expect(await receiver.inbox.counts()).toEqual(emptyCounts)
    },
  )
})

describe('a delivery is taken on', () => {
  test.each<[string, Delivery]>([
    ['as JSON', withHeader('content-type', 'application/json')],
    ['as text', withHeader('content-type', 'text/plain')],
    ['without a content type', signedPost(body)],
    ['with the encoding identity', withHeader('content-encoding', 'Identity')],
    ['with an empty encoding', withHeader('content-encoding', '')],
    ['with a body of exactly the limit', signedPost(body.replace('}}', `},"more":"${'x'.repeat(100)}"}`))],
  ])('%s', async (_, delivery) => {
    const maxBodyBytes = (await delivery.readBody(0)).length
    const { receiver } = acmeReceiver({ maxBodyBytes })
    const replyBody = '{"received":true}'
    expect(await receiver.receive(delivery)).toEqual({
      status: 200,
      body: replyBody,
      headers: { 'content-type': 'application/json', 'content-length': String(replyBody.length) },
    })
  })

  test('and the limit is handed to whoever reads the body', async () => {
    const { receiver } = acmeReceiver({ maxBodyBytes: 4_321 })
    const readBody = vi.fn(() => Buffer.from(body))
    expect(await receiver.receive({ ...signedPost(body), readBody })).toMatchObject({ status: 200 })
    expect(readBody.mock.calls).toEqual([
      [4_321, expect.objectContaining({ signal: expect.any(AbortSignal) })],
    ])
  })
})

describe('what is no webhook is refused before its body is read', () => {
  test.each(['GET', 'gzip as its encoding', 'no signature'])('%s', async (name) => {
    const { receiver } = acmeReceiver()
    const readBody = vi.fn(() => Buffer.from(body))
    const delivery = rows[name]?.delivery ?? post('')
    const reply = await receiver.receive({ ...delivery, readBody })
    expect(reply.status).toBe(rows[name]?.status)
    expect(readBody).not.toHaveBeenCalled()
  })
})

describe('nobody sees a secret', () => {
  const secrets = [acmeSecret, 'the-old-secret-of-acme']

  test('in no reply, log line, observation or dead letter', async () => {
    const inbox = memoryInbox()
    const broken = inboxInFront(inbox, {
      put: (event, options) => {
        if (event.id === 'refused by the inbox') throw new Error('disk full')
        return inbox.put(event, options)
      },
    })
    const { receiver, send, observed, log } = acmeReceiver({
      provider: acme({ secret: secrets }),
      inbox: broken,
    })
    receiver.onEvent('order.paid', (_, { logger, attempt }) => {
      logger.info({}, 'handling')
      if (attempt === 1) throw new Error('broken')
    })
    const replies = [await send(), await send(), await send({ id: 'refused by the inbox' })]
    replies.push(await send({ id: 'misfit', data: {} }))
    for (const { delivery } of Object.values(rows)) replies.push(await receiver.receive(delivery))
    await receiver.idle()
    const { observers: _, ...observations } = observed
    const said = [
      log.text(),
      JSON.stringify(replies),
      JSON.stringify(observations),
      JSON.stringify(await inbox.list()),
    ]
    expect(log.lines.length).toBeGreaterThan(Object.keys(rows).length)
    for (const text of said) for (const secret of secrets) expect(text).not.toContain(secret)
  })

  test('nor is the signature that was expected in a log line', async () => {
    const { receiver, log } = acmeReceiver()
    await receiver.receive(post(body, { 'x-acme-signature': sign('another body') }))
    expect(log.lines).toHaveLength(1)
    expect(log.text()).not.toContain(sign(body))
  })

  test('nor in what is thrown for a secret that can’t be used', () => {
    const unusable = [` ${acmeSecret}`, `${acmeSecret}\n`, ['', acmeSecret], [acmeSecret, 5]]
    const messages = unusable.map((secret) => messageOf(() => acme({ secret: secret as never })))
    expect(messages).toHaveLength(unusable.length)
    for (const message of messages) expect(message).not.toContain(acmeSecret)
  })
})

function messageOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    return String(error)
  }
  throw new Error('nothing was thrown')
}

import { IncomingMessage, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { ConfigurationError } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { webWebhooks } from '@hookport/core/web'
import { recordedLogger } from '@hookport/testkit/logs'
import { describe, expect, test } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const body = JSON.stringify(paidOrder(start))
const headers = { 'x-acme-signature': sign(Buffer.from(body)) }
const request = () => new Request('http://localhost/', { method: 'POST', headers, body })

describe('the handler of the Web says what it needs where it is called with', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['the context of Hono', { req: { raw: request(), header: () => undefined } }],
    ['the request of Hono', { raw: request(), method: 'POST', url: 'http://localhost/', arrayBuffer() {} }],
    ['a request of Node', new IncomingMessage(new Socket())],
    ['an event of Lambda', { version: '2.0', rawPath: '/', headers, body }],
  ])('%s', async (_, given) => {
    const { logger, lines } = recordedLogger()
    const { receiver } = acmeReceiver({ logger })
    const webhooks = webWebhooks(receiver)
    const drain = webhooks.drain({ secret: 'the secret of the cron' })
    for (const handle of [webhooks, drain]) {
      const answer = handle(given as Request)
      await expect(answer).rejects.toThrow(ConfigurationError)
      await expect(answer).rejects.toThrow(/Request of the Web.*context\.req\.raw/)
    }
    expect(lines).toEqual([]) // no signature is missing
  })
})

test.each([undefined, Readable.from(['x'])])(
  'a polyfill whose body is no stream of the Web is misconfigured, and the log says so',
  async (stream) => {
    const { logger, lines } = recordedLogger()
    const { receiver } = acmeReceiver({ logger })
    const { method, url, headers, arrayBuffer } = request()
    const polyfill = { method, url, headers, arrayBuffer, bodyUsed: false, body: stream }
    const { status } = await webWebhooks(receiver)(polyfill as unknown as Request)
    expect(status).toBe(500)
    expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('another kind') }])
  },
)

describe('a body that something read before is misconfigured, and the log says so, with a request of a platform that', () => {
  test.each<[string, PropertyDescriptorMap]>([
    ['throws when it is asked', { bodyUsed: { get: disturbed }, body: { get: disturbed } }],
    ['only says that it has ended', { body: { get: () => new Response('').body } }],
  ])('%s', async (_, properties) => {
    const { logger, lines } = recordedLogger()
    const { receiver } = acmeReceiver({ logger })
    const given = Object.defineProperties(request(), {
      headers: { value: new Headers({ ...headers, 'content-length': String(body.length) }) },
      arrayBuffer: { value: async () => new ArrayBuffer(0) },
      ...properties,
    })
    const response = await webWebhooks(receiver)(given)
    expect([response.status, await response.text()]).toEqual([500, '{"error":"misconfigured"}'])
    expect(lines).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('was read before hookport could'),
        details: { fix: expect.stringContaining('before anything reads its body') },
      },
    ])
  })
})

test('a request that announces a body and was made without one is misconfigured, and the log does not blame a reader', async () => {
  const { logger, lines } = recordedLogger()
  const { receiver } = acmeReceiver({ logger })
  const given = { method: 'POST', headers: { ...headers, 'content-length': String(body.length) } }
  const { status } = await webWebhooks(receiver)(new Request('http://localhost/', given)) // as SvelteKit does without a content type
  expect(status).toBe(500)
  expect(lines).toMatchObject([{ level: 'error', details: { fix: expect.stringContaining('content type') } }])
})

function disturbed(): never {
  throw new TypeError('Response body object should not be disturbed or locked')
}

test.each<[string, unknown[]]>([
  ['a Request of the Web', [request()]],
  ['the context of Koa', [{ req: {}, res: {} }, () => {}]],
  ['the request and the reply of Fastify', [{ raw: {} }, { raw: {}, header() {}, send() {} }]],
])(
  'the handler of Node says what it needs, and fails where that is waited for, so that nothing is acknowledged, where it is called with %s',
  async (_, given) => {
    const { logger, lines } = recordedLogger()
    const rejections = collectUnhandledRejections()
    const { receiver } = acmeReceiver({ logger })
    const webhooks = nodeWebhooks(receiver)
    const drain = webhooks.drain({ secret: 'the secret of the cron' })
    for (const handle of [webhooks, drain]) {
      const answer = handle(...(given as [IncomingMessage, ServerResponse]))
      await rejectionsReported() // nobody waits for it yet, as in a framework that does not
      await expect(answer).rejects.toThrow(ConfigurationError)
    }
    const line = {
      level: 'error',
      details: { err: expect.objectContaining({ message: expect.stringContaining('a response of Node') }) },
    }
    expect(lines).toMatchObject([line, line])
    expect(rejections).toEqual([])
  },
)

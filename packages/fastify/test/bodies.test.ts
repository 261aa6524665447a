import { createHmac } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { createReceiver, defineProvider, readHexDigest } from '@hookport/core'
import { fastifyWebhooks, sematryxWebhooks } from '@hookport/fastify'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { fastify } from 'fastify'
import { describe, expect, test, vi } from 'vitest'
import { fastifyVersions } from './fastify-versions.ts'
import { startApp } from './start-app.ts'

const path = '/webhooks/sematryx'
const options = { path, ...sematryxOptions } as const
const delivery = signedSematryx({ id: 'evt_body' })
const bytes = delivery.body.length
const received = { status: 200, body: '{"received":true}' }
const tooLarge = { status: 413, body: '{"error":"payload_too_large"}' }
const json = { 'Content-Type': 'application/json' }

describe('the body parsers of the application', () => {
  test.each(['before', 'after'])('stay as they are, registered %s the plugin', async (order) => {
    const app = fastify()
    const addParser = () =>
      app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
        done(null, { own: JSON.parse(String(body)) }),
      )
    if (order === 'before') addParser()
    await app.register(sematryxWebhooks, options)
    if (order === 'after') addParser()
    app.post('/json', ({ body }) => body)
    const handled = keepHandled(app.sematryxWebhooks)
    const url = await startApp(app)

    expect(await postDelivery(url + path, delivery)).toMatchObject(received)
    await app.sematryxWebhooks.idle()
    expect(handled.map(({ rawBody }) => Buffer.from(rawBody))).toEqual([Buffer.from(delivery.body)])
    const response = await fetch(`${url}/json`, { method: 'POST', headers: json, body: '{"a":1}' })
    expect(await response.json()).toEqual({ own: { a: 1 } })
  })

  test('still refuse what is not JSON, and types that nobody parses', async () => {
    const app = fastify()
    await app.register(sematryxWebhooks, options)
    app.post('/json', ({ body }) => body)
    const url = await startApp(app)
    const send = (type: string) =>
      fetch(`${url}/json`, { method: 'POST', headers: { 'Content-Type': type }, body: '{"a":' })
    expect((await send('application/json')).status).toBe(400)
    expect((await send('application/xml')).status).toBe(415)
  })
})

test.each(['nonsense', 'application/json; charset="', ';', 'text/plain'])(
  'a delivery of Content-Type %j is taken on',
  async (type) => {
    const app = fastify()
    await app.register(sematryxWebhooks, options)
    const url = await startApp(app)
    const { headers, ...rest } = delivery
    expect(
      await postDelivery(url + path, { ...rest, headers: { ...headers, 'Content-Type': type } }),
    ).toMatchObject(received)
  },
)

/** A sender that signs the Content-Type with the body, as a text before it. */
function signingItsContentType() {
  const secret = 'acme-secret'
  const seen: (string | null | undefined)[] = []
  const provider = defineProvider({
    name: 'acme',
    secret,
    signatureHeaders: ['x-acme-signature', 'content-type'],
    retryHorizon: 0,
    events: {},
    readSignature(headers) {
      const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
      const contentType = headers.get('content-type')
      seen.push(contentType)
      return digest ? { digests: [digest], signedPrefix: `${contentType ?? 'none'}\n` } : 'missing'
    },
    readEnvelope: ({ id }) => ({ id: String(id), type: 'order.paid', createdAt: undefined }),
  })
  const sign = (contentType: string, body: string) =>
    createHmac('sha256', secret).update(`${contentType}\n${body}`).digest('hex')
  return { receiver: createReceiver({ provider, logger: false }), sign, seen }
}

describe.each(fastifyVersions)('$version: the Content-Type is read as it was sent', ({ fastify }) => {
  test.each([
    ['application/json', '{"id":"1"}'],
    ['application/cloudevents+json; charset=utf-8', '{"id":"1"}'],
    [undefined, '{"id":"1"}'],
    ['application/json', ''],
  ])('%j, with the body %j', async (contentType, body) => {
    const { receiver, sign, seen } = signingItsContentType()
    const app = fastify()
    await app.register(fastifyWebhooks(receiver), { path })
    const url = await startApp(app)
    const headers = {
      'X-Acme-Signature': sign(contentType ?? 'none', body),
      ...(contentType !== undefined && { 'Content-Type': contentType }),
    }
    const sent = { method: 'POST', headers, body: Buffer.from(body) } as const
    expect(await postDelivery(url + path, sent)).toMatchObject(received)
    expect(new Set(seen)).toEqual(new Set([contentType]))
  })
})

test.each([
  ['POST', 'application/json'],
  ['POST', undefined],
  ['PUT', 'application/json'],
])("the application's hooks see of a %s the Content-Type that was sent: %j", async (method, sent) => {
  const seen: unknown[] = []
  const app = fastify()
  app.addHook(
    'onResponse',
    async ({ headers }) => void seen.push(Object.entries(headers).find(isContentType)),
  )
  await app.register(sematryxWebhooks, options)
  await app.inject({
    method: method as 'POST',
    url: path,
    headers: sent === undefined ? {} : { 'content-type': sent },
  })
  expect(seen).toEqual([sent && ['content-type', sent]])
})

function isContentType([name]: [string, unknown]): boolean {
  return name === 'content-type'
}

describe('the smallest limit holds', () => {
  const limits = {
    "Fastify's, of the application": [{ bodyLimit: bytes - 1 }, {}, tooLarge],
    "Fastify's, of the route": [{}, { bodyLimit: bytes - 1 }, tooLarge],
    "the route's, above the application's": [{ bodyLimit: 1 }, { bodyLimit: bytes }, received],
    'maxBodyBytes, under both': [
      { bodyLimit: bytes },
      { bodyLimit: bytes, maxBodyBytes: bytes - 1 },
      tooLarge,
    ],
    'none, where the body fits exactly': [{ bodyLimit: bytes }, { maxBodyBytes: bytes }, received],
  } as const

  test.each(Object.entries(limits))('%s', async (_name, [application, route, expected]) => {
    const app = fastify(application)
    await app.register(sematryxWebhooks, { ...options, ...route })
    const url = await startApp(app)
    expect(await postDelivery(url + path, delivery)).toMatchObject(expected)
  })
})

test.each([
  ["Fastify's, below maxBodyBytes", { bodyLimit: bytes - 1 }, {}, 'bodyLimit'],
  ["Fastify's own default, below a maxBodyBytes that was raised", {}, { maxBodyBytes: 5 << 20 }, 'bodyLimit'],
  ['maxBodyBytes', {}, { maxBodyBytes: bytes - 1 }, 'raise maxBodyBytes'],
  ["the default, which is Fastify's too", {}, {}, 'raise maxBodyBytes'],
])('where the limit is %s, the log says to raise that one', async (_name, application, route, limit) => {
  const app = fastify(application)
  const { logger, lines } = recordedLogger()
  await app.register(sematryxWebhooks, { ...options, ...route, logger })
  const url = await startApp(app)
  const body = Buffer.alloc(2 << 20)
  expect(await postDelivery(url + path, { ...delivery, body })).toMatchObject(tooLarge)
  expect(lines.map(({ details }) => details.fix)).toEqual([expect.stringContaining(limit)])
})

test("a sender that hangs up is not said to exceed Fastify's limit, where that is below maxBodyBytes", async () => {
  const app = fastify({ bodyLimit: 2_000 })
  const rejected = vi.fn()
  await app.register(sematryxWebhooks, { ...options, observers: { rejected } })
  const sender = await RawConnection.open(await startApp(app))
  await sender.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nX-Sematryx-Signature: ${'a'.repeat(64)}\r\n`)
  await sender.write('Content-Length: 1000\r\n\r\nits beginning')
  await setTimeout(20)
  sender.hangUp()
  await vi.waitUntil(() => rejected.mock.calls.length > 0)
  expect(rejected.mock.calls).toMatchObject([[{ code: 'request_aborted' }]])
})

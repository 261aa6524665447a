import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { sematryxWebhooks } from '@hookport/express'
import type { SematryxReceiverOptions } from '@hookport/providers/sematryx'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import request from 'supertest'
import { describe, expect, onTestFinished, test } from 'vitest'

const path = '/webhooks/sematryx'
const delivery = signedSematryx()

describe.each(expressVersions)('$version', ({ express }) => {
  /** An application whose error handler keeps what reaches it. */
  function appWith(options: Omit<SematryxReceiverOptions, 'secret'> = {}, ...parsers: RequestHandler[]) {
    const webhooks = sematryxWebhooks({ ...sematryxOptions, ...options })
    const handled = keepHandled(webhooks)
    const errors: unknown[] = []
    const keepError: ErrorRequestHandler = (error, _request, response, _next) => {
      errors.push(error)
      response.status(500).json('the error handler of the application')
    }
    const app = express()
    for (const parser of parsers) app.use(parser)
    app.use(path, webhooks)
    app.use(keepError)
    return { app, webhooks, handled, errors }
  }

  test.each(['get', 'put', 'patch', 'delete', 'options'] as const)(
    '%s is 405, and POST is allowed',
    async (method) => {
      const { app } = appWith()
      const response = await request(app)[method](path)
      expect(response.status).toBe(405)
      expect(response.headers.allow).toBe('POST')
      expect(response.body).toEqual({ error: 'method_not_allowed' })
    },
  )

  test('head is 405 without a body', async () => {
    const response = await request(appWith().app).head(path)
    expect(response.status).toBe(405)
    expect(response.headers.allow).toBe('POST')
    expect(response.text).toBeUndefined()
  })

  test.each([
    ['read from the request', []],
    ['read by express.raw()', [express.raw({ type: '*/*' })]],
  ])('a body of maxBodyBytes is accepted and one byte more is 413, when %s', async (_, parsers) => {
    const limit = delivery.body.length
    for (const [maxBodyBytes, status, body] of [
      [limit, 200, '{"received":true}'],
      [limit - 1, 413, '{"error":"payload_too_large"}'],
    ] as const) {
      const { app, webhooks, handled } = appWith({ maxBodyBytes }, ...parsers)
      const url = await serveApp(app)
      expect(await postDelivery(url + path, delivery)).toMatchObject({ status, body })
      await webhooks.idle()
      expect(handled).toHaveLength(status === 200 ? 1 : 0)
    }
  })

  test('more than 1 MiB is 413, though the signature is genuine', async () => {
    const { app, handled } = appWith()
    const url = await serveApp(app)
    const large = signedSematryx({ data: { padding: 'x'.repeat(1024 * 1024) } })
    expect(await postDelivery(url + path, large)).toMatchObject({
      status: 413,
      body: '{"error":"payload_too_large"}',
    })
    expect(handled).toEqual([])
  })

  test('bytes are counted as they arrive: a body without end is 413 as soon as it is too large', async () => {
    const { app } = appWith({ maxBodyBytes: delivery.body.length - 1 })
    const url = await serveApp(app)
    const endless = httpRequest(url + path, { method: 'POST', headers: delivery.headers, agent: false })
    onTestFinished(() => {
      endless.destroy()
    })
    endless.write(delivery.body)
    const [response] = await once(endless, 'response')
    expect(response.statusCode).toBe(413)
    expect(await text(response)).toBe('{"error":"payload_too_large"}')
  })

  test.each([
    ['gzip', gzipSync(delivery.body)],
    ['br', delivery.body],
  ])('a body in %s is 415', async (encoding, body) => {
    const { app, handled } = appWith()
    const url = await serveApp(app)
    const headers = { ...delivery.headers, 'Content-Encoding': encoding }
    expect(await postDelivery(url + path, { ...delivery, headers, body })).toMatchObject({
      status: 415,
      body: '{"error":"unsupported_encoding"}',
    })
    expect(handled).toEqual([])
  })

  test('the content type is not checked: the signature authenticates', async () => {
    const { app, webhooks, handled } = appWith()
    const url = await serveApp(app)
    const headers = { ...delivery.headers, 'Content-Type': 'text/plain' }
    expect(await postDelivery(url + path, { ...delivery, headers })).toMatchObject({ status: 200 })
    await webhooks.idle()
    expect(handled).toHaveLength(1)
  })

  test('a handler that throws is no error of the request: on receipt, it was answered 200 before', async () => {
    const { app, webhooks, errors } = appWith({ retry: { attempts: 1 } })
    webhooks.onEvent('optimization.completed', () => {
      throw new Error('the database is down')
    })
    const response = await request(app).post(path).set(delivery.headers).send(delivery.body.toString('utf8'))
    expect(response.status).toBe(200)
    await webhooks.idle()
    expect(await webhooks.inbox.counts()).toMatchObject({ dead: 1 })
    expect(errors).toEqual([])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('the database is down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the database is down'))],
    [
      'throws what is no error',
      () => {
        throw 'down'
      },
    ],
  ])(
    'a handler that %s after-handlers is answered 500 by the webhooks, past the error handler',
    async (_, handler) => {
      const { app, webhooks, errors } = appWith({ acknowledge: 'after-handlers' })
      webhooks.onEvent('optimization.completed', handler)
      const response = await request(app)
        .post(path)
        .set(delivery.headers)
        .send(delivery.body.toString('utf8'))
      expect(response.status).toBe(500)
      expect(response.body).toEqual({ error: 'handler_failed' })
      expect(response.text).not.toContain('database')
      expect(errors).toEqual([])
    },
  )

  test('a store of secrets that fails is 503 with Retry-After, past the error handler', async () => {
    const webhooks = sematryxWebhooks({
      logger: false,
      secret: () => Promise.reject(new Error('vault is sealed')),
    })
    const app = express().use(webhooks)
    const response = await request(app).post(path).set(delivery.headers).send(delivery.body.toString('utf8'))
    expect(response.status).toBe(503)
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
    expect(response.body).toEqual({ error: 'unavailable' })
  })
})

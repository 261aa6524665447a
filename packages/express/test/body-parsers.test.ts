import { sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { recordedLogger } from '@hookport/testkit/logs'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import type { Express, RequestHandler } from 'express'
import request from 'supertest'
import { afterEach, describe, expect, test, vi } from 'vitest'

const path = '/webhooks/sematryx'
/** Spaced: a copy made by JSON.stringify would not have its bytes. */
const delivery = signedSematryx({}, 'spaced')

/** Nest loads reflect-metadata, as do others. */
function stubNest(): void {
  vi.stubGlobal('Reflect', Object.assign(Object.create(Reflect), { getMetadata: () => undefined }))
}

function stubFunctionsFramework(): void {
  vi.stubEnv('FUNCTION_TARGET', 'webhooks')
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

describe.each(expressVersions)('$version', ({ express }) => {
  function appBehind(...parsers: RequestHandler[]) {
    const { logger, lines } = recordedLogger()
    const webhooks = sematryxWebhooks({ ...sematryxOptions, logger })
    const handled = keepHandled(webhooks)
    const app = express()
    for (const parser of parsers) app.use(parser)
    app.use(path, webhooks)
    app.post('/echo', (req, response) => {
      response.json({ echo: req.body })
    })
    return { app, webhooks, handled, lines }
  }

  function post(app: Express, { headers, body } = delivery) {
    return request(app).post(path).set(headers).send(body.toString('utf8'))
  }

  describe.each([
    ['express.json()', express.json()],
    ['express.urlencoded()', express.urlencoded({ type: '*/*' })],
  ])('%s mounted before', (_, parser) => {
    test('is answered 500 misconfigured, and reaches no handler', async () => {
      const { app, webhooks, handled } = appBehind(parser)
      const response = await post(app)
      expect(response.status).toBe(500)
      expect(response.body).toEqual({ error: 'misconfigured' })
      await webhooks.idle()
      expect(handled).toEqual([])
    })

    test.each([
      ['Nest', stubNest, 'NestFactory.create(AppModule, { rawBody: true })'],
      ['a functions framework', stubFunctionsFramework, 'the platform leaves the bytes in request.rawBody'],
    ])('under %s is logged with the fix for that', async (_framework, stub, fix) => {
      stub()
      const { app, lines } = appBehind(parser)
      await post(app)
      const details = expect.objectContaining({ fix: expect.stringContaining(fix) })
      expect(lines).toEqual([expect.objectContaining({ details })])
    })

    test('with reflect-metadata, which is not Nest alone, is logged with the line to move first', async () => {
      stubNest()
      const { app, lines } = appBehind(parser)
      await post(app)
      const fix = expect.stringMatching(/^mount the webhook before express\.json\(\).* In Nest, /)
      expect(lines).toEqual([expect.objectContaining({ details: expect.objectContaining({ fix }) })])
    })

    test('is logged as an error whose fix says which line to move', async () => {
      const { app, lines } = appBehind(parser)
      await post(app)
      const fix =
        "mount the webhook before express.json() and other body parsers: move app.use('/webhooks/…', webhooks) above app.use(express.json())"
      expect(lines).toEqual([
        expect.objectContaining({
          level: 'error',
          details: expect.objectContaining({ code: 'misconfigured', provider: 'sematryx', fix }),
        }),
      ])
    })
  })

  test('express.json() mounted before still parses for the routes beside', async () => {
    const { app } = appBehind(express.json())
    const response = await request(app).post('/echo').send({ name: 'Ada' })
    expect(response.body).toEqual({ echo: { name: 'Ada' } })
  })

  test('express.json() mounted after parses for the routes behind, and the webhooks work', async () => {
    const { app: webhooksFirst, webhooks, handled } = appBehind()
    const app = express().use(webhooksFirst).use(express.json())
    app.post('/behind', (req, response) => {
      response.json({ echo: req.body })
    })
    expect((await post(app)).status).toBe(200)
    expect((await request(app).post('/behind').send({ name: 'Ada' })).body).toEqual({ echo: { name: 'Ada' } })
    await webhooks.idle()
    expect(handled).toHaveLength(1)
  })

  const keepRawBody = express.json({
    verify: (req, _response, bytes) => {
      Object.assign(req, { rawBody: bytes })
    },
  })

  test.each([
    ['that express.raw() left in req.body', express.raw({ type: '*/*' })],
    ['that express.json({ verify }) left in req.rawBody', keepRawBody],
  ])('bytes %s are used', async (_, parser) => {
    const { app, webhooks, handled, lines } = appBehind(parser)
    const response = await post(app)
    expect(response.status).toBe(200)
    expect(response.body).toEqual({ received: true })
    await webhooks.idle()
    expect(handled.map(({ rawBody }) => Buffer.from(rawBody))).toEqual([delivery.body])
    expect(lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  const keepText = (encoding: BufferEncoding) =>
    express.json({
      verify: (req, _response, bytes) => {
        Object.assign(req, { rawBody: bytes.toString(encoding) })
      },
    })
  const spelling = signedSematryx({ type: 'context.updated', data: { name: 'Größe ≤ 5 µm' } }, 'unicode')

  test.each([
    ['that express.text() left in req.body', express.text({ type: '*/*' })],
    ['that express.json({ verify }) left in req.rawBody', keepText('utf8')],
  ])('a text %s is used where its UTF-8 encoding is what was signed', async (_, parser) => {
    const { app, webhooks, handled } = appBehind(parser)
    expect((await post(app, spelling)).body).toEqual({ received: true })
    await webhooks.idle()
    expect(handled.map(({ rawBody }) => Buffer.from(rawBody))).toEqual([spelling.body])
  })

  test('a text that was decoded as something else is refused, and the log says what may be wrong', async () => {
    const { app, lines, handled } = appBehind(keepText('latin1'))
    expect((await post(app, spelling)).body).toEqual({ error: 'invalid_signature' })
    const fix = expect.stringMatching(/left a text, which may not be what was sent: mount the webhook before/)
    expect(lines).toEqual([expect.objectContaining({ details: expect.objectContaining({ fix }) })])
    expect(handled).toEqual([])
  })

  test('a parser that has no eye for JSON does no harm', async () => {
    const { app, webhooks, handled } = appBehind(express.urlencoded(), express.text(), express.raw())
    expect((await post(app)).status).toBe(200)
    await webhooks.idle()
    expect(handled).toHaveLength(1)
  })
})

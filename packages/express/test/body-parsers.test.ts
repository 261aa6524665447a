import { manualClock } from '@hookport/core/testing'
import { sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/express-versions'
import { recordedLogger } from '@hookport/testkit/logs'
import { keepHandled } from '@hookport/testkit/receivers'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/signed-deliveries'
import type { Express, RequestHandler } from 'express'
import request from 'supertest'
import { describe, expect, test } from 'vitest'

const path = '/webhooks/sematryx'
/** Spaced: a copy made by JSON.stringify would not have its bytes. */
const delivery = signedSematryx({}, 'spaced')

describe.each(expressVersions)('$version', ({ express }) => {
  function appBehind(...parsers: RequestHandler[]) {
    const { logger, lines } = recordedLogger()
    const webhooks = sematryxWebhooks({ secret: sematryxSecret, clock: manualClock(testTime), logger })
    const handled = keepHandled(webhooks)
    const app = express()
    for (const parser of parsers) app.use(parser)
    app.use(path, webhooks)
    app.post('/echo', (req, response) => {
      response.json({ echo: req.body })
    })
    return { app, webhooks, handled, lines }
  }

  function post(app: Express) {
    return request(app).post(path).set(delivery.headers).send(delivery.body.toString('utf8'))
  }

  describe.each([
    ['express.json()', express.json()],
    ['express.text()', express.text({ type: '*/*' })],
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

  test('a rawBody kept as text is not taken for the bytes', async () => {
    const asText = express.json({
      verify: (req, _response, bytes) => {
        Object.assign(req, { rawBody: bytes.toString('latin1') })
      },
    })
    const response = await post(appBehind(asText).app)
    expect(response.body).toEqual({ error: 'misconfigured' })
  })

  test('a parser that has no eye for JSON does no harm', async () => {
    const { app, webhooks, handled } = appBehind(express.urlencoded(), express.text(), express.raw())
    expect((await post(app)).status).toBe(200)
    await webhooks.idle()
    expect(handled).toHaveLength(1)
  })
})

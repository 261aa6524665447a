import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ConfigurationError } from '@hookport/core'
import { sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import type { NextFunction, Request, Response } from 'express'
import request from 'supertest'
import { describe, expect, test, vi } from 'vitest'
import { ConnectRoutes } from '../src/connect-routes.ts'

describe.each(expressVersions)('$version', ({ express }) => {
  test('an error of a response goes to the error handling of the application', async () => {
    const app = express()
    app.use((_request, response, next) => {
      const { writeHead } = response
      response.writeHead = (() => {
        response.writeHead = writeHead
        throw new Error('no heads today')
      }) as never
      next()
    })
    app.use('/hook', sematryxWebhooks({ ...sematryxOptions, logger: false }))
    app.use(({ message }: Error, _request: Request, response: Response, _next: NextFunction) => {
      response.status(500).json({ message })
    })
    const { headers, body } = signedSematryx()
    const answer = await request(createServer(app)).post('/hook').set(headers).send(body.toString('utf8'))
    expect([answer.status, answer.body]).toEqual([500, { message: 'no heads today' }])
  })

  test('of what is passed on, the log only tells where it seems to be a delivery to a function around the webhook', async () => {
    const { logger, lines } = recordedLogger()
    const webhooks = sematryxWebhooks({ ...sematryxOptions, logger })
    const app = express()
      .use('/hook', (...given) => webhooks(...given))
      .use(webhooks)
    const server = createServer(app)
    await request(server).get('/hook').expect(404)
    await request(server).post('/orders').expect(404)
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([])
    await request(server).post('/hook').expect(404)
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })
})

test.each(expressVersions)(
  '$version: without a path in a router at a path, what counts is the rest of the URL',
  async ({ express }) => {
    const webhooks = sematryxWebhooks({ ...sematryxOptions, logger: false })
    const server = createServer(express().use('/webhooks', express.Router().use(webhooks)))
    await request(server).post('/webhooks/sematryx').expect(404)
    await request(server).post('/webhooks/webhooks/sematryx').expect(401)
  },
)

test('connect tells paths in whatever case, and its root is no path', () => {
  const middleware: { route?: string } = {}
  const routes = new ConnectRoutes(middleware)
  middleware.route = '/'
  expect(routes.hold({ url: '/', originalUrl: '//' }, false)).toBe(false)
  middleware.route = '/Hook'
  expect(routes.hold({ url: '/', originalUrl: '/hOOk' }, false)).toBe(true)
})

test('as the handler of a function of Lambda, without a wrapper, it fails, and acknowledges nothing', async () => {
  const webhooks = sematryxWebhooks(sematryxOptions)
  const { headers, body } = signedSematryx()
  const event: unknown = { version: '2.0', rawPath: '/webhooks/sematryx', headers, body: body.toString() }
  const callback = vi.fn()
  await webhooks(event as IncomingMessage, {} as ServerResponse, callback)
  expect(callback.mock.calls).toEqual([[expect.any(ConfigurationError)]])
})

test('in a route of a router that gives no next but its parameters, as find-my-way does, it answers, and ends no process', async () => {
  const webhooks = sematryxWebhooks({ ...sematryxOptions, logger: false })
  const server = createServer((incoming, response) => webhooks(incoming, response, {} as never))
  const { headers, body } = signedSematryx()
  await request(server).post('/hook/of/its/own').set(headers).send(body.toString('utf8')).expect(200)
  await request(server).post('/hook/of/its/own').expect(401)
})

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import connect from 'connect'
import type { RequestHandler } from 'express'
import request from 'supertest'
import { describe, expect, test, vi } from 'vitest'

const own = '/webhooks/sematryx'

function receiving(options: { path?: string } = {}) {
  const { logger, lines } = recordedLogger()
  const webhooks = sematryxWebhooks({ ...sematryxOptions, logger, ...options })
  const wrapped: RequestHandler = (...given) => webhooks(...given)
  return { webhooks, wrapped, lines }
}

/** Signed, so that a webhook that should not answer would take it on. */
async function answerTo(app: RequestListener, path: string): Promise<unknown> {
  const { headers, body } = signedSematryx()
  const response = await request(createServer(app)).post(path).set(headers).send(body.toString('utf8'))
  return response.body.received === true ? 'received' : response.status
}

const passOn: RequestHandler = (_request, _response, next) => next()

describe.each(expressVersions)('$version', ({ express }) => {
  test('mounted at a path and without one, each is answered as it stands', async () => {
    const { webhooks } = receiving()
    const app = express().use(webhooks).use('/hook', webhooks)
    for (const path of ['/hook', '/hook/deeper', own]) expect(await answerTo(app, path)).toBe('received')
    for (const path of ['/', '/orders', `/more${own}`]) expect(await answerTo(app, path)).toBe(404)
  })

  test('mounted at a path, and wrapped in a route of another, only the path is answered, and the log says so', async () => {
    const { webhooks, wrapped, lines } = receiving()
    const app = express().post('/other', wrapped).use('/hook', webhooks)
    expect(await answerTo(app, '/hook')).toBe('received')
    expect(lines).toEqual([])
    expect(await answerTo(app, '/other')).toBe(404)
    expect(lines).toHaveLength(1)
  })

  test('without a path in an application at a path, what counts is the rest of the URL', async () => {
    const { webhooks } = receiving()
    const app = express().use('/webhooks', express().use(webhooks))
    expect(await answerTo(app, own)).toBe(404)
    expect(await answerTo(app, `/webhooks${own}`)).toBe('received')
  })

  test('a middleware of somebody else with a list called stack, which is no router, is passed over', async () => {
    const { webhooks } = receiving()
    const composed = Object.assign(passOn.bind(undefined), { stack: [passOn, passOn] })
    const app = express().use(composed).use('/hook', webhooks)
    expect(await answerTo(app, '/hook')).toBe('received')
    expect(await answerTo(app, '/orders')).toBe(404)
  })

  test('where it is mounted later, after the first requests, counts as well', async () => {
    const { webhooks, wrapped } = receiving()
    const app = express().use('/first', wrapped)
    expect(await answerTo(app, '/first')).toBe(404)
    app.use('/hook', webhooks)
    expect(await answerTo(app, '/hook')).toBe('received')
  })

  test('in a route, it is answered there, wherever connect has mounted it in another application', async () => {
    const { webhooks } = receiving()
    connect().use(webhooks)
    expect(await answerTo(express().post('/hook', webhooks), '/hook')).toBe('received')
  })

  const noDelivery: [string, (given: ReturnType<typeof receiving>) => RequestListener, path: string][] = [
    [
      'behind a route that passed on',
      ({ webhooks }) => express().use(passOn).all(/.*/, passOn).use(webhooks),
      '/orders',
    ],
    [
      'in a router, behind a route that passed on',
      ({ webhooks }) => express().use(express.Router().all(/.*/, passOn).use(webhooks)),
      '/orders',
    ],
    [
      'below a path that a function around it has',
      ({ wrapped }) => express().use('/hook', wrapped),
      '/hook/deeper',
    ],
    ['at the root', ({ webhooks }) => express().use(webhooks), '/'],
  ]
  test.each(noDelivery)('%s, what is passed on is no line of the log', async (_, mount, path) => {
    const given = receiving()
    expect(await answerTo(mount(given), path)).toBe(404)
    expect(given.lines).toEqual([])
  })

  test('the line about what was passed on names the path that is answered, also where that is the root', async () => {
    const { wrapped, lines } = receiving({ path: '/' })
    expect(await answerTo(express().post('/hook', wrapped), '/hook')).toBe(404)
    expect(lines.map(({ message }) => message)).toEqual([expect.stringMatching(/it answers \/ only$/)])
  })
})

test('connect at a path and without one in an application at a path: each is answered as it stands', async () => {
  const { webhooks } = receiving()
  const app = connect().use('/api', connect().use('/hook', webhooks).use(webhooks))
  for (const path of ['/api/hook', '/api/hook/deeper', `/api${own}`])
    expect(await answerTo(app, path)).toBe('received')
  for (const path of ['/hook', '/api/orders', own]) expect(await answerTo(app, path)).toBe(404)
})

test.each(['', '?a=1'])(
  'a framework that leaves %j of the URL at a mount point is told of what was passed on, as others are',
  async (url) => {
    const { webhooks, lines } = receiving()
    const next = vi.fn()
    const given = { method: 'POST', url, originalUrl: `/hook${url}` }
    await webhooks(given as unknown as IncomingMessage, {} as ServerResponse, next)
    expect(next.mock.calls).toEqual([[]])
    expect(lines).toHaveLength(1)
  },
)

import { createReceiver, type EventMap } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { type ExpressWebhooks, expressWebhooks, jaotWebhooks, sematryxWebhooks } from '@hookport/express'
import { sematryx } from '@hookport/providers/sematryx'
import type { SignedDelivery } from '@hookport/sender'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  sematryxOptions,
  sematryxSecret,
  signedJaot,
  signedSematryx,
  testTime,
} from '@hookport/testkit/receivers/signed-deliveries'
import type { Express, RequestHandler } from 'express'
import request from 'supertest'
import { describe, expect, test } from 'vitest'

const clock = manualClock(testTime)
const received = { received: true }

function sematryxReceiving(options: { path?: string } = {}) {
  const webhooks = sematryxWebhooks({ ...sematryxOptions, ...options })
  return { webhooks, handled: keepHandled(webhooks) }
}

function post(app: Express, path: string, { headers, body }: SignedDelivery = signedSematryx()) {
  return request(app).post(path).set(headers).send(body.toString('utf8'))
}

const passOn: RequestHandler = (_request, _response, next) => next()

/** What tracing libraries put in place of a function: one that calls it, and has what it has. */
function traced(webhooks: ExpressWebhooks<EventMap>): RequestHandler {
  const patched: RequestHandler = (request, response, next) => webhooks(request, response, next)
  return Object.assign(patched, webhooks)
}

/** What New Relic puts in its place: it has only its name. */
function named(webhooks: ExpressWebhooks<EventMap>): RequestHandler {
  const patched: RequestHandler = (request, response, next) => webhooks(request, response, next)
  return Object.defineProperty(patched, 'name', { value: webhooks.name })
}

/** What its versions before 13 do. */
function holding(webhooks: ExpressWebhooks<EventMap>): RequestHandler {
  const patched: RequestHandler = (request, response, next) => webhooks(request, response, next)
  return Object.assign(patched, { [Symbol('original')]: webhooks })
}

describe.each(expressVersions)('$version', ({ express }) => {
  test('a place where the webhook is mounted once deliveries have come counts as well', async () => {
    const { webhooks } = sematryxReceiving()
    const router = express.Router()
    const app = express().use('/first', webhooks).use('/api', router)
    await post(app, '/first').expect(200)
    router.use(webhooks)
    await post(app, '/api/other').expect(404)
    await post(app, '/api/webhooks/sematryx').expect(200)
  })

  type Mount = (app: Express, webhooks: ExpressWebhooks<EventMap>) => void

  const mountsAtHook: [string, Mount][] = [
    ['app.use(path, webhooks)', (app, webhooks) => app.use('/hook', webhooks)],
    ['app.post(path, webhooks)', (app, webhooks) => app.post('/hook', webhooks)],
    ['app.all(path, webhooks)', (app, webhooks) => app.all('/hook', webhooks)],
    ['app.route(path).post(webhooks)', (app, webhooks) => app.route('/hook').post(webhooks)],
    ['router.use(path, webhooks)', (app, webhooks) => app.use(express.Router().use('/hook', webhooks))],
    ['router.post(path, webhooks)', (app, webhooks) => app.use(express.Router().post('/hook', webhooks))],
    [
      'a router at a path, router.post(path, webhooks)',
      (app, webhooks) => app.use('/hook', express.Router().post('/', webhooks)),
    ],
    [
      'a router at a path, router.use(path, webhooks)',
      (app, webhooks) => app.use('/ho', express.Router().use('/ok', webhooks)).use('/hook', webhooks),
    ],
    [
      'an application at a path, app.post(path, webhooks)',
      (app, webhooks) => app.use('/hook', express().post('/', webhooks)),
    ],
    ['behind a route that passes on', (app, webhooks) => app.all(/.*/, passOn).use('/hook', webhooks)],
    ['in a route behind another function', (app, webhooks) => app.post('/hook', passOn, webhooks)],
    ['replaced by a function with its properties', (app, webhooks) => app.use('/hook', traced(webhooks))],
    ['in a route, replaced likewise', (app, webhooks) => app.post('/hook', traced(webhooks))],
    ['replaced by a function with its name', (app, webhooks) => app.use('/hook', named(webhooks))],
    ['in a route, replaced by such a function', (app, webhooks) => app.post('/hook', named(webhooks))],
    ['replaced by a function that holds it', (app, webhooks) => app.use('/hook', holding(webhooks))],
  ]

  describe.each(mountsAtHook)('%s', (_, mount) => {
    function appWith() {
      const { webhooks, handled } = sematryxReceiving()
      const app = express()
      mount(app, webhooks)
      app.use((_request, response) => {
        response.status(404).json('the next in line')
      })
      return { app, webhooks, handled }
    }

    test.each(['/hook', '/hook/', '/hook?tenant=1', '/hook/?tenant=1'])('answers %s', async (path) => {
      const { app, webhooks, handled } = appWith()
      const response = await post(app, path)
      expect(response.status).toBe(200)
      expect(response.body).toEqual(received)
      expect(response.headers['content-type']).toBe('application/json')
      await webhooks.idle()
      expect(handled).toHaveLength(1)
    })

    test.each(['/', '/hooks', '/webhooks/sematryx'])('leaves %s alone', async (path) => {
      const { app, handled } = appWith()
      const response = await post(app, path)
      expect(response.body).toBe('the next in line')
      expect(handled).toEqual([])
    })
  })

  describe('app.use(webhooks), without a path', () => {
    function appWith(options: { path?: string } = {}) {
      const { webhooks, handled } = sematryxReceiving(options)
      const app = express()
      app.use(webhooks)
      app.get('/health', (_request, response) => {
        response.json('healthy')
      })
      app.post('/login', express.json(), (req, response) => {
        response.json({ hello: req.body.name })
      })
      return { app, webhooks, handled }
    }

    test.each(['', '/', '?tenant=1', '/?tenant=1'])('answers /webhooks/sematryx%s', async (end) => {
      const { app, webhooks, handled } = appWith()
      const response = await post(app, `/webhooks/sematryx${end}`)
      expect(response.status).toBe(200)
      expect(response.body).toEqual(received)
      await webhooks.idle()
      expect(handled).toHaveLength(1)
    })

    test.each([
      '/',
      '/webhooks',
      '/webhooks/jaot',
      '/webhooks/sematryx2',
      '/webhooks/sematryx/more',
      '/more/webhooks/sematryx',
      '/?path=/webhooks/sematryx',
    ])('leaves %s alone', async (path) => {
      const { app, handled } = appWith()
      expect((await post(app, path)).status).toBe(404)
      expect(handled).toEqual([])
    })

    test('leaves the routes behind it alone, their bodies unread', async () => {
      const { app } = appWith()
      expect((await request(app).get('/health')).body).toBe('healthy')
      expect((await request(app).post('/login').send({ name: 'Ada' })).body).toEqual({ hello: 'Ada' })
    })

    test.each(['/hook', '/hook/'])(
      'answers the path of its option, written %s, in place of its own',
      async (path) => {
        const { app, webhooks, handled } = appWith({ path })
        expect((await post(app, '/hook')).body).toEqual(received)
        expect((await post(app, '/hook/')).body).toEqual(received)
        expect((await post(app, '/webhooks/sematryx')).status).toBe(404)
        await webhooks.idle()
        expect(handled).toHaveLength(1)
      },
    )

    test('answers the path of its option also where that is the root', async () => {
      const { app } = appWith({ path: '/' })
      expect((await post(app, '/')).body).toEqual(received)
      expect((await request(app).get('/health')).body).toBe('healthy')
    })

    test('a path without a leading slash is an error at construction', () => {
      expect(() => sematryxWebhooks({ secret: 'secret', path: 'hooks' })).toThrow(/begin with a slash/)
    })

    test('each of two providers answers its own path', async () => {
      const jaot = jaotWebhooks(jaotOptions)
      const handled = keepHandled(jaot)
      const app = express().use(sematryxReceiving().webhooks).use(jaot)
      const response = await post(app, '/webhooks/jaot', signedJaot('credits.low'))
      expect(response.body).toEqual(received)
      await jaot.idle()
      expect(handled.map(({ type }) => type)).toEqual(['credits.low'])
    })
  })

  test('the path option does not narrow a path that the webhooks are mounted at', async () => {
    const { webhooks } = sematryxReceiving({ path: '/elsewhere' })
    const app = express().use('/hook', webhooks).post('/route', webhooks)
    expect((await post(app, '/hook')).body).toEqual(received)
    expect((await post(app, '/route')).body).toEqual(received)
  })

  test('a function with the name of one webhook is not taken for another', async () => {
    const { webhooks, handled } = sematryxReceiving()
    const other = sematryxReceiving()
    const app = express().use('/hook', (request, response, next) => webhooks(request, response, next))
    app.use('/hook', named(other.webhooks))
    expect((await post(app, '/hook')).body).toEqual(received)
    await other.webhooks.idle()
    expect([handled, other.handled].map(({ length }) => length)).toEqual([0, 1])
  })

  test('any receiver is mounted with expressWebhooks', async () => {
    const receiver = createReceiver({ logger: false, provider: sematryx({ secret: sematryxSecret }), clock })
    const handled = keepHandled(receiver)
    const app = express().use(expressWebhooks(receiver, { path: '/hook' }))
    expect((await post(app, '/hook')).body).toEqual(received)
    await receiver.idle()
    expect(handled).toHaveLength(1)
  })

  test('the handlers get the bytes as they came over the wire', async () => {
    const { webhooks, handled } = sematryxReceiving()
    const delivery = signedSematryx({ type: 'context.updated', data: { name: 'Größe ≤ 5 µm 🚀' } }, 'unicode')
    await post(express().use(webhooks), '/webhooks/sematryx', delivery)
    await webhooks.idle()
    expect(handled.map(({ rawBody }) => Buffer.from(rawBody).toString('hex'))).toEqual([
      delivery.body.toString('hex'),
    ])
  })

  describe.each([
    ['sematryxWebhooks', sematryxWebhooks({ logger: false, secret: 'secret' })],
    ['jaotWebhooks', jaotWebhooks({ logger: false, secret: 'secret' })],
  ])('%s', (_, webhooks: ExpressWebhooks<EventMap>) => {
    test('are returned by every registration, so that calls chain', () => {
      const ignore = () => {}
      expect(webhooks.onEvent('optimization.completed', ignore)).toBe(webhooks)
      expect(webhooks.onEvent(['optimization.failed', 'optimization.timeout'], ignore)).toBe(webhooks)
      expect(webhooks.onAnyEvent(ignore)).toBe(webhooks)
      expect(webhooks.onUnhandledEvent(ignore)).toBe(webhooks)
      expect(webhooks.start()).toBe(webhooks)
      expect(webhooks.eventTypes).toEqual([
        'optimization.completed',
        'optimization.failed',
        'optimization.timeout',
      ])
    })
  })
})

import { createServer, type RequestListener } from 'node:http'
import middie from '@fastify/middie'
import type { EventMap } from '@hookport/core'
import { type ExpressWebhooks, type ExpressWebhooksOptions, sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import connect from 'connect'
import type { RequestHandler } from 'express'
import { fastify } from 'fastify'
import request from 'supertest'
import { describe, expect, test } from 'vitest'

const own = '/webhooks/sematryx'

function receiving(options: ExpressWebhooksOptions = {}) {
  const { logger, lines } = recordedLogger()
  const webhooks = sematryxWebhooks({ ...sematryxOptions, logger, ...options })
  return { webhooks, lines }
}

/** Signed, so that a webhook that should not answer would take it on. */
async function answerTo(app: RequestListener, path: string): Promise<unknown> {
  const { headers, body } = signedSematryx()
  const response = await request(createServer(app)).post(path).set(headers).send(body.toString('utf8'))
  return response.body.received === true ? 'received' : response.status
}

const passOn: RequestHandler = (_request, _response, next) => next()

type Webhooks = ExpressWebhooks<EventMap>
type Mount = (webhooks: Webhooks) => RequestListener | Promise<RequestListener>

const expressMounts = expressVersions.flatMap(({ version, express }): [string, Mount, base: string][] => [
  [`${version}, at the root`, (webhooks) => express().use(webhooks), ''],
  [`${version}, app.use('/', webhooks)`, (webhooks) => express().use('/', webhooks), ''],
  [`${version}, behind app.all`, (webhooks) => express().all(/.*/, passOn).use(webhooks), ''],
  [
    `${version}, in a router without a path, behind a route that passed on`,
    (webhooks) => express().use(express.Router().all(/.*/, passOn).use(webhooks)),
    '',
  ],
  [
    `${version}, in a router at a path`,
    (webhooks) => express().use('/api', express.Router().use(webhooks)),
    '/api',
  ],
  [
    `${version}, in a router in a router`,
    (webhooks) => express().use('/a', express.Router().use('/:b', express.Router().use(webhooks))),
    '/a/b',
  ],
  [
    `${version}, in an application at a path`,
    (webhooks) => express().use('/api', express().all(/.*/, passOn).use(webhooks)),
    '/api',
  ],
  [
    `${version}, at the root and in a router at a path`,
    (webhooks) => express().use('/api', express.Router().use(webhooks)).use(webhooks),
    '/api',
  ],
])

const otherMounts: [string, Mount, base: string][] = [
  ['connect', (webhooks) => connect().use(webhooks), ''],
  [
    'connect, in an application at a path',
    (webhooks) => connect().use('/api', connect().use(webhooks)),
    '/api',
  ],
  ['@fastify/middie', (webhooks) => throughMiddie((app) => app.use(webhooks)), ''],
]

async function throughMiddie(
  mount: (app: { use(...args: unknown[]): unknown }) => void,
): Promise<RequestListener> {
  const app = fastify()
  await app.register(middie)
  app.addContentTypeParser('application/json', (_request, _body, done) => done(null))
  mount(app as never)
  for (const path of ['/*']) app.all(path, (_request, reply) => reply.code(404).send())
  await app.ready()
  return (incoming, response) => app.routing(incoming, response)
}

describe.each([...expressMounts, ...otherMounts])('mounted without a path: %s', (_, mount, base) => {
  test.each(['', '/', '?a=1', '/?a=1'])(
    `its own path is answered below where it stands, followed by %j`,
    async (end) => {
      const { webhooks } = receiving()
      expect(await answerTo(await mount(webhooks), `${base}${own}${end}`)).toBe('received')
    },
  )

  test.each(['/health', '', '/', '/orders', `${own}/more`, `/more${own}`])(
    '%j is passed on',
    async (path) => {
      const { webhooks } = receiving()
      expect(await answerTo(await mount(webhooks), base + path)).toBe(404)
    },
  )

  test('the path of its option is answered in place of its own', async () => {
    const { webhooks } = receiving({ path: '/' })
    const app = await mount(webhooks)
    expect(await answerTo(app, base)).toBe('received')
    expect(await answerTo(app, `${base}${own}`)).toBe(404)
  })
})

const atPath: [string, Mount][] = [
  ['connect', (webhooks) => connect().use('/hook', webhooks)],
  [
    'connect, in an application',
    (webhooks) =>
      connect()
        .use('/ho', (_request, _response, next) => next())
        .use(connect().use('/hook', webhooks)),
  ],
]

const expressAndConnect = expressVersions.flatMap(({ version, express }): typeof atPath => [
  [`connect in ${version}`, (webhooks) => express().use(connect().use('/hook', webhooks))],
  [`${version} in connect`, (webhooks) => connect().use(express().use('/hook', webhooks))],
])

test.each(expressAndConnect)('%s says the path that it mounts at', async (_, mount) => {
  const { webhooks } = receiving()
  const app = await mount(webhooks)
  for (const path of ['/hook', '/hook/', '/hook/deeper?a=1'])
    expect(await answerTo(app, path)).toBe('received')
  for (const path of [own, '/']) expect(await answerTo(app, path)).toBe(404)
})

test('connect says the path also of a URL that was rewritten before', async () => {
  const { webhooks } = receiving()
  const app = connect()
    .use((request, _response, next) => {
      Object.assign(request, { originalUrl: request.url, url: request.url?.replace('/public', '/hook') })
      next()
    })
    .use('/hook', webhooks)
  expect(await answerTo(app, '/public')).toBe('received')
  expect(await answerTo(app, '/else')).toBe(404)
})

test.each(expressVersions)(
  '$version without a path, and connect at one: each is answered as it stands',
  async ({ express }) => {
    const { webhooks } = receiving()
    const app = express().use(connect().use('/hook', webhooks)).use(webhooks)
    for (const path of ['/hook', '/hook/deeper', own]) expect(await answerTo(app, path)).toBe('received')
    for (const path of ['/', '/health', `/more${own}`]) expect(await answerTo(app, path)).toBe(404)
  },
)

const pathAndNone = expressVersions.flatMap(({ version, express }): [string, Mount][] => {
  const inRouter = (webhooks: Webhooks) => express.Router().use(webhooks)
  return [
    [version, (webhooks) => express().use('/api', inRouter(webhooks)).use('/hook', webhooks)],
    [
      `${version}, the other way round`,
      (webhooks) => express().use('/hook', webhooks).use('/api', inRouter(webhooks)),
    ],
  ]
})

test.each(pathAndNone)(
  'mounted at a path, and without one in a router, it takes nothing else of that router: %s',
  async (_, mount) => {
    const { webhooks } = receiving({ path: '/hook' })
    const app = await mount(webhooks)
    expect(await answerTo(app, '/hook')).toBe('received')
    expect(await answerTo(app, '/api/hook')).toBe('received')
    expect(await answerTo(app, '/api/users')).toBe(404)
  },
)

const bothWays: [string, Mount][] = [
  ['at a path and without one', (webhooks) => connect().use('/hook', webhooks).use(webhooks)],
  ['without a path and at one', (webhooks) => connect().use(webhooks).use('/Hook', webhooks)],
  [
    'at a path, and without one in an application at another',
    (webhooks) => connect().use('/hook', webhooks).use('/api', connect().use(webhooks)),
  ],
]

test.each(bothWays)('mounted by connect %s, each is answered as it stands', async (name, mount) => {
  const { webhooks } = receiving()
  const app = await mount(webhooks)
  for (const path of ['/hook', '/hook/', '/hook?a=1', '/hook/?a=1', '/hook/deeper'])
    expect(await answerTo(app, path)).toBe('received')
  const base = name.includes('another') ? '/api' : ''
  expect(await answerTo(app, base + own)).toBe('received')
  for (const path of ['/', '/health', `${base}/health`]) expect(await answerTo(app, path)).toBe(404)
})

describe('the option path', () => {
  const spellings: [option: string, asked: string[], not: string[]][] = [
    ['/größe/ä b', ['/gr%C3%B6%C3%9Fe/%C3%A4%20b', '/gr%c3%b6%c3%9fe/%c3%a4%20b/'], ['/gr', '/größe']],
    ['/gr%C3%B6%C3%9Fe', ['/gr%C3%B6%C3%9Fe'], ['/gr']],
    ['/a%2Fb', ['/a%2Fb'], ['/a/b']],
  ]
  test.each(spellings)('%s is answered however it is encoded', async (path, asked, not) => {
    for (const app of [connect(), ...expressVersions.map(({ express }) => express())]) {
      app.use(receiving({ path }).webhooks as never)
      for (const url of asked) expect(await answerTo(app, url)).toBe('received')
      for (const url of not) expect(await answerTo(app, encodeURI(url))).toBe(404)
    }
  })

  test('is told from others by case only where the application does that', async () => {
    for (const { express } of expressVersions) {
      const app = () => express().use(receiving({ path: '/Hook' }).webhooks)
      expect(await answerTo(app(), '/hOOK')).toBe('received')
      const strict = express()
        .enable('case sensitive routing')
        .use(receiving({ path: '/Hook' }).webhooks)
      expect(await answerTo(strict, '/Hook')).toBe('received')
      expect(await answerTo(strict, '/hook')).toBe(404)
    }
    expect(await answerTo(connect().use(receiving({ path: '/Hook' }).webhooks), '/hOOK')).toBe('received')
  })

  test('that no decoding can be made of is compared as it is written', async () => {
    expect(await answerTo(connect().use(receiving({ path: '/%ZZ' }).webhooks), '/%ZZ')).toBe('received')
  })
})

test.each(atPath)('%s says the path that it mounts at: all below is answered', async (_, mount) => {
  const { webhooks } = receiving()
  const app = await mount(webhooks)
  for (const path of ['/hook', '/hook/', '/hook/deeper?a=1'])
    expect(await answerTo(app, path)).toBe('received')
  expect(await answerTo(app, own)).toBe(404)
})

const unknown: [string, (webhooks: Webhooks, path: string) => RequestListener | Promise<RequestListener>][] =
  [
    ['@fastify/middie, at a path', (webhooks, path) => throughMiddie((app) => app.use(path, webhooks))],
    ...expressVersions.flatMap(({ version, express }): typeof unknown => [
      [
        `${version}, wrapped in a route`,
        (webhooks, path) => express().post(path, (...given) => webhooks(...given)),
      ],
      [
        `${version}, wrapped at a path`,
        (webhooks, path) => express().use(path, (...given) => webhooks(...given)),
      ],
    ]),
  ]

test.each(expressVersions)(
  '$version, wrapped in a route: what the log says to give it is what it needs',
  async ({ express }) => {
    const log = receiving()
    const app = express().post('/hook', (...given) => log.webhooks(...given))
    expect(await answerTo(app, '/hook')).toBe(404)
    expect(log.lines).toMatchObject([
      { details: { fix: expect.stringMatching(/option path: that of its route$/) } },
    ])
    const { webhooks } = receiving({ path: '/hook' })
    expect(
      await answerTo(
        express().post('/hook', (...given) => webhooks(...given)),
        '/hook',
      ),
    ).toBe('received')
  },
)

describe.each(unknown)('%s, which says nothing of it', (_, mount) => {
  test('a webhook counts as mounted without a path, and answers its own', async () => {
    const { webhooks, lines } = receiving()
    expect(await answerTo(await mount(webhooks, own), own)).toBe('received')
    expect(lines).toEqual([])
  })

  test('what is not answered is passed on, and the log says once why', async () => {
    const { webhooks, lines } = receiving()
    const app = await mount(webhooks, '/hook')
    for (const _ of [1, 2]) expect(await answerTo(app, '/hook')).toBe(404)
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: expect.stringContaining('answers /webhooks/sematryx only'),
        details: { provider: 'sematryx', fix: expect.stringContaining('option path') },
      }),
    ])
  })
})

test.each(expressVersions)(
  '$version: without a path in a router, a POST to where that stands is passed on with the same line',
  async ({ express }) => {
    const { webhooks, lines } = receiving()
    const app = express().use('/hook', express.Router().use(webhooks))
    expect(await answerTo(app, '/hook')).toBe(404)
    expect(await answerTo(app, '/hook/deeper')).toBe(404)
    expect(lines).toHaveLength(1)
  },
)

import { createServer, type RequestListener } from 'node:http'
import middie from '@fastify/middie'
import type { EventMap } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { type ExpressWebhooks, type ExpressWebhooksOptions, sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/express-versions'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/signed-deliveries'
import connect from 'connect'
import type { RequestHandler } from 'express'
import { fastify } from 'fastify'
import request from 'supertest'
import { describe, expect, test } from 'vitest'

const own = '/webhooks/sematryx'

function receiving(options: ExpressWebhooksOptions = {}) {
  const { logger, lines } = recordedLogger()
  const webhooks = sematryxWebhooks({
    secret: sematryxSecret,
    clock: manualClock(testTime),
    logger,
    ...options,
  })
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

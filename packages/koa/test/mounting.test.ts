import { once } from 'node:events'
import { connect as connectHttp2, createServer } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import type { EventMap } from '@hookport/core'
import { type KoaWebhooks, type KoaWebhooksOptions, sematryxWebhooks, throughApp } from '@hookport/koa'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import {
  sematryxOptions,
  sematryxSecret,
  signedSematryx,
} from '@hookport/testkit/receivers/signed-deliveries'
import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import bodyParser from 'koa-bodyparser'
import { describe, expect, onTestFinished, test } from 'vitest'

const own = '/webhooks/sematryx'
const received = { status: 200, body: '{"received":true}' }
const delivery = signedSematryx({ type: 'context.updated', data: { name: 'Größe ≤ 5 µm 🚀' } }, 'unicode')

function receiving(options: KoaWebhooksOptions & { secret?: () => string; maxBodyBytes?: number } = {}) {
  const { logger, lines } = recordedLogger()
  const webhooks = sematryxWebhooks({ ...sematryxOptions, logger, ...options })
  return { webhooks, lines }
}

async function serve(...middleware: Middleware[]) {
  const app = new Koa()
  for (const each of middleware) app.use(each)
  app.use((context) => {
    context.body = 'the next in line'
  })
  const url = await serveApp(app.callback())
  return {
    app,
    post: async (path: string, sent = delivery) => (await postDelivery(url + path, sent)).body,
    url,
  }
}

type Mount = (webhooks: KoaWebhooks<EventMap>) => Middleware

const ways: Record<string, [Mount, answered: string, passedOn: string]> = {
  'app.use(webhooks)': [(webhooks) => webhooks, own, '/hook'],
  'a route of a router': [
    (webhooks) => new Router().post('/hook', webhooks).routes() as Middleware,
    '/hook',
    own,
  ],
  'a route of a router with a prefix, behind another function': [
    (webhooks) =>
      new Router({ prefix: '/api' })
        .all('/hook', (_context, next) => next(), webhooks)
        .routes() as Middleware,
    '/api/hook',
    '/hook',
  ],
  'as koa-mount mounts it': [
    (webhooks) => async (context, next) => {
      if (!context.path.startsWith('/api/')) return next()
      const { path } = context
      context.path = path.slice('/api'.length)
      await webhooks(context, next)
      context.path = path
    },
    `/api${own}`,
    '/api/hook',
  ],
}

describe.each(Object.entries(ways))('%s', (_, [mount, answered, passedOn]) => {
  test('answers deliveries, whatever slash or query is at the end', async () => {
    const { webhooks } = receiving()
    const { post } = await serve(mount(webhooks))
    for (const end of ['', '/', '?a=1']) expect(await post(answered + end)).toBe('{"received":true}')
  })

  test('passes on what is not its own', async () => {
    const { webhooks } = receiving()
    const { post } = await serve(mount(webhooks))
    for (const path of [passedOn, '/', `${answered}/more`]) expect(await post(path)).not.toContain('received')
  })
})

const handing: [string, (router: Router, webhooks: KoaWebhooks<EventMap>) => unknown][] = [
  ['router.use(path, webhooks)', (router, webhooks) => router.use('/hook', webhooks as Middleware)],
  [
    'router.use of several paths',
    (router, webhooks) => router.use(['/other', '/hook'], webhooks as Middleware),
  ],
]

describe.each(handing)('%s', (_, use) => {
  test('is told at once: it runs only where a route does', async () => {
    const { webhooks, lines } = receiving()
    use(new Router(), webhooks)
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        details: { provider: 'sematryx', fix: expect.stringContaining("router.all('/hook', webhooks)") },
      }),
    ])
  })

  test('answers what reaches it, as a route takes it too', async () => {
    const { webhooks } = receiving()
    const router = new Router()
    use(router, webhooks)
    router.all('/{*any}', (context) => {
      context.body = 'a route'
    })
    const { post } = await serve(router.routes() as Middleware)
    for (const path of ['/hook', '/hook/', '/hook/more?a=1']) expect(await post(path)).toBe(received.body)
    for (const path of ['/hooks', '/']) expect(await post(path)).toBe('a route')
  })
})

test('nobody else is told of that: neither a route, nor an application, nor a tracing library', () => {
  const { webhooks, lines } = receiving()
  new Router().all('/hook', webhooks as Middleware)
  new Koa().use(webhooks)
  expect((webhooks as { router?: unknown }).router).toBeUndefined()
  expect(lines).toEqual([])
})

test('router.use(webhooks), without a path, answers its own', async () => {
  const { webhooks } = receiving()
  const router = new Router().use(webhooks as Middleware).all('/{*any}', (context) => {
    context.body = 'a route'
  })
  const { post } = await serve(router.routes() as Middleware)
  expect(await post(own)).toBe(received.body)
  expect(await post('/hook')).toBe('a route')
})

test('a router in a router holds it as one alone does', async () => {
  const { webhooks } = receiving()
  const inner = new Router().all('/hook', webhooks as Middleware)
  const { post } = await serve(new Router().use('/api', inner.routes()).routes() as Middleware)
  expect(await post('/api/hook')).toBe(received.body)
  expect(await post('/hook')).toBe('the next in line')
})

test('a function in its place that has its properties counts as it', async () => {
  const { webhooks } = receiving()
  const traced = Object.assign(((context, next) => webhooks(context, next)) as Middleware, webhooks)
  const { post } = await serve(new Router().all('/hook', traced).routes() as Middleware)
  expect(await post('/hook')).toBe(received.body)
})

test.each(['name', Symbol('original')])(
  'a function in its place that has only its %s, as New Relic’s, counts as it',
  async (key) => {
    const { webhooks } = receiving()
    const value = key === 'name' ? webhooks.name : webhooks
    const patched = Object.defineProperty(((context, next) => webhooks(context, next)) as Middleware, key, {
      value,
    })
    const { post } = await serve(new Router().all('/hook', patched).routes() as Middleware)
    expect(await post('/hook')).toBe(received.body)
  },
)

/** As the tracing of OpenTelemetry and Sentry: a function in place of another, which it marks. It is told nothing of it, and keeps nothing. */
function replaced(middleware: Middleware): Middleware {
  if (Reflect.get(middleware, mark) === true) return middleware
  Reflect.set(middleware, mark, true)
  return async (context, next) => middleware(context, next)
}
const mark = Symbol('patched')

function replacedInUse(middleware: Middleware & { router?: unknown }): Middleware {
  expect(middleware.router).toBeUndefined() // read to tell routers from others
  return replaced(middleware)
}

test('a function of OpenTelemetry in its place counts as it in a route', async () => {
  const { webhooks } = receiving()
  const { post } = await serve(new Router().all('/hook', replaced(webhooks)).routes() as Middleware)
  expect(await post('/hook')).toBe(received.body)
})

test('a function of OpenTelemetry in its place in an application does not count as it in a route that passes on', async () => {
  const { webhooks } = receiving()
  const router = new Router().all(
    '/hook',
    replaced((_context, next) => next()),
  )
  const { post } = await serve(router.routes() as Middleware, replacedInUse(webhooks))
  expect(await post('/hook')).toBe('the next in line')
  expect(await post('/webhooks/sematryx')).toBe(received.body)
})

test('a POST to where koa-mount mounts it is passed on, and the log says once why', async () => {
  const { webhooks, lines } = receiving()
  const { post } = await serve((context, next) => {
    context.path = '/'
    return webhooks(context, next)
  })
  for (const _ of [1, 2]) expect(await post('/hook')).toBe('the next in line')
  const fix = expect.stringContaining('option path')
  const message = expect.stringContaining(own)
  expect(lines).toEqual([{ level: 'warn', message, details: { provider: 'sematryx', fix } }])
})

test('the log says nothing of what else is passed on: what is no POST, other paths, and the root of the application', async () => {
  const { webhooks, lines } = receiving()
  const mounted = await serve((context, next) => {
    context.path = context.path.slice('/api'.length) || '/'
    return webhooks(context, next)
  })
  expect(await (await fetch(`${mounted.url}/api`)).text()).toBe('the next in line')
  expect(await mounted.post('/api/hook')).toBe('the next in line')
  const { post } = await serve(webhooks)
  for (const path of ['/', '/hook']) expect(await post(path)).toBe('the next in line')
  expect(lines).toEqual([])
})

test.each(['/api', `/api${own}`])(
  'where koa-mount mounts it, the option path may say the whole path: %s',
  async (path) => {
    const { webhooks } = receiving({ path })
    const { post } = await serve((context, next) => {
      context.path = context.path.slice('/api'.length) || '/'
      return webhooks(context, next)
    })
    expect(await post(path)).toBe(received.body)
    expect(await post(`${path}?a=1`)).toBe(received.body)
    expect(await post('/api/hook')).toBe('the next in line')
  },
)

test('a target that is no URL is passed on, and is no error', async () => {
  const { webhooks } = receiving()
  const { app, url } = await serve(webhooks)
  const errors: unknown[] = []
  app.on('error', (error) => errors.push(error))
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end('GET http://[ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  expect(await text(socket)).toContain('the next in line')
  expect(errors).toEqual([])
})

test('its path is answered however it is encoded', async () => {
  const { webhooks } = receiving({ path: '/größe/ä b' })
  const { post } = await serve(webhooks)
  expect(await post('/gr%C3%B6%C3%9Fe/%C3%A4%20b')).toBe(received.body)
  expect(await post('/gr%C3%B6%C3%9Fe')).toBe('the next in line')
})

test('the option path says another path', async () => {
  const { webhooks } = receiving({ path: '/hook/' })
  const { post } = await serve(webhooks)
  expect(await post('/hook')).toBe('{"received":true}')
  expect(await post(own)).toBe('the next in line')
  expect(() => receiving({ path: 'hook' })).toThrow('begin with a slash')
})

test('middleware outside sees the reply, and its status', async () => {
  const seen: unknown[] = []
  const { webhooks } = receiving()
  const { url } = await serve(async (context, next) => {
    await next()
    seen.push(context.status, context.body)
  }, webhooks)
  const response = await fetch(url + own)
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  expect(seen).toEqual([405, '{"error":"method_not_allowed"}'])
})

test('the text that koa-bodyparser leaves is used, and handlers get the bytes', async () => {
  const { webhooks } = receiving()
  const handled = keepHandled(webhooks)
  const { post } = await serve(bodyParser(), webhooks)
  expect(await post(own)).toBe(received.body)
  await webhooks.idle()
  expect(handled.map(({ rawBody }) => Buffer.from(rawBody))).toEqual([delivery.body])
})

test.each(['rawBody', 'body'])(
  'the bytes that a platform leaves in %s of Node’s request are used',
  async (name) => {
    const { webhooks } = receiving()
    const { post } = await serve(async ({ req }, next) => {
      Object.assign(req, { [name]: await buffer(req) })
      await next()
    }, webhooks)
    expect(await post(own)).toBe(received.body)
  },
)

test('where nothing is left of a body, the log says what to move', async () => {
  const { webhooks, lines } = receiving()
  const { post } = await serve(async ({ req }, next) => {
    for await (const _ of req);
    await next()
  }, webhooks)
  expect(await post(own)).toBe('{"error":"misconfigured"}')
  const fix = expect.stringContaining('app.use(webhooks) before app.use(bodyParser())')
  expect(lines).toEqual([expect.objectContaining({ details: expect.objectContaining({ fix }) })])
})

test('a self-test goes through the application', async () => {
  const { webhooks } = receiving()
  const { app } = await serve(webhooks)
  await webhooks.selfTest(throughApp(app.callback(), own))
})

test('a function of secrets is told the path that the client sent', async () => {
  const urls: string[] = []
  const pick = ({ url }: { url?: string } = {}) => {
    urls.push(url ?? '')
    return sematryxSecret
  }
  const { webhooks } = receiving({ secret: pick })
  const { post } = await serve((context, next) => {
    context.url = own
    return next()
  }, webhooks)
  await post('/sent?a=1')
  expect(urls).toEqual(['/sent?a=1'])
})

test('a reply over HTTP/2 has no Connection, of which Node would warn', async () => {
  const { webhooks } = receiving({ maxBodyBytes: 8 })
  const set: unknown[] = []
  const app = new Koa().use(async (context, next) => {
    context.set = (headers: unknown) => void set.push(headers)
    await next()
  })
  const server = createServer(app.use(webhooks).callback()).listen(0)
  await once(server, 'listening')
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  const head = { ...delivery.headers, ':method': 'POST', ':path': own }
  const [headers] = await once(session.request(head).end(delivery.body), 'response')
  expect(headers[':status']).toBe(413)
  expect(set).toEqual([expect.not.objectContaining({ connection: expect.anything() })])
})

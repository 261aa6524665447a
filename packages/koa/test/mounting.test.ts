import type { EventMap } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { type KoaWebhooks, type KoaWebhooksOptions, sematryxWebhooks, throughApp } from '@hookport/koa'
import { postDelivery, serveApp } from '@hookport/testkit/http'
import { recordedLogger } from '@hookport/testkit/logs'
import { keepHandled } from '@hookport/testkit/receivers'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/signed-deliveries'
import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import bodyParser from 'koa-bodyparser'
import { describe, expect, test } from 'vitest'

const own = '/webhooks/sematryx'
const received = { status: 200, body: '{"received":true}' }
const delivery = signedSematryx({ type: 'context.updated', data: { name: 'Größe ≤ 5 µm 🚀' } }, 'unicode')

function receiving(options: KoaWebhooksOptions & { secret?: () => string } = {}) {
  const { logger, lines } = recordedLogger()
  const webhooks = sematryxWebhooks({
    secret: sematryxSecret,
    clock: manualClock(testTime),
    logger,
    ...options,
  })
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

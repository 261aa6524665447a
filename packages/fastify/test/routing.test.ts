import { manualClock } from '@hookport/core/testing'
import { fastifyWebhooks, jaotWebhooks, sematryxWebhooks } from '@hookport/fastify'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { postDelivery } from '@hookport/testkit/http'
import {
  jaotSecret,
  sematryxSecret,
  signedJaot,
  signedSematryx,
  testTime,
} from '@hookport/testkit/signed-deliveries'
import type { FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import { fastifyVersions } from './fastify-versions.ts'
import { startApp } from './start-app.ts'

const clock = manualClock(testTime)
const secret = sematryxSecret
const received = { status: 200, body: '{"received":true}' }
const notAllowed = { status: 405, body: '{"error":"method_not_allowed"}' }

async function get(url: string, method = 'GET') {
  const response = await fetch(url, { method })
  return { status: response.status, body: await response.text(), allow: response.headers.get('allow') }
}

describe.each(fastifyVersions)('$version', ({ fastify }) => {
  const forms: Record<string, (app: FastifyInstance, options: { path: string; prefix?: string }) => unknown> =
    {
      sematryxWebhooks: (app, options) => app.register(sematryxWebhooks, { ...options, secret, clock }),
      fastifyWebhooks: (app, options) =>
        app.register(fastifyWebhooks(sematryxReceiver({ secret, clock })), options),
      'a plugin around it': (app, { prefix = '', ...options }) =>
        app.register((scope) => scope.register(sematryxWebhooks, { ...options, secret, clock }), { prefix }),
    }

  describe.each(Object.entries(forms))('%s', (name, register) => {
    test.each([
      ['/hooks', '/sematryx'],
      ['/hooks/', '/sematryx/'],
      ['/hooks', '/'],
      ['', '/hooks/sematryx/'],
    ])('under the prefix %j, at the path %j', async (prefix, path) => {
      const app = fastify()
      await register(app, { path, prefix })
      const url = (await startApp(app)) + `${prefix}${path}`.replaceAll('//', '/').replace(/\/$/, '')
      for (const end of ['', '/', '?a=1', '/?a=1']) {
        expect(await postDelivery(url + end, signedSematryx())).toMatchObject(received)
        // At the root of its application or scope, Fastify says what is not found.
        const isRoot = name === 'a plugin around it' && path === '/'
        expect(await get(url + end)).toMatchObject(
          isRoot ? { status: 404 } : { ...notAllowed, allow: 'POST' },
        )
      }
      expect(await postDelivery(`${url}/more`, signedSematryx())).toMatchObject({ status: 404 })
    })
  })

  const routerOptions = [
    {},
    { ignoreTrailingSlash: true },
    { ignoreDuplicateSlashes: true },
    { caseSensitive: false },
    { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false },
  ]
  test.each(routerOptions)(
    'with the options %j an application starts, and routes as they say',
    async (options) => {
      const app = fastify(options)
      await app.register(sematryxWebhooks, { path: '/Hooks/sematryx/', secret, clock })
      await app.register(jaotWebhooks, { path: '/hooks/jaot', secret: jaotSecret, clock })
      const url = await startApp(app)
      const asIs = ['/Hooks/sematryx', '/Hooks/sematryx/']
      const more = [
        ...(options.ignoreDuplicateSlashes ? ['//Hooks///sematryx', '/Hooks/sematryx//'] : []),
        ...(options.caseSensitive === false ? ['/hooks/SEMATRYX', '/HOOKS/sematryx/'] : []),
      ]
      for (const path of [...asIs, ...more])
        expect(await postDelivery(url + path, signedSematryx())).toMatchObject(received)
      expect(await postDelivery(`${url}/hooks/jaot/`, signedJaot('credits.low'))).toMatchObject(received)
    },
  )

  test('without a path, deliveries are received at /webhooks/ and the provider', async () => {
    const app = fastify()
    await app.register(sematryxWebhooks, { secret, clock })
    const url = await startApp(app)
    expect(await postDelivery(`${url}/webhooks/sematryx`, signedSematryx())).toMatchObject(received)
  })

  test('at the root, deliveries are received there, and the rest is as it was', async () => {
    const app = fastify()
    await app.register(sematryxWebhooks, { path: '/', secret, clock })
    app.get('/health', async () => 'healthy')
    const url = await startApp(app)
    expect(await postDelivery(url, signedSematryx())).toMatchObject(received)
    expect(await get(`${url}/health`)).toMatchObject({ body: 'healthy' })
    expect(await get(`${url}/else`)).toMatchObject({ status: 404 })
  })

  const routes: Record<string, (app: FastifyInstance, path: string) => unknown> = {
    'app.get(path)': (app, path) => app.get(path, async () => 'info'),
    'app.get(path/)': (app, path) => app.get(`${path}/`, async () => 'info'),
    'app.get of a pattern': (app) => app.get('/hooks/:provider', async () => 'info'),
    'app.route of several methods': (app, url) =>
      app.route({ method: ['GET', 'PUT'], url, handler: async () => 'info' }),
    'a scope that has the path for a prefix': (app, prefix) =>
      app.register(async (scope) => scope.get('/', async () => 'info'), { prefix }),
  }
  describe.each(Object.entries(routes))('%s', (name, addRoute) => {
    test.each(['before', 'after'])('registered %s the webhook, is left to the application', async (order) => {
      const app = fastify()
      const path = '/hooks/sematryx'
      if (order === 'before') await addRoute(app, path)
      await app.register(sematryxWebhooks, { path, secret, clock })
      if (order === 'after') await addRoute(app, path)
      const url = (await startApp(app)) + path
      expect(await get(name.includes('path/') ? `${url}/` : url)).toMatchObject({ status: 200, body: 'info' })
      expect(await postDelivery(url, signedSematryx())).toMatchObject(received)
      expect(await get(url, 'DELETE')).toMatchObject(notAllowed)
    })
  })

  test("the application's own answer to what it does not have is left as it was, outside of the path", async () => {
    const app = fastify()
    await app.register(sematryxWebhooks, { path: '/hooks', secret, clock })
    app.setNotFoundHandler((_request, reply) => reply.code(404).send('ours'))
    const url = await startApp(app)
    expect(await get(`${url}/else`)).toMatchObject({ status: 404, body: 'ours' })
    expect(await get(`${url}/hooks`)).toMatchObject(notAllowed)
  })

  test('the path and query that a function of secrets is told are those that the client sent', async () => {
    const urls: string[] = []
    const app = fastify({ rewriteUrl: ({ url }) => (url ?? '').replace('/public', '') })
    const pick = ({ url }: { url: string }) => {
      urls.push(url)
      return secret
    }
    await app.register(sematryxWebhooks, { path: '/hooks/:tenant', secret: pick, clock })
    const url = `${await startApp(app)}/public/hooks/7`
    await postDelivery(`${url}?a=1`, signedSematryx())
    expect(await get(url)).toMatchObject(notAllowed)
    expect(urls).toEqual(['/public/hooks/7?a=1'])
  })
})

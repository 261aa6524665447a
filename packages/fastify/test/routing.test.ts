import { manualClock } from '@hookport/core/testing'
import { fastifyWebhooks, jaotWebhooks, sematryxWebhooks } from '@hookport/fastify'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import {
  jaotSecret,
  sematryxSecret,
  signedJaot,
  signedSematryx,
  testTime,
} from '@hookport/testkit/receivers/signed-deliveries'
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

describe.each(fastifyVersions)('$version', ({ version, fastify }) => {
  const forms: Record<string, (app: FastifyInstance, options: { path: string; prefix?: string }) => unknown> =
    {
      sematryxWebhooks: (app, options) => app.register(sematryxWebhooks, { ...options, secret, clock }),
      fastifyWebhooks: (app, options) =>
        app.register(fastifyWebhooks(sematryxReceiver({ secret, clock })), options),
      'a plugin around it': (app, { prefix = '', ...options }) =>
        app.register((scope) => scope.register(sematryxWebhooks, { ...options, secret, clock }), { prefix }),
      'a plugin around a plugin around it': (app, { prefix = '', ...options }) =>
        app.register(
          async (outer) =>
            outer.register((scope) => scope.register(sematryxWebhooks, { ...options, secret, clock })),
          { prefix },
        ),
    }

  describe.each(Object.entries(forms))('%s', (_, register) => {
    test.each([
      ['/hooks', '/sematryx'],
      ['/hooks/', '/sematryx/'],
      ['/hooks', '/'],
      ['', '/hooks/sematryx/'],
      ['/hooks', 'sematryx/'],
    ])('under the prefix %j, at the path %j', async (prefix, path) => {
      const app = fastify()
      await register(app, { path, prefix })
      const url = (await startApp(app)) + `${prefix}/${path}`.replaceAll(/\/+/g, '/').replace(/\/$/, '')
      for (const end of ['', '/', '?a=1', '/?a=1']) {
        expect(await postDelivery(url + end, signedSematryx())).toMatchObject(received)
        expect(await get(url + end)).toMatchObject({ ...notAllowed, allow: 'POST' })
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
  const places: ((options: object) => object)[] = [
    (options) => options,
    ...(version === 'Fastify 5' ? [(routerOptions: object) => ({ routerOptions })] : []),
  ]
  const given = places.flatMap((place) => routerOptions.map((options) => [place(options), options] as const))
  test.each(given)(
    'with the options %j an application starts, and routes as they say',
    async (wherever, options) => {
      const app: FastifyInstance = fastify(wherever)
      await app.register(sematryxWebhooks, { path: '/Hooks/sematryx/', secret, clock })
      await app.register(jaotWebhooks, { path: '/hooks/jaot', secret: jaotSecret, clock })
      const url = await startApp(app)
      const asIs = ['/Hooks/sematryx', '/Hooks/sematryx/']
      const more = [
        ...(options.ignoreDuplicateSlashes ? ['//Hooks///sematryx', '/Hooks/sematryx//'] : []),
        ...(options.caseSensitive === false ? ['/hooks/SEMATRYX', '/HOOKS/sematryx/'] : []),
      ]
      for (const path of [...asIs, ...more]) {
        expect(await postDelivery(url + path, signedSematryx())).toMatchObject(received)
        expect(await get(url + path)).toMatchObject({ ...notAllowed, allow: 'POST' })
      }
      const isOurs = options.caseSensitive === false
      expect(await get(`${url}/hooks/SEMATRYX`)).toMatchObject({ status: isOurs ? 405 : 404 })
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

  test.each(['before', 'after'])(
    "the application's own answer to what it does not have, set %s the webhook, is left as it was, below the path too",
    async (order) => {
      const app = fastify()
      const setUp = () => app.setNotFoundHandler((_request, reply) => reply.code(404).send('ours'))
      if (order === 'before') setUp()
      await app.register(sematryxWebhooks, { path: '/hooks', secret, clock })
      await app.register((scope) =>
        scope.register(jaotWebhooks, { path: '/scoped', secret: jaotSecret, clock }),
      )
      if (order === 'after') setUp()
      const url = await startApp(app)
      for (const path of ['/else', '/hooks/more', '/scoped/more', '/hooksmore', '/'])
        for (const method of ['GET', 'POST', 'PUT'])
          expect(await get(url + path, method)).toMatchObject({ status: 404, body: 'ours' })
      for (const path of ['/hooks', '/hooks/', '/hooks?a=1', '/scoped'])
        expect(await get(url + path)).toMatchObject(notAllowed)
    },
  )

  const patterns: Record<string, { taken: string[]; not: string[] }> = {
    '/hook/:id': { taken: ['/hook/', '/hook/1', '/hook/1/'], not: ['/hook', '/hook/1/2'] },
    '/hook/:id?': { taken: ['/hook', '/hook/', '/hook/1', '/hook/1/'], not: ['/hook/1/2'] },
    '/hook/*': { taken: ['/hook/', '/hook/1', '/hook/1/2'], not: ['/hook', '/hooks'] },
    '/:tenant/*': { taken: ['/7/', '/7/hook/1'], not: ['/', '/7'] },
    '*': { taken: ['/', '/hook', '/hook/1'], not: [] },
    '/hook/:id(^\\d+$)': { taken: ['/hook/12'], not: ['/hook'] },
    '/größe/ä b': { taken: ['/gr%C3%B6%C3%9Fe/%C3%A4%20b', '/größe/ä%20b/'], not: ['/gr', '/größe'] },
    '/gr%C3%B6%C3%9Fe/%C3%A4%20b': { taken: ['/gr%C3%B6%C3%9Fe/%C3%A4%20b'], not: ['/größe'] },
  }
  test.each(Object.entries(patterns))(
    'the path %s is one as Fastify writes them',
    async (path, { taken, not }) => {
      const app = fastify()
      await app.register(sematryxWebhooks, { path, secret, clock })
      const url = await startApp(app)
      for (const asked of taken) {
        expect(await postDelivery(url + asked, signedSematryx())).toMatchObject(received)
        expect(await get(url + asked)).toMatchObject(notAllowed)
      }
      for (const asked of not) {
        expect(await postDelivery(url + asked, signedSematryx())).toMatchObject({ status: 404 })
        expect(await get(url + asked)).toMatchObject({ status: 404 })
      }
    },
  )

  test.each(['/a/:id?/b', '/a/*/b', '/a/:id('])(
    'the path %s, which is none, is an error that names the option',
    async (path) => {
      const app = fastify()
      const starting = async () => {
        await app.register(sematryxWebhooks, { path, secret, clock })
        await app.ready()
      }
      await expect(starting()).rejects.toMatchObject({
        code: 'invalid_option',
        message: expect.stringContaining(`the option path, "${path}"`),
        cause: expect.any(Error), // the router's own
      })
    },
  )

  test('a path that the application has a POST for is an error that names the option', async () => {
    const app = fastify()
    app.post('/hook', async () => 'ours')
    const starting = async () => {
      await app.register(sematryxWebhooks, { path: '/hook', secret, clock })
      await app.ready()
    }
    await expect(starting()).rejects.toMatchObject({ code: 'invalid_option' })
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

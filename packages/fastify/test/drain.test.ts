import { setTimeout } from 'node:timers/promises'
import { drainRoute, sematryxWebhooks } from '@hookport/fastify'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { fastify } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'cron-secret'

async function appWithCron() {
  const app = fastify()
  onTestFinished(() => app.close())
  await app.register(sematryxWebhooks, {
    secret: sematryxSecret,
    consume: false,
    logger: false,
    clock: { now: () => testTime },
  })
  const handled: string[] = []
  app.sematryxWebhooks.onAnyEvent(({ id }) => void handled.push(id))
  const drain = drainRoute(app.sematryxWebhooks, { secret, maxMs: 5_000 })
  app.route({ method: ['GET', 'POST'], url: '/cron/webhooks', handler: drain })
  app.get('/cron/around', async (request, reply) => {
    await drain(request, reply)
  })
  const { headers, body } = signedSematryx({ id: 'evt_1' })
  expect(
    await app.inject({ method: 'POST', url: '/webhooks/sematryx', headers, payload: body }),
  ).toMatchObject({
    statusCode: 200,
  })
  return { app, handled }
}

test.each(['GET', 'POST'] as const)(
  'a drain is the handler of a route: by %s with the secret, it handles what waits',
  async (method) => {
    const { app, handled } = await appWithCron()
    expect(handled).toEqual([])
    const response = await app.inject({
      method,
      url: '/cron/webhooks',
      headers: { authorization: `Bearer ${secret}` },
    })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ handled: 1, more: false })
    expect(response.headers['cache-control']).toBe('no-store')
    expect(handled).toEqual(['evt_1'])
  },
)

test('anybody else is answered 401', async () => {
  const { app, handled } = await appWithCron()
  const response = await app.inject({ url: '/cron/webhooks', headers: { authorization: 'Bearer guess' } })
  expect([response.statusCode, response.body]).toEqual([401, '{"error":"unauthorized"}'])
  expect(handled).toEqual([])
})

test('a drain without a secret is an error at construction', async () => {
  const { app } = await appWithCron()
  expect(() => drainRoute(app.sematryxWebhooks, { secret: '' })).toThrow('secret is empty')
})

test('an async function around the handler can wait for the answer', async () => {
  const { app, handled } = await appWithCron()
  app.sematryxWebhooks.onAnyEvent(() => setTimeout(20))
  const headers = { authorization: `Bearer ${secret}` }
  const response = await app.inject({ url: '/cron/around', headers })
  expect([response.statusCode, response.body]).toEqual([200, expect.stringContaining('"handled":1')])
  expect(handled).toEqual(['evt_1'])
})

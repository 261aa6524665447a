import { sematryxWebhooks } from '@hookport/express'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import express from 'express'
import request from 'supertest'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'cron-secret'

function appWithCron() {
  const webhooks = sematryxWebhooks({
    secret: sematryxSecret,
    consume: false,
    logger: false,
    clock: { now: () => testTime },
  })
  onTestFinished(() => webhooks.stop())
  const handled: string[] = []
  webhooks.onAnyEvent(({ id }) => void handled.push(id))
  const app = express()
    .use('/webhooks/sematryx', webhooks)
    .all('/cron/webhooks', webhooks.drain({ secret, maxMs: 5_000 }))
  const deliver = async () => {
    const { headers, body } = signedSematryx({ id: 'evt_1' })
    await request(app).post('/webhooks/sematryx').set(headers).send(body.toString('utf8')).expect(200)
  }
  return { app, webhooks, handled, deliver }
}

test('both are over once the reply is written, as a function of a platform may be frozen then', async () => {
  const { webhooks } = appWithCron()
  const drain = webhooks.drain({ secret })
  const written: boolean[] = []
  const url = await serveApp(async (request, response) => {
    await (request.method === 'GET' ? drain : webhooks)(request, response)
    written.push(response.writableEnded)
  })
  expect(await postDelivery(url, signedSematryx())).toMatchObject({ status: 200 })
  const asked = await fetch(url, { headers: { authorization: `Bearer ${secret}` } })
  expect(await asked.json()).toMatchObject({ handled: 1 })
  await expect.poll(() => written).toEqual([true, true])
})

test.each(['get', 'post'] as const)(
  'a drain is mounted as middleware: by %s with the secret, it handles what waits',
  async (method) => {
    const { app, handled, deliver } = appWithCron()
    await deliver()
    expect(handled).toEqual([])
    const response = await request(app)[method]('/cron/webhooks').set('authorization', `Bearer ${secret}`)
    expect(response).toMatchObject({ status: 200, body: { handled: 1, more: false } })
    expect(response.headers['cache-control']).toBe('no-store')
    expect(handled).toEqual(['evt_1'])
  },
)

test('anybody else is answered 401', async () => {
  const { app, handled, deliver } = appWithCron()
  await deliver()
  expect(await request(app).get('/cron/webhooks')).toMatchObject({
    status: 401,
    body: { error: 'unauthorized' },
  })
  expect(await request(app).get('/cron/webhooks').set('authorization', 'Bearer guess')).toMatchObject({
    status: 401,
  })
  expect(handled).toEqual([])
})

test('a drain without a secret is an error at construction', () => {
  const { webhooks } = appWithCron()
  expect(() => webhooks.drain({ secret: undefined })).toThrow('secret is undefined')
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sematryxWebhooks } from '@hookport/koa'
import { sematryxSecret } from '@hookport/testkit/receivers/signed-deliveries'
import Router from '@koa/router'
import Koa from 'koa'
import { expect, onTestFinished, test } from 'vitest'

test('a drain is the handler of a route, and answers 401 without its secret', async () => {
  const webhooks = sematryxWebhooks({ secret: sematryxSecret, consume: false, logger: false })
  webhooks.onAnyEvent(() => {})
  const router = new Router().get('/cron/webhooks', webhooks.drain({ secret: 'cron-secret' }))
  const server = createServer(new Koa().use(router.routes()).callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await webhooks.stop()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cron/webhooks`
  const ask = (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } })
  expect((await ask('guess')).status).toBe(401)
  const response = await ask('cron-secret')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toMatchObject({ handled: 0, more: false })
})

test('a drain without a secret is an error at construction', () => {
  const webhooks = sematryxWebhooks({ secret: sematryxSecret, logger: false })
  onTestFinished(() => webhooks.stop())
  expect(() => webhooks.drain({ secret: undefined })).toThrow('secret is undefined')
})

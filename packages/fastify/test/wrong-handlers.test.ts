import { nodeWebhooks } from '@hookport/core/node'
import { fastifyWebhooks } from '@hookport/fastify'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { expect, test } from 'vitest'
import { fastifyVersions } from './fastify-versions.ts'
import { startApp } from './start-app.ts'

test.each(fastifyVersions)(
  '$version: a route that hands its own request and reply to a webhook of Node acknowledges nothing, and the log says what to use',
  async ({ fastify }) => {
    const { logger, lines } = recordedLogger()
    const webhooks = nodeWebhooks(sematryxReceiver({ ...sematryxOptions, logger }))
    const app = fastify()
    app.post('/hook', (request, reply) => webhooks(request as never, reply as never))
    const url = `${await startApp(app)}/hook`
    expect(await postDelivery(url, signedSematryx())).toMatchObject({ status: 500 })
    expect(lines).toMatchObject([
      { details: { err: { message: expect.stringContaining('@hookport/fastify') } } },
    ])
  },
)

test.each(fastifyVersions)(
  '$version: where a hook puts an async function in the place of the handler, nothing is acknowledged before it is verified and held',
  async ({ fastify }) => {
    const app = fastify()
    app.addHook('onRoute', (route) => {
      const { handler } = route
      route.handler = async function (request, reply) {
        await handler.call(this, request, reply)
      }
    })
    const receiver = sematryxReceiver({ ...sematryxOptions, logger: false })
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    const url = `${await startApp(app)}/hook`
    expect(await postDelivery(url, signedSematryx())).toMatchObject({
      status: 200,
      body: '{"received":true}',
    })
    const forged = { ...signedSematryx(), body: Buffer.from('{}') }
    expect(await postDelivery(url, forged)).toMatchObject({
      status: 401,
      body: '{"error":"invalid_signature"}',
    })
  },
)

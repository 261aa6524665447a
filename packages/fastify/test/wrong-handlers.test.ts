import { setImmediate } from 'node:timers/promises'
import { createReceiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { drainRoute, fastifyWebhooks } from '@hookport/fastify'
import { sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import type { FastifyReply, FastifyRequest } from 'fastify'
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

type Handle = (request: FastifyRequest, reply: FastifyReply) => unknown

/** Functions that a hook puts in the place of a handler, and that Fastify takes for one which has answered. */
const around: Readonly<Record<string, (handler: Handle) => Handle>> = {
  'is async and awaits it': (handler) => async (request, reply) => {
    await handler(request, reply)
  },
  'is async and leaves out what it returns': (handler) => async (request, reply) => {
    handler(request, reply)
  },
  'answers something else at once': (handler) => (request, reply) => {
    handler(request, reply)
    return { ok: true }
  },
}

test.each(fastifyVersions.flatMap((it) => Object.keys(around).map((name) => ({ ...it, name }))))(
  '$version: where a hook puts a function that $name in the place of the handler, nothing is acknowledged before it is verified and held',
  async ({ fastify, name }) => {
    const app = fastify()
    app.addHook('onRoute', (route) => {
      const { handler } = route
      route.handler = around[name]?.(handler.bind(app) as Handle) as typeof handler
    })
    const sent: unknown[] = []
    app.addHook('onSend', async (_request, _reply, payload) => {
      sent.push(payload)
      await setImmediate()
      return payload
    })
    const receiver = sematryxReceiver({ ...sematryxOptions, logger: false })
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    app.post('/cron', drainRoute(receiver, { secret: 'cron-secret' }))
    const url = await startApp(app)
    expect(await postDelivery(`${url}/hook`, signedSematryx())).toMatchObject({
      status: 200,
      body: '{"received":true}',
    })
    const forged = { ...signedSematryx(), body: Buffer.from('{}') }
    expect(await postDelivery(`${url}/hook`, forged)).toMatchObject({
      status: 401,
      body: '{"error":"invalid_signature"}',
    })
    expect(await postDelivery(`${url}/cron`, forged)).toMatchObject({
      status: 401,
      body: '{"error":"unauthorized"}',
    })
    expect(sent).toHaveLength(3)
  },
)

test.each(fastifyVersions)(
  '$version: where a hook puts an async function in the place of the handler, a sender that demands an empty reply gets one',
  async ({ fastify }) => {
    const app = fastify()
    app.addHook('onRoute', (route) => {
      route.handler = around['is async and leaves out what it returns']?.(
        route.handler.bind(app) as Handle,
      ) as typeof route.handler
    })
    const { secret, clock } = sematryxOptions
    const provider = { ...sematryx({ secret }), emptyReply: true }
    const receiver = createReceiver({ provider, clock, logger: false })
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    const url = `${await startApp(app)}/hook`
    expect(await postDelivery(url, signedSematryx())).toMatchObject({ status: 200, body: '' })
    const forged = { ...signedSematryx(), body: Buffer.from('{}') }
    expect(await postDelivery(url, forged)).toMatchObject({ status: 401, body: '' })
  },
)

test.each(fastifyVersions)(
  '$version: a function around the handler may still refuse a delivery, by an error or by a status, while the receiver is at it',
  async ({ fastify }) => {
    const app = fastify()
    const fail: Handle[] = [
      async () => Promise.reject(new Error('a wrapper fails')),
      async (_request, reply) => reply.code(503).send('a wrapper is busy'),
      async () => Promise.reject({ statusCode: 429, message: 'no Error, but thrown' }),
    ]
    app.addHook('onRoute', (route) => {
      const { handler } = route
      route.handler = async (request, reply) => {
        handler.call(app, request, reply)
        return fail.shift()?.(request, reply)
      }
    })
    const receiver = sematryxReceiver({ ...sematryxOptions, logger: false })
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    const url = `${await startApp(app)}/hook`
    expect(await postDelivery(url, signedSematryx())).toMatchObject({ status: 500 })
    expect(await postDelivery(url, signedSematryx())).toMatchObject({
      status: 503,
      body: 'a wrapper is busy',
    })
    expect(await postDelivery(url, signedSematryx())).toMatchObject({
      status: 429,
      body: expect.stringContaining('no Error, but thrown'),
    })
    expect(await postDelivery(url, signedSematryx())).toMatchObject({ status: 200 })
  },
)

test.each(fastifyVersions)(
  '$version: where a function is around the handler, and a hook fails at the answer, an error handler may answer nothing but a status',
  async ({ fastify }) => {
    const app = fastify({ forceCloseConnections: true })
    app.addHook('onRoute', (route) => {
      route.handler = around['is async and awaits it']?.(
        route.handler.bind(app) as Handle,
      ) as typeof route.handler
    })
    const failures = [new Error('a hook fails')]
    app.addHook('onSend', async (_request, _reply, payload) => {
      for (const failure of failures.splice(0)) throw failure
      return payload
    })
    app.setErrorHandler((_error, _request, reply) => reply.code(401).send())
    const receiver = sematryxReceiver({ ...sematryxOptions, logger: false })
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    const url = `${await startApp(app)}/hook`
    const forged = { ...signedSematryx(), body: Buffer.from('{}') }
    expect(await postDelivery(url, forged)).toMatchObject({ status: 401, body: '' })
  },
)

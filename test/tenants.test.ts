import { once } from 'node:events'
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { createReceiver, memoryInbox } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { manualClock } from '@hookport/core/testing'
import { webWebhooks } from '@hookport/core/web'
import { expressWebhooks } from '@hookport/express'
import { fastifyWebhooks } from '@hookport/fastify'
import { koaWebhooks } from '@hookport/koa'
import { nextWebhooks } from '@hookport/next'
import { pagesWebhooks } from '@hookport/next/pages'
import { type SematryxEvents, sematryx } from '@hookport/providers/sematryx'
import { express4 } from '@hookport/testkit/http/express-versions'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { silentLogger } from '@hookport/testkit/logs'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import Router from '@koa/router'
import express from 'express'
import { fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify4'
import { Hono } from 'hono'
import Koa from 'koa'
import { expect, onTestFinished, test } from 'vitest'

type SematryxReceiver = ReturnType<typeof createReceiver<SematryxEvents>>

/** Mounts a receiver below `/hooks`, for every tenant, as the framework's users do. Answers the origin. */
type Mount = (receiver: SematryxReceiver) => Promise<string>

async function mountFastify(make: typeof fastify, receiver: SematryxReceiver): Promise<string> {
  const app = make()
  onTestFinished(() => app.close())
  await app.register(fastifyWebhooks(receiver), { prefix: '/hooks', path: '/:tenant' })
  return app.listen({ port: 0, host: '127.0.0.1' })
}

const mounts: Record<string, Mount> = {
  'node:http': (receiver) => serveApp(nodeWebhooks(receiver)),
  'Express 5, in a router': (receiver) => {
    const router = express.Router().use('/:tenant', expressWebhooks(receiver))
    return serveApp(express().use('/hooks', router))
  },
  'Express 4, in a sub-application': (receiver) =>
    serveApp(express4().use('/hooks', express4().use('/:tenant', expressWebhooks(receiver)))),
  'Fastify 5, under a prefix': (receiver) => mountFastify(fastify, receiver),
  'Fastify 4, under a prefix': (receiver) => mountFastify(fastify4 as unknown as typeof fastify, receiver),
  'Koa, in a router': (receiver) => {
    const router = new Router({ prefix: '/hooks' }).all('/:tenant', koaWebhooks(receiver))
    return serveApp(new Koa().use(router.routes()).callback())
  },
  async Hono(receiver) {
    const receive = webWebhooks(receiver)
    const app = new Hono().all('/hooks/:tenant', ({ req }) => receive(req.raw))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
    onTestFinished(() => void server.close())
    if (!server.listening) await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`
  },
  async 'Next, App Router'(receiver) {
    const { POST } = nextWebhooks(receiver)
    const app = new Hono().all('*', ({ req }) => POST(req.raw))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
    onTestFinished(() => void server.close())
    if (!server.listening) await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`
  },
  'Next, Pages Router': (receiver) => serveApp(pagesWebhooks(receiver) as Parameters<typeof serveApp>[0]),
}

test.each(Object.entries(mounts))(
  '%s: a definition finds a header however it writes the name',
  async (_, mount) => {
    const found: unknown[] = []
    const names = ['X-Sematryx-Signature', 'x-sematryx-signature', 'X-SEMATRYX-SIGNATURE', 'X-Absent']
    const receiver = createReceiver({
      provider: sematryx({
        secret({ headers }) {
          found.push(...names.map((name) => headers.get(name) ?? undefined))
          return sematryxSecret
        },
      }),
      inbox: memoryInbox(),
      clock: manualClock(testTime),
      logger: silentLogger,
    })
    receiver.onAnyEvent(() => {})
    const delivery = signedSematryx({ id: 'evt_1' })
    const { status } = await postDelivery(`${await mount(receiver)}/hooks/one`, delivery)
    expect(status).toBe(200)
    const signature = new Headers(delivery.headers).get('x-sematryx-signature')
    expect(found).toEqual([signature, signature, signature, undefined])
    await receiver.stop()
  },
)

test.each(Object.entries(mounts))(
  '%s: the secret is picked by path and query as the client sent them, and tenants have events of their own',
  async (_, mount) => {
    const asked: string[] = []
    const secretOf = (tenant: string) => `${sematryxSecret} of ${tenant}`
    const receiver = createReceiver({
      provider: sematryx({
        secret({ url }) {
          asked.push(url)
          const tenant = /^\/hooks\/([^?]+)/.exec(url)?.[1] ?? ''
          return { tenant, secret: secretOf(tenant) }
        },
      }),
      inbox: memoryInbox(),
      clock: manualClock(testTime),
      logger: silentLogger,
    })
    const tenants: unknown[] = []
    receiver.onAnyEvent(({ tenant, key }) => void tenants.push([tenant, key]))
    const origin = await mount(receiver)
    for (const tenant of ['one', 'two']) {
      const delivery = signedSematryx({ id: 'evt_1' }, 'compact', secretOf(tenant))
      const { status } = await postDelivery(`${origin}/hooks/${tenant}?a=%2F&a=b`, delivery)
      expect(status).toBe(200)
    }
    await receiver.idle()
    expect(asked).toEqual(['/hooks/one?a=%2F&a=b', '/hooks/two?a=%2F&a=b'])
    expect(tenants.sort()).toEqual([
      ['one', 'sematryx@one:evt_1'],
      ['two', 'sematryx@two:evt_1'],
    ])
    await receiver.stop()
  },
)

import type { RequestListener } from 'node:http'
import { serve } from '@hono/node-server'
import { createReceiver, type Receiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { webWebhooks } from '@hookport/core/web'
import { expressWebhooks } from '@hookport/express'
import { fastifyWebhooks } from '@hookport/fastify'
import { koaWebhooks } from '@hookport/koa'
import { nextWebhooks } from '@hookport/next'
import { pagesWebhooks } from '@hookport/next/pages'
import { sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import { holdDelivery, postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import express from 'express'
import { fastify } from 'fastify'
import Koa from 'koa'
import { describe, expect, onTestFinished, test } from 'vitest'

const path = '/webhooks/sematryx'

type Fetch = (request: Request) => Promise<Response>

/** @returns the origin that it is served at. */
type Serve = (receiver: Receiver) => Promise<string>

const served = (app: RequestListener) => serveApp(app)

function servedOverWeb(fetch: Fetch): Promise<string> {
  return new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    )
    onTestFinished(() => void server.close())
  })
}

const adapters: Readonly<Record<string, Serve>> = {
  'node:http': (receiver) => served(nodeWebhooks(receiver)),
  Express: (receiver) => served(express().use(expressWebhooks(receiver))),
  Koa: (receiver) => served(new Koa().use(koaWebhooks(receiver)).callback()),
  'the Pages Router of Next': (receiver) => served(pagesWebhooks(receiver)),
  'the App Router of Next': (receiver) => servedOverWeb(nextWebhooks(receiver).POST),
  'the Web': (receiver) => servedOverWeb(webWebhooks(receiver)),
  async Fastify(receiver) {
    const app = fastify({ forceCloseConnections: true })
    onTestFinished(() => app.close())
    await app.register(fastifyWebhooks(receiver))
    return app.listen({ port: 0, host: '127.0.0.1' })
  },
}

describe.each(Object.entries(adapters))('%s', (_, serveWith) => {
  test('bodies that are on their way take no more than maxBytesInFlight: the one that has been there for longest is 503', async () => {
    const [first, second] = [signedSematryx({ id: 'evt_1' }), signedSematryx({ id: 'evt_2' })]
    const maxBytesInFlight = first.body.length + 10
    const receiver = sematryxReceiver({ ...sematryxOptions, logger: false, maxBytesInFlight })
    const url = (await serveWith(receiver)) + path
    const slow = holdDelivery(url, first)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const quick = holdDelivery(url, second)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await slow.finish()).toEqual({ status: 503, body: '{"error":"unavailable"}' })
    expect(await quick.finish()).toMatchObject({ status: 200 })
  })
  test('a sender that demands an empty reply gets one, which is of no type', async () => {
    const { secret, clock } = sematryxOptions
    const provider = { ...sematryx({ secret }), emptyReply: true }
    const receiver = createReceiver({ provider, clock, logger: false })
    const url = (await serveWith(receiver)) + path
    const { status, headers, body } = await postDelivery(url, signedSematryx())
    expect([status, headers.get('content-type'), body]).toEqual([200, null, ''])
    const forged = { ...signedSematryx(), body: Buffer.from('{}') }
    const refusal = await postDelivery(url, forged)
    expect([refusal.status, refusal.headers.get('content-type'), refusal.body]).toEqual([401, null, ''])
  })
})

import { once } from 'node:events'
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import type { Receiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { webWebhooks } from '@hookport/core/web'
import { expressWebhooks } from '@hookport/express'
import { fastifyWebhooks } from '@hookport/fastify'
import { koaWebhooks } from '@hookport/koa'
import { listen, type Running, runningServer } from '@hookport/testkit/http/serving'
import express, { type ErrorRequestHandler } from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'

type Receivers = Record<string, Receiver>

/** Mounts each receiver at its path, and serves them. What an adapter throws goes to `onThrown`. */
type Serve = (receivers: Receivers, onThrown: (error: unknown) => void) => Promise<Running>

/**
 * The adapters that every attack is run through. Next is not among them: its route handlers are those of Hono, `core/web`, its API
 * routes those of `node:http`, and what stands in front of them is tried by the receiver audits against a real `next start`.
 */
export const adapters: Readonly<Record<string, Serve>> = {
  'node:http': serveNode,
  'Express 5': serveExpress,
  'Fastify 5': serveFastify,
  'Koa 3': serveKoa,
  Hono: serveHono,
}

function serveNode(receivers: Receivers, onThrown: (error: unknown) => void): Promise<Running> {
  const listeners = new Map(Object.entries(receivers).map(([path, one]) => [path, nodeWebhooks(one)]))
  return listen((request, response) => {
    const listener = listeners.get(request.url?.split('?')[0] ?? '')
    if (listener) listener(request, response).catch(onThrown)
    else response.writeHead(404).end()
  }, receivers)
}

function serveExpress(receivers: Receivers, onThrown: (error: unknown) => void): Promise<Running> {
  const app = express()
  for (const [path, receiver] of Object.entries(receivers)) app.use(path, expressWebhooks(receiver))
  const reportThrown: ErrorRequestHandler = (error, _request, response, _next) => {
    onThrown(error)
    response.sendStatus(500)
  }
  return listen(app.use(reportThrown), receivers)
}

async function serveFastify(receivers: Receivers, onThrown: (error: unknown) => void): Promise<Running> {
  const app = fastify()
  app.setErrorHandler((error, _request, reply) => {
    onThrown(error)
    return reply.code(500).send()
  })
  for (const [path, receiver] of Object.entries(receivers))
    await app.register(fastifyWebhooks(receiver), { path })
  return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), stop: () => app.close() }
}

function serveKoa(receivers: Receivers, onThrown: (error: unknown) => void): Promise<Running> {
  const app = new Koa()
  app.on('error', () => {}) // Koa tells here of connections that break, too
  app.use(async (context, next) => {
    try {
      await next()
    } catch (error) {
      onThrown(error)
      context.status = 500
    }
  })
  for (const [path, receiver] of Object.entries(receivers)) app.use(koaWebhooks(receiver, { path }))
  return listen(app.callback(), receivers)
}

async function serveHono(receivers: Receivers, onThrown: (error: unknown) => void): Promise<Running> {
  const app = new Hono()
  app.onError((error, context) => {
    onThrown(error)
    return context.body(null, 500)
  })
  for (const [path, receiver] of Object.entries(receivers)) {
    const receive = webWebhooks(receiver)
    app.all(path, ({ req }) => receive(req.raw))
  }
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  if (!server.listening) await once(server, 'listening')
  return runningServer(server, () => Promise.all(Object.values(receivers).map((receiver) => receiver.stop())))
}

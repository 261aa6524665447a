import { once } from 'node:events'
import { Agent, createServer, request as httpRequest, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { nodeWebhooks } from '@hookport/core/node'
import { webWebhooks } from '@hookport/core/web'
import { sematryxWebhooks as expressWebhooks } from '@hookport/express'
import { sematryxWebhooks as koaWebhooks } from '@hookport/koa'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { signedRequest } from '@hookport/testing'
import { express4 } from '@hookport/testkit/http/express-versions'
import express from 'express'
import Koa from 'koa'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'any secret'
const path = '/webhooks/sematryx'
const signer = sematryxReceiver({ secret, logger: false, consume: false })

const connections = 4

/** Called once every connection has a delivery that is not answered yet. Node itself closes those that are idle. */
let whenAllAreBusy = () => {}
let busy = 0

async function slowSecret(): Promise<string> {
  busy += 1
  if (busy === connections) whenAllAreBusy()
  await sleep(50)
  busy -= 1
  return secret
}

const options = { secret: slowSecret, logger: false, consume: false } as const

interface Acknowledged {
  readonly connection: string | undefined
}

/** One delivery after the other on a connection that is kept alive, without a pause, until the connection or the server is gone. */
async function keepDelivering(port: number, acknowledged: Acknowledged[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  for (;;) {
    const { headers, body } = await signedRequest(signer, { type: 'optimization.completed' })
    const outgoing = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers, agent })
    outgoing.end(body)
    try {
      const [response] = await once(outgoing, 'response')
      response.resume()
      await once(response, 'end')
      if (response.statusCode === 200) acknowledged.push(response.headers)
    } catch {
      return // refused: no server listens any more
    }
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.closeAllConnections())
  return (server.address() as AddressInfo).port
}

/** Closes a server while each of its connections has a delivery, and answers what was acknowledged once it is closed. */
async function deliverUntilClosed(
  server: Server,
  alongWith: () => unknown = () => {},
): Promise<readonly Acknowledged[]> {
  const port = await listen(server)
  const acknowledged: Acknowledged[] = []
  const senders = Array.from({ length: connections }, () => keepDelivering(port, acknowledged))
  await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(connections)
  expect(acknowledged.map(({ connection }) => connection)).not.toContain('close')

  const closed = new Promise((resolve) => {
    whenAllAreBusy = () => {
      server.close(() => resolve('closed'))
      void alongWith()
    }
  })
  expect(await Promise.race([closed, sleep(30_000, 'still open', { ref: false })])).toBe('closed')
  whenAllAreBusy = () => {}
  await Promise.all(senders)
  return acknowledged
}

const apps: Record<string, () => RequestListener> = {
  'node:http': () => nodeWebhooks(sematryxReceiver(options)),
  'Express 5': () => express().use(path, expressWebhooks(options)),
  'Express 4': () => express4().use(path, expressWebhooks(options)),
  Koa: () => new Koa().use(koaWebhooks(options)).callback(),
}

test.each(Object.keys(apps))(
  '%s: a server that is closed while senders deliver on connections that never rest closes at once, and each delivery was answered',
  async (name) => {
    const acknowledged = await deliverUntilClosed(createServer(apps[name]?.()))
    expect(acknowledged.slice(-connections).map(({ connection }) => connection)).toEqual(
      Array.from({ length: connections }, () => 'close'),
    )
  },
)

test('requests of the Web: a server that is closed while senders deliver on connections that never rest closes once the receiver is stopped', async () => {
  const receiver = sematryxReceiver(options)
  const server = createServer(getRequestListener(webWebhooks(receiver)))
  await deliverUntilClosed(server, () => receiver.stop())
})

test('a server that never listens, as its connections are passed to it, keeps them', async () => {
  const server = createServer(nodeWebhooks(sematryxReceiver(options)))
  const front = createTcpServer((socket) => server.emit('connection', socket)).listen(0, '127.0.0.1')
  await once(front, 'listening')
  onTestFinished(() => void front.close())
  onTestFinished(() => server.closeAllConnections())
  const acknowledged: Acknowledged[] = []
  void keepDelivering((front.address() as AddressInfo).port, acknowledged)
  await expect.poll(() => acknowledged.length).toBeGreaterThan(3)
  expect(acknowledged.map(({ connection }) => connection)).not.toContain('close')
})

test.each(Object.keys(apps))(
  '%s: the reply to the first delivery ends its connection, too, if the server is closed meanwhile',
  async (name) => {
    const server = createServer(apps[name]?.())
    const port = await listen(server)
    whenAllAreBusy = () => {}
    server.once('request', () => setImmediate(() => server.close()))
    const { headers, body } = await signedRequest(signer, { type: 'optimization.completed' })
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const outgoing = httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers, agent }).end(body)
    const [response] = await once(outgoing, 'response')
    expect([response.statusCode, response.headers.connection]).toEqual([200, 'close'])
  },
)

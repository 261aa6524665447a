import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { createReceiver } from '@hookport/core'
import { drainRoute, fastifyWebhooks } from '@hookport/fastify'
import { sematryx } from '@hookport/providers/sematryx'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxSecret } from '@hookport/testkit/receivers/signed-deliveries'
import type { FastifyReply } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fastifyVersions } from './fastify-versions.ts'
import { startApp } from './start-app.ts'

const broken = new Error('the response is broken')

function fail(_?: unknown): never {
  throw broken
}

/** What people's hooks do to a reply, so that it can't be written, and how many of two replies are told of: Fastify 5 keeps a broken `end` to itself. */
const patches: Record<string, [patch: (reply: FastifyReply) => void, leastTold: number]> = {
  'writeHead throws': [({ raw }) => void Object.assign(raw, { writeHead: fail }), 2],
  'end throws': [({ raw }) => void Object.assign(raw, { end: fail }), 0],
  'send throws': [(reply) => void Object.assign(reply, { send: fail }), 2],
  'writeHead and destroy throw': [
    ({ raw }) => {
      const { destroy } = raw
      const destroyThenFail = () => fail(destroy.call(raw))
      Object.assign(raw, { writeHead: fail, destroy: destroyThenFail })
    },
    2,
  ],
}

const unhandled: unknown[] = []
const note = (reason: unknown) => unhandled.push(reason)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
})
afterEach(() => {
  process.off('unhandledRejection', note)
})

/** What a stranger gets for a request of that path: the text up to the end of the connection. */
async function posted(port: number, path: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: acme.example\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  )
  return text(socket).catch(() => 'closed')
}

describe.each(fastifyVersions)('$version', ({ fastify }) => {
  test.each(Object.entries(patches))(
    'where %s, no stranger can end the process, the connection is closed, and the log says so',
    async (_, [patch, leastTold]) => {
      const { logger, lines } = recordedLogger()
      const receiver = createReceiver({ provider: sematryx({ secret: sematryxSecret }), logger })
      const app = fastify()
      app.addHook('onRequest', async (_request, reply) => patch(reply))
      await app.register(fastifyWebhooks(receiver), { path: '/hook' })
      app.post('/cron', drainRoute(receiver, { secret: 'the secret of the cron' }))
      await app.listen({ port: 0, host: '127.0.0.1' })
      try {
        const { port } = app.server.address() as AddressInfo
        for (const path of ['/hook', '/cron']) expect(await posted(port, path)).not.toContain('HTTP/1.1 2')
        await sleep(20)
        expect(unhandled).toEqual([])
        const told = lines.filter(({ message }) => message === 'a reply could not be written')
        expect(told.length).toBeGreaterThanOrEqual(leastTold)
        for (const { details } of told)
          expect(details).toEqual({ provider: 'sematryx', err: expect.any(Error) })
      } finally {
        app.server.closeAllConnections()
        await app.close()
      }
    },
  )

  test.each([
    ['', false],
    [', and a function of another calls the handler', true],
  ])(
    'what ends the response without a status of its own, before the answer is there, acknowledges nothing%s',
    async (_, isWrapped) => {
      const receiver = createReceiver({ provider: sematryx({ secret: sematryxSecret }), logger: false })
      const app = fastify()
      app.addHook('preHandler', async (_request, { raw }) => void setImmediate(() => raw.end()))
      app.addHook('onRoute', (route) => {
        const { handler } = route
        if (isWrapped) route.handler = (request, reply) => handler.call(app, request, reply)
      })
      receiver.receive = () => new Promise(() => {})
      await app.register(fastifyWebhooks(receiver), { path: '/hook' })
      await startApp(app)
      const { port } = app.server.address() as AddressInfo
      expect(await posted(port, '/hook')).toContain('HTTP/1.1 500')
    },
  )

  test('where a hook has given the reply a status, and a function of another leaves out what the handler returns, the answer is sent once it is there', async () => {
    const receiver = createReceiver({ provider: sematryx({ secret: sematryxSecret }), logger: false })
    const app = fastify()
    app.addHook('preHandler', async (_request, reply) => void reply.code(200))
    app.addHook('onRoute', (route) => {
      const { handler } = route
      route.handler = async (request, reply) => void handler.call(app, request, reply)
    })
    const answer = { status: 202, headers: {}, body: '' }
    receiver.receive = () => new Promise((resolve) => void setImmediate(() => resolve(answer)))
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    expect((await app.inject({ method: 'POST', url: '/hook', payload: '{}' })).statusCode).toBe(202)
  })

  test('a refused delivery whose answer something else has begun counts as answered: what looks at reply.sent does not answer once more', async () => {
    const receiver = createReceiver({ provider: sematryx({ secret: sematryxSecret }), logger: false })
    const app = fastify()
    const replies: FastifyReply[] = []
    app.addHook('onRequest', async (_request, reply) => {
      replies.push(reply)
      reply.raw.writeHead(200)
    })
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    await startApp(app)
    const { port } = app.server.address() as AddressInfo
    expect(await posted(port, '/hook')).not.toContain('HTTP/1.1 2')
    expect(replies.map(({ sent }) => sent)).toEqual([true])
  })
})

import { PassThrough, Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { manualClock } from '@hookport/core/testing'
import { sematryxWebhooks } from '@hookport/fastify'
import { deferred } from '@hookport/testkit/deferred'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { type FastifyInstance, fastify } from 'fastify'
import rawBody from 'fastify-raw-body'
import { describe, expect, test, vi } from 'vitest'
import { fastifyVersions } from './fastify-versions.ts'
import { startApp } from './start-app.ts'

const path = '/hooks'
const options = { path, secret: sematryxSecret, clock: manualClock(testTime) }
const delivery = signedSematryx({ type: 'context.updated', data: { name: 'Größe ≤ 5 µm 🚀' } }, 'unicode')
const received = { status: 200, body: '{"received":true}' }

async function deliver(app: FastifyInstance, sent = delivery, more: object = {}) {
  await app.register(sematryxWebhooks, { ...options, ...more })
  const handled = keepHandled(app.sematryxWebhooks)
  const reply = await postDelivery((await startApp(app)) + path, sent)
  await app.sematryxWebhooks.idle()
  return { ...reply, handled: handled.map(({ rawBody }) => Buffer.from(rawBody)) }
}

const takenOn = { ...received, handled: [delivery.body] }

describe.each(fastifyVersions)('$version: the body that a preParsing hook hands on', ({ fastify }) => {
  const reversed = { ...delivery, body: Buffer.from(delivery.body).reverse() }
  async function reverse(payload: Readable): Promise<Buffer> {
    return Buffer.concat(await payload.toArray()).reverse()
  }

  test.each([
    ['a stream of bytes', (body: Buffer) => Readable.from([body.subarray(0, 9), body.subarray(9)])],
    ['a stream of text', (body: Buffer) => Readable.from([body.toString()])],
    [
      'a stream of one byte at a time',
      (body: Buffer) => Readable.from([...body].map((byte) => Buffer.from([byte]))),
    ],
  ])('is what is verified: %s', async (_, make) => {
    const app = fastify()
    app.addHook('preParsing', async (_request, _reply, payload) => make(await reverse(payload as Readable)))
    expect(await deliver(app, reversed)).toMatchObject(takenOn)
  })

  test.each<[string, (stream: PassThrough) => unknown, isWhole?: boolean]>([
    ['fails', (stream) => stream.destroy(new Error('incorrect header check'))],
    ['was destroyed', (stream) => stream.destroy()],
    ['fails once the request is whole', (stream) => stream.destroy(new Error('no gzip')), true],
  ] as const)(
    'is not said to be the fault of the sender where it %s',
    async (_, breakOff, isWhole = false) => {
      const app = fastify()
      const { logger, lines } = recordedLogger()
      app.addHook('preParsing', async (_request, _reply, payload) => {
        if (isWhole) await (payload as Readable).toArray()
        const stream = new PassThrough()
        setImmediate(() => breakOff(stream))
        return stream
      })
      expect(await deliver(app, delivery, { logger })).toMatchObject({ status: 400 })
      const warnings = lines.filter(({ level }) => level === 'warn')
      expect(warnings).toMatchObject([
        {
          message: expect.stringContaining('preParsing hook'),
          details: { fix: expect.stringContaining('what that hook does') },
        },
      ])
    },
  )

  test('is bounded by what it has become', async () => {
    const app = fastify()
    app.addHook('preParsing', async (_request, _reply, payload) => {
      Readable.from(payload).resume()
      return Readable.from([Buffer.alloc(600), Buffer.alloc(600)])
    })
    expect(await deliver(app, delivery, { maxBodyBytes: 1_000 })).toMatchObject({ status: 413 })
  })

  test('is bounded together with all others that arrive', async () => {
    const app = fastify()
    app.addHook('preParsing', async (_request, _reply, payload) => {
      Readable.from(payload).resume()
      return Readable.from([Buffer.alloc(600), Buffer.alloc(600)])
    })
    expect(await deliver(app, delivery, { maxBytesInFlight: 1_000 })).toMatchObject({ status: 503 })
  })

  test('passed through another stream, with a hook that takes its time after it', async () => {
    const app = fastify()
    app.addHook('preParsing', async (_request, _reply, payload) => payload.pipe(new PassThrough()))
    app.addHook('preHandler', () => setTimeout(20))
    expect(await deliver(app)).toMatchObject(takenOn)
  })

  test('ends when its sender hangs up, though the hook’s stream does not notice', async () => {
    const app = fastify()
    const hook = deferred()
    const rejected = vi.fn()
    app.addHook('preParsing', async (_request, _reply, payload) => {
      hook.resolve()
      return payload.pipe(new PassThrough())
    })
    const { logger, lines } = recordedLogger()
    await app.register(sematryxWebhooks, { ...options, logger, observers: { rejected } })
    const sender = await RawConnection.open(await startApp(app))
    await sender.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nX-Sematryx-Signature: ${'a'.repeat(64)}\r\n`)
    await sender.write('Content-Length: 1000\r\n\r\nits beginning')
    await hook.promise
    sender.hangUp()
    await vi.waitUntil(() => rejected.mock.calls.length > 0, 10_000)
    expect(rejected.mock.calls).toMatchObject([[{ code: 'request_aborted' }]])
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]) // the hook is not to blame
  })

  test('is waited for, where it takes longer than the request', async () => {
    const app = fastify()
    app.addHook('preParsing', async (_request, _reply, payload) => {
      const stream = new PassThrough()
      const bytes = setTimeout(20).then(() => (payload as Readable).toArray())
      void bytes.then((all) => setTimeout(50).then(() => stream.end(Buffer.concat(all))))
      return stream
    })
    expect(await deliver(app)).toMatchObject(takenOn)
  })

  test('that is consumed is a misconfiguration at once, with its fix', async () => {
    const app = fastify()
    const { logger, lines } = recordedLogger()
    app.addHook('preParsing', async (_request, _reply, payload) => {
      const [first] = await payload.take(1).toArray()
      expect(first).toBeDefined()
      return payload
    })
    expect(await deliver(app, delivery, { logger })).toMatchObject({
      status: 500,
      body: '{"error":"misconfigured"}',
    })
    const fix = expect.stringContaining('a scope of its own')
    expect(lines).toEqual([expect.objectContaining({ details: expect.objectContaining({ fix }) })])
  })
})

test.each([
  ['ended, also where it is never destroyed', (stream: PassThrough) => stream.end()],
  ['been destroyed', (stream: PassThrough) => stream.destroy()],
  ['been destroyed meanwhile', (stream: PassThrough) => void setTimeout(40).then(() => stream.destroy())],
])('a stream that something else has read is not waited for where it has %s', async (_, finish) => {
  const app = fastify()
  app.addHook('preParsing', async (_request, _reply, payload) => {
    payload.resume()
    const stream = new PassThrough({ autoDestroy: false })
    stream.resume().write('a part')
    return stream
  })
  app.addHook('preValidation', async ({ body }) => {
    await setTimeout(20)
    finish(body as PassThrough)
    await setTimeout(20)
  })
  expect(await deliver(app)).toMatchObject({ status: 500, body: '{"error":"misconfigured"}' })
})

describe('with fastify-raw-body', () => {
  const settings = [{}, { encoding: false as const }, { runFirst: true }]
  test.each(settings)('set to %j, deliveries are taken on', async (setting) => {
    const app = fastify()
    await app.register(rawBody, setting)
    expect(await deliver(app)).toMatchObject(takenOn)
  })

  test.each(settings)(
    'set to %j, what it has read is used where other hooks took their time',
    async (setting) => {
      const app = fastify()
      await app.register(rawBody, setting)
      app.addHook('preValidation', () => setTimeout(20))
      expect(await deliver(app)).toMatchObject(takenOn)
      expect(await deliverForged(app)).toMatchObject({ status: 401 })
    },
  )

  /** A forgery of it, to the same application. */
  async function deliverForged(app: FastifyInstance) {
    return postDelivery(app.listeningOrigin + path, { ...delivery, body: Buffer.from('{}') })
  }

  test('a body that is still arriving when hooks are done is waited for', async () => {
    const app = fastify()
    await app.register(rawBody)
    app.addHook('preValidation', () => setTimeout(20))
    await app.register(sematryxWebhooks, options)
    const url = (await startApp(app)) + path
    const body = Readable.from(slowly(delivery.body))
    const response = await fetch(url, {
      method: 'POST',
      headers: delivery.headers,
      body: Readable.toWeb(body),
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(200)
  })

  async function* slowly(body: Buffer) {
    yield body.subarray(0, 20)
    await setTimeout(100)
    yield body.subarray(20)
  }
})

describe.each(fastifyVersions)(
  '$version starts, and takes deliveries on, with an application that has',
  ({ fastify }) => {
    const setups: Record<string, (app: FastifyInstance) => unknown> = {
      'a parser for everything': (app) =>
        app.addContentTypeParser('*', (_request, _body, done) => done(null)),
      'a parser for the type that the scope uses': (app) =>
        app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) =>
          done(null, body),
        ),
      'parsers for patterns': (app) =>
        app.addContentTypeParser(/^.*$/, (_request, _body, done) => done(null)),
      'no parser at all': (app) => app.removeAllContentTypeParsers(),
      'a parser for JSON of its own': (app) =>
        app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
          done(null, body),
        ),
    }
    test.each(Object.entries(setups))('%s', async (_, setUp) => {
      const before = fastify()
      setUp(before)
      expect(await deliver(before)).toMatchObject(takenOn)
      const after = fastify()
      await after.register(sematryxWebhooks, options)
      setUp(after)
      expect(await postDelivery((await startApp(after)) + path, delivery)).toMatchObject(received)
    })
  },
)

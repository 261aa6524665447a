import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SendProbe } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { webWebhooks } from '@hookport/core/web'
import { sematryxWebhooks, throughApp } from '@hookport/express'
import { fastifyWebhooks } from '@hookport/fastify'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import express, { type RequestHandler } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, test, vi } from 'vitest'

const path = '/webhooks/sematryx'
const secret = 'your-webhook-secret'

/** An Express application with something in front of the webhook. */
function appWith(...inFront: RequestHandler[]) {
  const webhooks = sematryxWebhooks({ logger: false, secret })
  let handled = 0
  webhooks.onAnyEvent(() => {
    handled += 1
  })
  const app = express()
    .use(...([(_req, _res, next) => next(), ...inFront] as RequestHandler[]))
    .use(path, webhooks)
  return { webhooks, app, handled: () => handled }
}

/** Middleware that reads the body and hands on what `change` makes of it, as hosting platforms do. */
function rewriting(change: (body: Buffer) => Buffer): RequestHandler {
  return async (request, _response, next) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    Object.assign(request, { rawBody: change(Buffer.concat(chunks)) })
    next()
  }
}

test('a self-test passes where bytes arrive as they were sent, and reaches neither inbox nor handlers', async () => {
  const { webhooks, app, handled } = appWith()
  await webhooks.selfTest(throughApp(app, path))
  await webhooks.idle()
  expect(handled()).toBe(0)
  expect(await webhooks.inbox.counts()).toEqual(emptyCounts)
  await webhooks.stop()
})

const culprits: [string, RequestHandler, RegExp][] = [
  ['a body parser', express.json(), /above app\.use\(express\.json\(\)\)/],
  [
    'JSON written anew',
    rewriting((body) => Buffer.from(JSON.stringify(JSON.parse(body.toString())))),
    /writes it again/,
  ],
  [
    'a newline stripped',
    rewriting((body) => Buffer.from(body.toString().trimEnd())),
    /white space at the end/,
  ],
  [
    'line ends rewritten',
    rewriting((body) => Buffer.from(body.toString().replaceAll('\r\n', '\n'))),
    /line ends/,
  ],
  ['text taken for Latin-1', rewriting((body) => Buffer.from(body.toString('latin1'))), /Latin-1/],
  ['a body cut off', rewriting((body) => body.subarray(0, 20)), /cuts the body off after 20 bytes/],
  [
    'a body with more in it',
    rewriting((body) => Buffer.concat([body, Buffer.from(' ')])),
    /changes the body/,
  ],
  ['a login', (_request, response) => void response.sendStatus(403), /login/],
  ['a CSRF check', (_request, response) => void response.sendStatus(403), /CSRF/],
  ['a redirect', (_request, response) => response.redirect('/elsewhere'), /redirects/],
]

test.each(culprits)('a self-test names the likely culprit: %s', async (_name, inFront, expected) => {
  const { webhooks, app } = appWith(inFront)
  await expect(webhooks.selfTest(throughApp(app, path))).rejects.toThrow(expected)
  await webhooks.stop()
})

test('a self-test says that another process may have had the probe, as behind a load balancer', async () => {
  const [one, other] = [appWith(), appWith()]
  await expect(one.webhooks.selfTest(throughApp(other.app, path))).rejects.toThrow(
    /leads the probe to another process/,
  )
  await one.webhooks.stop()
  await other.webhooks.stop()
})

test('a self-test says that nothing is mounted at the path', async () => {
  const { webhooks, app } = appWith()
  const failure = {
    code: 'self_test_failed',
    message: expect.stringContaining('nothing answers at this path'),
  }
  await expect(webhooks.selfTest(throughApp(app, '/webhooks/sematrix'))).rejects.toMatchObject(failure)
  await webhooks.stop()
})

test('a self-test says that nothing listens', async () => {
  const { webhooks } = appWith()
  const failure = { code: 'self_test_failed', message: expect.stringContaining('could not be sent') }
  await expect(webhooks.selfTest('http://127.0.0.1:1/webhooks/sematryx')).rejects.toMatchObject(failure)
  await webhooks.stop()
})

test.each([undefined, {}, { statusCode: 200 }])(
  'a self-test says that what sends its probe has to answer a status: %j',
  async (answer) => {
    const { webhooks } = appWith()
    const failure = { code: 'self_test_failed', message: expect.stringContaining('has to answer { status }') }
    await expect(webhooks.selfTest(async () => answer as never)).rejects.toMatchObject(failure)
    await webhooks.stop()
  },
)

test('a self-test that could not be sent says why, and not only that fetch failed', async () => {
  const { webhooks } = appWith()
  const server = createServer((request) => request.socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const failure = { message: expect.stringMatching(/sent: (other side closed|.*ECONNRESET)/) }
  await expect(webhooks.selfTest(`http://127.0.0.1:${port}${path}`)).rejects.toMatchObject(failure)
  server.close()
  await webhooks.stop()
})

test('a self-test whose probe is hung up on leaves no server behind', async () => {
  let port: number | undefined
  const { webhooks, app } = appWith(({ socket }) => {
    port = socket.localPort
    socket.destroy()
  })
  await expect(webhooks.selfTest(throughApp(app, path))).rejects.toThrow(/could not be sent/)
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  await webhooks.stop()
})

test('a self-test can be sent to a URL', async () => {
  const { webhooks, app } = appWith()
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await webhooks.selfTest(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
  server.close()
  await webhooks.stop()
})

test('a self-test works in Fastify and on the Web standard', async () => {
  const receiver = sematryxReceiver({ logger: false, secret })
  const app = fastify()
  await app.register(fastifyWebhooks(receiver), { path })
  await receiver.selfTest(async ({ method, headers, body }) => {
    const { statusCode } = await app.inject({ method, url: path, headers, payload: Buffer.from(body) })
    return { status: statusCode }
  })
  await app.close()

  const webhooks = webWebhooks(sematryxReceiver({ logger: false, secret }))
  const hono = new Hono().all(path, ({ req }) => webhooks(req.raw))
  await webhooks.selfTest(async (probe) => hono.request(path, probe))
  await webhooks.stop()
})

test('a stranger can not pass a delivery off as a probe', async () => {
  const { webhooks, app } = appWith()
  const forged = throughApp(app, path)
  await webhooks.selfTest(async (probe) => {
    const { status } = await forged({
      ...probe,
      headers: { ...probe.headers, 'x-hookport-self-test': crypto.randomUUID() },
    })
    expect(status).toBe(401)
    return forged(probe)
  })
  expect(
    await forged({ method: 'POST', headers: { 'x-hookport-self-test': '' }, body: new Uint8Array(1) }),
  ).toEqual({ status: 401 })
  await webhooks.stop()
})

test('a probe that is sent again after its test is a delivery without a signature', async () => {
  const { webhooks, app } = appWith()
  const send = throughApp(app, path)
  const sent: Parameters<SendProbe>[0][] = []
  await webhooks.selfTest(async (probe) => {
    sent.push({ ...probe, signal: new AbortController().signal }) // its own is aborted by then
    return send(probe)
  })
  expect(sent).toHaveLength(1)
  const whileAnotherRuns: unknown[] = []
  for (const probe of sent) {
    expect(await send(probe)).toEqual({ status: 401 })
    await webhooks.selfTest(async (next) => {
      whileAnotherRuns.push(await send(probe))
      return send(next)
    })
  }
  expect(whileAnotherRuns).toEqual([{ status: 401 }])
  await webhooks.stop()
})

describe('where no reply comes', () => {
  const never: RequestHandler = () => {}

  test('a self-test ends after its timeout, and says so', async () => {
    const { webhooks, app } = appWith(never)
    const begun = performance.now()
    await expect(webhooks.selfTest(throughApp(app, path), { timeout: 200 })).rejects.toMatchObject({
      code: 'self_test_failed',
      message: expect.stringMatching(/did not arrive within 200 ms/),
    })
    expect(performance.now() - begun).toBeGreaterThan(190)
  })

  test('it says where the probe arrived all the same', async () => {
    const { webhooks, app } = appWith((_request, response, next) => {
      response.end = () => response
      next()
    })
    await expect(webhooks.selfTest(throughApp(app, path), { timeout: 500 })).rejects.toThrow(
      /arrived, but no reply came within 500 ms/,
    )
  })

  test('the timeout is 10 s of its receiver’s clock unless told otherwise, and nothing is left behind', async () => {
    const clock = manualClock()
    const receiver = sematryxReceiver({ logger: false, secret, clock })
    const signals: (AbortSignal | undefined)[] = []
    const settled = vi.fn()
    const testing = receiver.selfTest(({ signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    const refused = expect(testing.finally(settled)).rejects.toThrow(/within 10000 ms/)
    await clock.advance(9_999)
    expect(settled).not.toHaveBeenCalled()
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(1)
    await refused
    expect(signals.map((signal) => signal?.aborted)).toEqual([true])
    expect(clock.pendingTimers).toBe(0)
  })

  test('a self-test that is over leaves no timer behind', async () => {
    const clock = manualClock()
    const receiver = sematryxReceiver({ logger: false, secret, clock })
    await expect(receiver.selfTest(async () => ({ status: 404 }))).rejects.toThrow(/nothing answers/)
    expect(clock.pendingTimers).toBe(0)
  })
})

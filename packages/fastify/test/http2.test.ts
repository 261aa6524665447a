import { once } from 'node:events'
import { connect, type Http2ServerRequest } from 'node:http2'
import { PassThrough } from 'node:stream'
import { sematryxWebhooks } from '@hookport/fastify'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { fastify } from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startApp } from './start-app.ts'

const path = '/webhooks/sematryx'
const delivery = signedSematryx({ id: 'evt_http2' })

async function connected() {
  const app = fastify({ http2: true })
  const written: unknown[] = []
  app.addHook('onSend', async (_, reply) => {
    written.push(reply.getHeader('connection'))
  })
  const closed: Promise<unknown>[] = []
  app.addHook('onRequest', async ({ raw }) => {
    closed.push(once((raw as unknown as Http2ServerRequest).stream, 'close'))
  })
  await app.register(sematryxWebhooks, { path, ...sematryxOptions, maxBodyBytes: 2 * delivery.body.length })
  const session = connect(await startApp(app as never))
  onTestFinished(() => session.destroy())
  const open = () => session.request({ ...delivery.headers, ':method': 'POST', ':path': path })
  const deliver = async () => {
    const [{ ':status': status }] = await once(open().end(delivery.body), 'response')
    return status
  }
  return { open, deliver, closed, written }
}

test('over HTTP/2 a delivery is taken on', async () => {
  const { deliver } = await connected()
  expect(await deliver()).toBe(200)
})

test('over HTTP/2 a body that is too large and does not end is not listened to without end: its stream is closed with the reply', async () => {
  const { open, deliver, closed, written } = await connected()
  const stream = open().on('error', () => {})
  const goingOn = setInterval(
    () => stream.writableEnded || stream.destroyed || stream.write(delivery.body),
    5,
  )
  onTestFinished(() => clearInterval(goingOn))
  const [headers] = await once(stream, 'response')
  await Promise.all(closed) // as the server sees it: a client may wait for what it could not write
  expect([headers[':status'], await deliver()]).toEqual([413, 200])
  expect(written).toEqual([undefined, undefined]) // Node would warn of it
})

test('over HTTP/2 a sender that hangs up is not said to have sent all that a hook passed on of it', async () => {
  const app = fastify({ http2: true })
  const rejected = vi.fn()
  const begun = new Promise<void>((resolve) => {
    app.addHook('preParsing', async (_request, _reply, payload) => {
      payload.once('data', () => resolve())
      return payload.pipe(new PassThrough())
    })
  })
  await app.register(sematryxWebhooks, { path, ...sematryxOptions, observers: { rejected } })
  const session = connect(await startApp(app as never))
  onTestFinished(() => session.destroy())
  const stream = session.request({ ...delivery.headers, ':method': 'POST', ':path': path })
  stream.on('error', () => {}).write(delivery.body.subarray(0, 9))
  await begun
  stream.destroy() // `close` would end the body first
  await vi.waitUntil(() => rejected.mock.calls.length > 0)
  expect(rejected.mock.calls).toMatchObject([[{ code: 'request_aborted' }]])
})

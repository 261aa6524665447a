import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeWebhooks, readRawBody } from '@hookport/core/node'
import { expect, onTestFinished, test } from 'vitest'
import { acme, sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

type Listener = (request: never, response: never) => unknown

async function connectTo(listener: Listener): Promise<ClientHttp2Session> {
  const server = createServer((request, response) => void listener(request as never, response as never))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    session.destroy()
    server.close()
  })
  return session
}

const body = Buffer.from(JSON.stringify(paidOrder(start)))
const head = { ':method': 'POST', ':path': '/', 'x-acme-signature': sign(body) }

async function deliver(session: ClientHttp2Session): Promise<unknown> {
  const [headers] = await once(session.request(head).end(body), 'response')
  return headers[':status']
}

/** Sends a body without its end. */
async function cancel(session: ClientHttp2Session): Promise<void> {
  const stream = session.request(head)
  stream.on('error', () => {}).write(body)
  await sleep(50)
  stream.destroy() // `close` would end the body first
  await once(stream, 'close')
}

async function cutOff(session: ClientHttp2Session): Promise<void> {
  session
    .request(head)
    .on('error', () => {})
    .write(body)
  await sleep(50)
  session.destroy()
}

test('over HTTP/2 a delivery is taken on once', async () => {
  const { receiver, observed } = acmeReceiver()
  const session = await connectTo(nodeWebhooks(receiver))
  expect([await deliver(session), await deliver(session)]).toEqual([200, 200])
  expect([observed.accepted.length, observed.duplicate.length]).toEqual([1, 1])
})

test.each<[string, (session: ClientHttp2Session) => unknown]>([
  ['is cancelled', cancel],
  ['ends with its connection', cutOff],
])('a body that %s over HTTP/2 is not whole: the sender has hung up', async (_, breakOff) => {
  const reading = new Promise<unknown>((resolve) => {
    void connectTo((request) => void readRawBody(request, 10_000).then(resolve, resolve)).then(breakOff)
  })
  expect(await reading).toMatchObject({
    code: 'request_aborted',
    message: 'the sender hung up before its body was complete',
  })
})

test.each([
  ['signed', acme()],
  ['unsigned', acme({ allowUnsigned: true })],
])(
  'what came of a body that is cancelled over HTTP/2 is not believed, even where it looks whole: %s',
  async (_, provider) => {
    const { receiver, observed, log } = acmeReceiver({ provider })
    const session = await connectTo(nodeWebhooks(receiver))
    await cancel(session)
    await sleep(50)
    expect(observed.accepted).toEqual([])
    expect(log.at('warn').filter(({ message }) => message.includes('refused'))).toEqual([])
    expect(await deliver(session)).toBe(200)
  },
)

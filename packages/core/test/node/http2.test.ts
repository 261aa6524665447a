import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeWebhooks, readRawBody } from '@hookport/core/node'
import type { ManualClock } from '@hookport/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
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

test('no reply over HTTP/2 has a Connection, of which Node would warn', async () => {
  const { receiver } = acmeReceiver({ maxBodyBytes: 8 })
  const webhooks = nodeWebhooks(receiver)
  const names: string[] = []
  const session = await connectTo((request: IncomingMessage, response: ServerResponse) => {
    const setHeader = response.setHeader.bind(response)
    response.setHeader = (name, value) => {
      names.push(name)
      return setHeader(name, value)
    }
    return webhooks(request, response)
  })
  expect(await deliver(session)).toBe(413)
  expect(names).toEqual(['content-type', 'content-length'])
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

test('over HTTP/2 a body counts against maxBytesInFlight though all that it announces has come: its end need not', async () => {
  const limits = { maxBodyBytes: body.length, maxBytesInFlight: 2 * body.length }
  const session = await connectTo(nodeWebhooks(acmeReceiver(limits).receiver))
  const announced = { ...head, 'content-length': String(body.length) }
  const [oldest] = [1, 2, 3].map(() => {
    const stream = session.request(announced).on('error', () => {})
    stream.write(body)
    return stream
  })
  const [headers] = await once(oldest as ClientHttp2Stream, 'response')
  expect(headers[':status']).toBe(503)
})

describe('over HTTP/2 a refused body that does not end', () => {
  async function refused(
    refuse: (clock: ManualClock) => unknown,
    before?: (response: ServerResponse) => void,
    announced: object = {},
    limits: object = {},
  ) {
    const { receiver, clock } = acmeReceiver({ maxBodyBytes: 2 * body.length, ...limits })
    const webhooks = nodeWebhooks(receiver)
    const closed: Promise<unknown>[] = []
    const session = await connectTo(
      (request: IncomingMessage & { stream: ServerHttp2Stream }, response: ServerResponse) => {
        closed.push(once(request.stream, 'close'))
        if (closed.length === 1) before?.(response)
        return webhooks(request, response)
      },
    )
    const stream = session.request({ ...head, ...announced }).on('error', () => {})
    stream.write(body)
    const replied = once(stream, 'response')
    await sleep(50)
    await refuse(clock)
    const goingOn = setInterval(() => stream.writableEnded || stream.write(body), 5)
    onTestFinished(() => clearInterval(goingOn))
    const [headers] = await replied
    await Promise.all(closed)
    return { status: headers[':status'], next: await deliver(session) }
  }

  test('as it is too large is not listened to without end: its stream is closed with the reply', async () => {
    expect(await refused(() => {})).toEqual({ status: 413, next: 200 })
  })

  test('in time is not waited for: its stream is closed with the reply', async () => {
    expect(await refused((clock) => clock.advance(10_000))).toEqual({ status: 408, next: 200 })
  })

  test('though it announces its length is closed with the reply, and its connection is left alone', async () => {
    const announced = { 'content-length': String(body.length * 2000) }
    const late = (clock: ManualClock) => clock.advance(10_000)
    const larger = { maxBodyBytes: body.length * 4000 }
    expect(await refused(late, undefined, announced, larger)).toEqual({ status: 408, next: 200 })
  })

  test('that something else has answered long before is not listened to either', async () => {
    const answer = (response: ServerResponse) => void response.writeHead(503).end()
    expect(await refused(() => {}, answer)).toEqual({ status: 503, next: 200 })
    expect(await refused((clock) => clock.advance(10_000), answer)).toEqual({ status: 503, next: 200 })
  })
})

describe('over HTTP/2, where something else has written the head before the webhook could', () => {
  /** Deliveries to `/early` have that head already. */
  function early(status: number, headers: object = {}) {
    const { receiver } = acmeReceiver()
    const webhooks = nodeWebhooks(receiver)
    return connectTo((request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/early') response.writeHead(status, { ...headers }).flushHeaders()
      return webhooks(request, response)
    })
  }

  async function outcomeOf(stream: ClientHttp2Stream): Promise<unknown> {
    let isError = false
    stream.on('error', () => {
      isError = true
    })
    const [headers] = await once(stream, 'response')
    stream.resume()
    await once(
      stream.on('error', () => {}),
      'close',
    ).catch(() => {})
    return { status: headers[':status'], isError }
  }

  test('a refused delivery is not acknowledged by it: its stream is cut off, and the sender sends again', async () => {
    const session = await early(200)
    const forged = { ...head, ':path': '/early', 'x-acme-signature': sign('{}') }
    expect(await outcomeOf(session.request(forged).end(body))).toEqual({ status: 200, isError: true })
    expect(await deliver(session)).toBe(200)
  })

  test('no other delivery of the connection is cut off', async () => {
    const session = await early(500, { 'content-length': '100' })
    const held = session.request(head)
    const reply = once(held, 'response')
    held.write(body.subarray(0, 5))
    await sleep(50)
    expect(await outcomeOf(session.request({ ...head, ':path': '/early' }).end(body))).toMatchObject({
      status: 500,
    })
    held.end(body.subarray(5))
    const [headers] = await reply
    expect(headers[':status']).toBe(200)
  })
})

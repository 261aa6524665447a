import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { nodeDelivery, nodeWebhooks, readRawBody, writeReply } from '@hookport/core/node'
import { deferred } from '@hookport/testkit/deferred'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, test, vi } from 'vitest'
import { head, inChunks, sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const body = Buffer.from(JSON.stringify(paidOrder(start, { note: 'größer als 🦖' })))
const signature = sign(body)

/** A receiver behind a real server, whose limit is as long as the body. */
async function serve({ maxBodyBytes = body.length } = {}) {
  const acme = acmeReceiver({ maxBodyBytes })
  const handler = vi.fn()
  acme.receiver.onEvent('order.paid', ({ rawBody }) => handler(Buffer.from(rawBody)))
  const origin = await serveApp(nodeWebhooks(acme.receiver))
  return { ...acme, origin, handler }
}

/** A delivery as a sender of its kind makes it. */
async function deliver(
  origin: string,
  content: Buffer,
  framing: 'content-length' | 'chunked',
  headers: string[] = [],
) {
  const socket = await RawConnection.open(origin)
  const signed = [`X-Acme-Signature: ${sign(content)}`, ...headers]
  if (framing === 'content-length') {
    socket.write(head(...signed, `Content-Length: ${content.length}`))
    socket.write(content)
  } else {
    socket.write(head(...signed, 'Transfer-Encoding: chunked'))
    for (const chunk of inChunks(content, 50)) socket.write(chunk)
  }
  return socket.reply()
}

test('a listener is over once the reply is written, as a function of a platform may be frozen then', async () => {
  const webhooks = nodeWebhooks(acmeReceiver().receiver)
  const written: boolean[] = []
  const origin = await serveApp(async (request, response) => {
    await webhooks(request, response)
    written.push(response.writableEnded)
  })
  expect(await deliver(origin, body, 'content-length')).toMatchObject({ status: 200 })
  await expect.poll(() => written).toEqual([true])
})

describe.each(['content-length', 'chunked'] as const)('a body framed by %s', (framing) => {
  test('of exactly the limit is taken on, byte for byte', async () => {
    const { receiver, origin, handler } = await serve()
    expect(await deliver(origin, body, framing)).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(handler.mock.calls).toEqual([[body]])
  })

  test('of one byte more is refused, and the server serves on', async () => {
    const { receiver, origin, handler, observed } = await serve({ maxBodyBytes: body.length - 1 })
    expect(await deliver(origin, body, framing)).toMatchObject({
      status: 413,
      body: '{"error":"payload_too_large"}',
    })
    expect(observed.rejected).toMatchObject([{ code: 'payload_too_large' }])
    const smaller = Buffer.from(JSON.stringify(paidOrder(start)))
    expect(await deliver(origin, smaller, framing)).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(handler.mock.calls).toEqual([[smaller]])
  })

  test('that is empty is read as empty', async () => {
    const { origin, observed } = await serve()
    expect(await deliver(origin, Buffer.alloc(0), framing)).toMatchObject({ status: 200 })
    expect(observed.dead).toMatchObject([{ type: 'unreadable', failures: [{ code: 'unreadable' }] }])
  })
})

test('a request that something has answered before: the log says so, and does not blame a body parser', async () => {
  const { receiver, log } = acmeReceiver()
  const webhooks = nodeWebhooks(receiver)
  const asked = deferred<void>()
  const origin = await serveApp(async (request, response) => {
    response.writeHead(503).end()
    await once(response, 'finish')
    await new Promise((resolve) => setTimeout(resolve, 20))
    await webhooks(request, response)
    asked.resolve()
  })
  expect(await deliver(origin, body, 'content-length')).toMatchObject({ status: 503 })
  await asked.promise
  expect(log.at('error')).toMatchObject([
    {
      message: expect.stringContaining('something has answered the request before hookport could'),
      details: { fix: expect.stringContaining('such as a timeout') },
    },
  ])
})

test('a body announced as too large is refused before any of it has come', async () => {
  const { origin } = await serve()
  const socket = await RawConnection.open(origin)
  socket.write(head(`X-Acme-Signature: ${signature}`, `Content-Length: ${body.length + 1}`))
  expect(await socket.reply()).toMatchObject({ status: 413 })
})

test('a body without an end is refused as soon as it is too large', async () => {
  const { origin } = await serve()
  const socket = await RawConnection.open(origin)
  socket.write(head(`X-Acme-Signature: ${signature}`, 'Transfer-Encoding: chunked'))
  for (const chunk of inChunks(Buffer.alloc(body.length + 1), 1).slice(0, -1)) socket.write(chunk)
  expect(await socket.reply()).toMatchObject({ status: 413 })
})

test('chunks of one byte each, that cut characters in two, make the body', async () => {
  const { receiver, origin, handler } = await serve()
  const socket = await RawConnection.open(origin)
  socket.write(head(`X-Acme-Signature: ${signature}`, 'Transfer-Encoding: chunked'))
  for (const chunk of inChunks(body, 1)) {
    socket.write(chunk)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await socket.reply()).toMatchObject({ status: 200 })
  await receiver.idle()
  expect(handler.mock.calls).toEqual([[body]])
})

test('every byte value arrives as it was sent', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  const read = deferred<Uint8Array>()
  const origin = await serveApp(async (request, response) => {
    read.resolve(await readRawBody(request, 256))
    response.end()
  })
  await fetch(origin, { method: 'POST', body: bytes })
  expect([...(await read.promise)]).toEqual([...bytes])
})

describe('a sender that hangs up', () => {
  const framings: Record<string, string[]> = {
    'content-length': [`Content-Length: ${body.length}`],
    chunked: ['Transfer-Encoding: chunked'],
  }
  test.each(Object.entries(framings))(
    'in the middle of its body, framed by %s, harms nobody, and the log has what Node said of it',
    async (framing, lines) => {
      const rejections = collectUnhandledRejections()
      const rejected = deferred<string>()
      const { receiver, log } = acmeReceiver({
        observers: { rejected: ({ code }) => rejected.resolve(code) },
      })
      const handler = vi.fn()
      receiver.onEvent('order.paid', handler)
      const bodyHasBegun = deferred()
      const webhooks = nodeWebhooks(receiver)
      const origin = await serveApp((request, response) => {
        void webhooks(request, response)
        request.once('data', () => bodyHasBegun.resolve())
      })
      const socket = await RawConnection.open(origin)
      socket.write(head(`X-Acme-Signature: ${signature}`, ...lines))
      socket.write(framing === 'chunked' ? (inChunks(body, 50)[0] ?? '') : body.subarray(0, 50))
      await bodyHasBegun.promise
      socket.hangUp()
      expect(await rejected.promise).toBe('request_aborted')
      await rejectionsReported()
      expect(rejections).toEqual([])
      expect(log.at('error')).toEqual([])
      expect(log.text()).toContain('ECONNRESET')
      expect(handler).not.toHaveBeenCalled()
      expect(await deliver(origin, body, 'content-length')).toMatchObject({ status: 200 })
    },
  )

  test('before anything asked for its body is not waited for', async () => {
    const rejections = collectUnhandledRejections()
    const arrived = deferred()
    const reply = deferred<object>()
    const { receiver } = acmeReceiver()
    const origin = await serveApp(async (request, response) => {
      arrived.resolve()
      await once(response, 'close')
      reply.resolve(await receiver.receive(nodeDelivery(request, { fixWhenConsumed: 'none' })))
    })
    const socket = await RawConnection.open(origin)
    socket.write(head(`X-Acme-Signature: ${signature}`, `Content-Length: ${body.length}`))
    await arrived.promise
    socket.hangUp()
    expect(await reply.promise).toMatchObject({ status: 400, body: '{"error":"request_aborted"}' })
    await rejectionsReported()
    expect(rejections).toEqual([])
  })
})

describe('an application that destroys a request', () => {
  const scanner = new Error('the scanner says no')
  const destroyed: Record<string, [Error | undefined, string]> = {
    'with an error of its own': [scanner, 'the scanner says no'],
    'without an error': [undefined, 'the application destroyed the request'],
  }
  test.each(Object.entries(destroyed))('%s, is told so, as a warning', async (_, [error, told]) => {
    for (const when of ['before', 'while it is read']) {
      const { receiver, log } = acmeReceiver()
      const replied = deferred<object>()
      const origin = await serveApp((request, response) => {
        response.once('close', () => {})
        if (when === 'before') request.on('error', () => {}).destroy(error)
        else request.once('data', () => request.destroy(error))
        receiver.receive(nodeDelivery(request, { fixWhenConsumed: 'none' })).then(replied.resolve)
      })
      const socket = await RawConnection.open(origin)
      socket.write(head(`X-Acme-Signature: ${signature}`, `Content-Length: ${body.length}`))
      socket.write(body.subarray(0, 50))
      expect(await replied.promise).toMatchObject({ body: '{"error":"request_aborted"}' })
      expect(log.lines).toEqual([expect.objectContaining({ level: 'warn' })])
      expect(log.text()).toContain('the application destroyed the request')
      expect(log.text()).toContain(told)
      expect(log.text()).toContain('look for what calls destroy')
    }
  })
})

describe('headers', () => {
  test('a signature that is sent twice is no valid signature', async () => {
    const { origin, observed } = await serve()
    const twice = await deliver(origin, body, 'content-length', [`X-Acme-Signature: ${signature}`])
    expect(twice).toMatchObject({ status: 401, body: '{"error":"invalid_signature"}' })
    expect(observed.rejected).toMatchObject([{ code: 'invalid_signature' }])
  })

  test('their names may be written in any case', async () => {
    const { origin } = await serve()
    const socket = await RawConnection.open(origin)
    socket.write(head(`x-ACME-signature: ${signature}`, `CONTENT-length: ${body.length}`))
    socket.write(body)
    expect(await socket.reply()).toMatchObject({ status: 200 })
  })

  test('a compressed body is refused', async () => {
    const { origin } = await serve()
    const reply = await deliver(origin, body, 'content-length', ['Content-Encoding: gzip'])
    expect(reply).toMatchObject({ status: 415 })
  })
})

test('a GET is refused with the method that is allowed', async () => {
  const { origin } = await serve()
  const response = await fetch(origin)
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST')
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.text()).toBe('{"error":"method_not_allowed"}')
})

test('a connection serves one delivery after the other, refused ones between them', async () => {
  const { origin } = await serve()
  const socket = await RawConnection.open(origin)
  const genuine = head(`X-Acme-Signature: ${signature}`, `Content-Length: ${body.length}`)
  const unsigned = head(`Content-Length: ${body.length}`)
  for (const start of [genuine, unsigned, genuine])
    await socket.write(Buffer.concat([Buffer.from(start), body]))
  expect((await socket.replies(3)).map(({ status }) => status)).toEqual([200, 401, 200])
})

describe('a body that was read earlier', () => {
  async function serveAfterParser(options: (parsed: Buffer) => { rawBody?: Uint8Array }) {
    const acme = acmeReceiver()
    const origin = await serveApp(async (request, response) => {
      const parsed = await readAll(request)
      const delivery = nodeDelivery(request, {
        ...options(parsed),
        fixWhenConsumed: 'mount it before the parser',
      })
      writeReply(response, await acme.receiver.receive(delivery))
    })
    return { ...acme, origin }
  }

  test('and is gone is a mistake of the application: 500, and the log names the fix', async () => {
    const { origin, log } = await serveAfterParser(() => ({}))
    expect(await deliver(origin, body, 'content-length')).toMatchObject({
      status: 500,
      body: '{"error":"misconfigured"}',
    })
    expect(log.at('error')).toMatchObject([
      { details: { code: 'misconfigured', fix: 'mount it before the parser' } },
    ])
  })

  test('and was left as bytes is taken on', async () => {
    const { origin } = await serveAfterParser((rawBody) => ({ rawBody }))
    expect(await deliver(origin, body, 'content-length')).toMatchObject({ status: 200 })
  })

  test('and is over the limit is refused all the same', async () => {
    const { origin } = await serveAfterParser(() => ({ rawBody: Buffer.alloc(1024 * 1024 + 1) }))
    expect(await deliver(origin, body, 'content-length')).toMatchObject({ status: 413 })
  })
})

test('a reply is not written over one that something else has sent', async () => {
  const { receiver } = acmeReceiver()
  const origin = await serveApp(async (request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(202).end('first')
    writeReply(response, await receiver.receive(nodeDelivery(request, { fixWhenConsumed: 'none' })))
  })
  const response = await fetch(origin)
  expect(response.status).toBe(202)
  expect(await response.text()).toBe('first')
})

test('a HEAD request gets no body', async () => {
  const { origin } = await serve()
  const request = httpRequest(origin, { method: 'HEAD' }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(405)
  expect(await readAll(response)).toHaveLength(0)
})

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { nodeWebhooks } from '@hookport/core/node'
import { serveApp } from '@hookport/testkit/http'
import { describe, expect, test, vi } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const body = Buffer.from(JSON.stringify(paidOrder(start, { note: 'größer als 🦖' })))

type Before = (request: IncomingMessage) => unknown

/** Answers a delivery in an application that does something to its requests before. The clock stands still: nothing times out. */
async function deliver(
  before: Before,
  { sent = body, headers = {} }: { sent?: Buffer; headers?: Record<string, string> } = {},
) {
  const acme = acmeReceiver()
  const handled = vi.fn()
  acme.receiver.onEvent('order.paid', ({ rawBody }) => handled(Buffer.from(rawBody)))
  const webhooks = nodeWebhooks(acme.receiver)
  const url = await serveApp(async (request, response) => {
    await before(request)
    await webhooks(request, response)
  })
  const response = await fetch(url, {
    method: 'POST',
    body: new Uint8Array(sent),
    headers: { ...headers, 'x-acme-signature': sign(sent) },
  })
  await acme.receiver.idle()
  return { reply: await response.json(), handled: handled.mock.calls.flat(), log: acme.log.lines }
}

const received = { reply: { received: true }, handled: [body] }
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a stream that something touched, and left whole, is read', () => {
  const touched: Record<string, Before> = {
    'paused, for something that took its time': async (request) => {
      request.pause()
      await turn()
    },
    'piped, and unpiped before anything came': async (request) => {
      const nowhere = new PassThrough()
      request.pipe(nowhere)
      request.unpipe(nowhere)
      await turn()
    },
    'made to give text instead of bytes': (request) => request.setEncoding('utf8'),
    'made to give base64 instead of bytes': (request) => request.setEncoding('base64'),
  }
  test.each(Object.entries(touched))('%s', async (_, before) => {
    expect(await deliver(before)).toMatchObject(received)
  })

  test('bytes that are no text are not taken for what a text makes of them', async () => {
    const sent = Buffer.concat([body, Buffer.from([0xff])])
    const setEncoding: Before = (request) => request.setEncoding('utf8')
    expect(await deliver(setEncoding, { sent })).toMatchObject({ reply: { error: 'invalid_signature' } })
  })
})

describe('a stream that is not whole any more is said to be so at once', () => {
  const emptied: Record<string, Before> = {
    'read to its end': buffer,
    discarded: (request) => finished(request.resume()),
    'read in part, and paused': async (request) => {
      await once(request, 'data')
      request.pause()
    },
    'piped, and unpiped when something had come': async (request) => {
      const somewhere = new PassThrough()
      request.pipe(somewhere)
      await once(somewhere, 'data')
      request.unpipe(somewhere)
    },
  }
  test.each(Object.entries(emptied))('%s', async (_, before) => {
    const { reply, log } = await deliver(before)
    expect(reply).toEqual({ error: 'misconfigured' })
    expect(log).toEqual([
      expect.objectContaining({
        level: 'error',
        details: expect.objectContaining({ fix: expect.any(String) }),
      }),
    ])
  })

  test('a body without bytes that was waited for is empty, and no misconfiguration', async () => {
    const before: Before = (request) => finished(request.resume())
    expect(await deliver(before, { sent: Buffer.alloc(0) })).toMatchObject({ reply: { received: true } })
  })
})

describe('what is left of a body that was read', () => {
  const bytesLeft: Record<string, (bytes: Buffer) => object> = {
    'bytes in rawBody': (rawBody) => ({ rawBody, body: 'something else' }),
    'bytes in body': (bytes) => ({ rawBody: 'something else', body: new Uint8Array(bytes) }),
    'a text in rawBody': (bytes) => ({ rawBody: bytes.toString(), body: { parsed: true } }),
    'a text in body': (bytes) => ({ body: bytes.toString() }),
  }
  test.each(Object.entries(bytesLeft))('as %s is used', async (_, left) => {
    const result = await deliver(async (request) => Object.assign(request, left(await buffer(request))))
    expect(result).toMatchObject(received)
  })

  test('as a text that is not what was signed is refused, and the log says what read it', async () => {
    const result = await deliver(async (request) =>
      Object.assign(request, { rawBody: (await buffer(request)).toString('latin1') }),
    )
    expect(result).toMatchObject({
      reply: { error: 'invalid_signature' },
      log: [{ details: { fix: expect.stringContaining('left a text') } }],
    })
  })

  test('as anything else is no body', async () => {
    const result = await deliver(async (request) =>
      Object.assign(request, { body: JSON.parse((await buffer(request)).toString()) }),
    )
    expect(result).toMatchObject({ reply: { error: 'misconfigured' } })
  })

  test('is not used as a text where the stream is whole: that says more', async () => {
    expect(await deliver((request) => Object.assign(request, { body: 'something else' }))).toMatchObject(
      received,
    )
  })
})

describe('Content-Encoding', () => {
  test.each(['UTF-8', 'utf8', 'identity', 'Identity, identity', 'aws-chunked'])(
    '%s is no compression',
    async (encoding) => {
      expect(await deliver(() => {}, { headers: { 'content-encoding': encoding } })).toMatchObject(received)
    },
  )

  test.each(['gzip', 'deflate', 'br', 'zstd', 'compress', 'x-gzip', 'X-Compress', 'identity, gzip', 'gzip,'])(
    '%s is one, and refused',
    async (encoding) => {
      expect(await deliver(() => {}, { headers: { 'content-encoding': encoding } })).toMatchObject({
        reply: { error: 'unsupported_encoding' },
        handled: [],
      })
    },
  )
})

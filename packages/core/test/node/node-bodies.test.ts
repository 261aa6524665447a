import { EventEmitter, once } from 'node:events'
import { type IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import { nodeWebhooks } from '@hookport/core/node'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, test, vi } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const body = Buffer.from(JSON.stringify(paidOrder(start, { note: 'größer als 🦖' })))

type Before = (request: IncomingMessage) => unknown

/** Answers a delivery in an application that does something to its requests before. The clock stands still: nothing times out. */
async function deliver(
  before: Before,
  { sent = body, headers = {} }: { sent?: Buffer; headers?: Record<string, string> } = {},
  post: (url: string, headers: Record<string, string>, sent: Buffer) => Promise<unknown> = postAll,
) {
  const acme = acmeReceiver()
  const handled = vi.fn()
  acme.receiver.onEvent('order.paid', ({ rawBody }) => handled(Buffer.from(rawBody)))
  const webhooks = nodeWebhooks(acme.receiver)
  const url = await serveApp(async (request, response) => {
    const waiting = before(request)
    if (waiting instanceof Promise) await waiting // a turn of the event loop more would let the body come
    await webhooks(request, response)
  })
  const reply = await post(url, { ...headers, 'x-acme-signature': sign(sent) }, sent)
  await acme.receiver.idle()
  return { reply, handled: handled.mock.calls.flat(), log: acme.log.lines }
}

async function postAll(url: string, headers: Record<string, string>, sent: Buffer): Promise<unknown> {
  return (await fetch(url, { method: 'POST', body: new Uint8Array(sent), headers })).json()
}

/** With a pause after its first bytes, and without a length. */
async function postInTwo(url: string, headers: Record<string, string>, sent: Buffer): Promise<unknown> {
  async function* parts() {
    yield sent.subarray(0, 20)
    await sleep(20)
    yield sent.subarray(20)
  }
  const streamed = { body: Readable.toWeb(Readable.from(parts())), duplex: 'half' } as RequestInit
  return (await fetch(url, { method: 'POST', headers, ...streamed })).json()
}

const large = Buffer.from(JSON.stringify(paidOrder(start, { note: 'x'.repeat(300_000) })))
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
    'listened to by something that never reads, until all of it was there': async (request) => {
      request.on('readable', () => {})
      while (!request.complete) await turn()
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

describe('a stream that another reader holds is read all the same, as none of it was read before', () => {
  const held: Record<string, Before> = {
    'by a listener for data': (request) => void request.on('data', () => {}),
    'by a listener for data that pauses it': (request) => void request.on('data', () => request.pause()),
    'by a pipe to where nobody reads': (request) => void request.pipe(new PassThrough()),
    'by something that pauses it while it is read': (request) => void setImmediate(() => request.pause()),
    'by a listener that never reads': (request) => void request.on('readable', () => {}),
    'by a loop over it': (request) => void request[Symbol.asyncIterator]().next(),
    'as a stream of the Web': (request) => void Readable.toWeb(request),
  }
  test.each(Object.entries(held))('%s', async (_, before) => {
    expect(await deliver(before)).toMatchObject(received)
    expect(await deliver(before, {}, postInTwo)).toMatchObject(received)
    expect(await deliver(before, { sent: large })).toMatchObject({ ...received, handled: [large] })
  })
})

describe('a stream of which something has looked at the first bytes', () => {
  const peeked: Record<string, Before> = {
    'with once(data) and unshift': async (request) => {
      const [bytes] = await once(request, 'data')
      request.pause().unshift(bytes)
    },
    'with read and unshift': async (request) => {
      await once(request, 'readable')
      request.unshift(request.read())
    },
    'with read of a few bytes and unshift': async (request) => {
      await once(request, 'readable')
      request.unshift(request.read(4))
    },
  }
  test.each(Object.entries(peeked))('%s, is read as it was sent', async (_, before) => {
    expect(await deliver(before)).toMatchObject(received)
    expect(await deliver(before, {}, postInTwo)).toMatchObject(received)
    expect(await deliver(before, { sent: large })).toMatchObject({ ...received, handled: [large] })
  })

  const kept: Before = async (request) => {
    await once(request, 'readable')
    request.read(4)
  }
  test('and not put back, is misconfigured where its length was announced', async () => {
    expect(await deliver(kept)).toMatchObject({ reply: { error: 'misconfigured' } })
  })

  test('and not put back, is told with the mismatch where it was not', async () => {
    expect(await deliver(kept, {}, postInTwo)).toMatchObject({
      reply: { error: 'invalid_signature' },
      log: [{ details: { fix: expect.stringContaining('may not have put all of it back') } }],
    })
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
    'an ArrayBuffer in rawBody': (bytes) => ({ rawBody: new Uint8Array(bytes).buffer }),
    'an ArrayBuffer in body': (bytes) => ({ body: new Uint8Array(bytes).buffer }),
    'a view in rawBody': (bytes) => ({ rawBody: new DataView(new Uint8Array(bytes).buffer) }),
    'a view of a part of others in rawBody': (bytes) => ({
      rawBody: new DataView(Uint8Array.of(1, ...bytes, 2).buffer, 1, bytes.length),
    }),
    "bytes of a test's sandbox": (bytes) => ({
      rawBody: runInNewContext('new Uint8Array(bytes)', { bytes: [...bytes] }),
    }),
    "an ArrayBuffer of a test's sandbox": (bytes) => ({
      rawBody: runInNewContext('new Uint8Array(bytes).buffer', { bytes: [...bytes] }),
    }),
    'a text in rawBody': (bytes) => ({ rawBody: bytes.toString(), body: { parsed: true } }),
    'a text in body': (bytes) => ({ body: bytes.toString() }),
    'a text in body, and none in rawBody': (bytes) => ({ rawBody: '', body: bytes.toString() }),
    'a text in rawBody, and no bytes in body': (bytes) => ({
      rawBody: bytes.toString(),
      body: Buffer.alloc(0),
    }),
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

  test.each<[string, (bytes: Buffer) => object]>([
    ['bytes', (rawBody) => ({ rawBody, body: Buffer.from('{"another": "spelling"}') })],
    ['a text', (bytes) => ({ rawBody: bytes.toString(), body: '{"another": "spelling"}' })],
  ])(
    'in rawBody, as %s, goes before what is in body, which a parser may have written anew',
    async (_, left) => {
      const before: Before = async (request) => Object.assign(request, left(await buffer(request)))
      expect(await deliver(before)).toMatchObject(received)
    },
  )

  describe('in a property that throws, as where a platform can not parse what it should give,', () => {
    const throwing = (request: IncomingMessage, property: string, more: object = {}) =>
      Object.defineProperty(Object.assign(request, more), property, {
        get() {
          throw new Error('Invalid JSON')
        },
      })

    test.each(['body', 'rawBody'])('%s, is nothing: the stream is read', async (property) => {
      expect(await deliver((request) => throwing(request, property))).toMatchObject(received)
    })

    test('is nothing: what the other property has is used', async () => {
      const before: Before = async (request) => throwing(request, 'body', { rawBody: await buffer(request) })
      expect(await deliver(before)).toMatchObject(received)
    })
  })

  test.each<[string, Buffer, object]>([
    ['a text', body, { rawBody: body.toString() }],
    ['no text', Buffer.alloc(0), { body: '' }],
    ['no bytes', Buffer.alloc(0), { body: Buffer.alloc(0) }],
  ])(
    'as %s of a request that is no stream, as some platforms and mocks make them, is used',
    async (_, sent, left) => {
      const { receiver } = acmeReceiver()
      const headers = { 'x-acme-signature': sign(sent), 'content-length': String(sent.length) }
      const made = { method: 'POST', url: '/', headers, ...left, resume: () => {} }
      const request = Object.assign(new EventEmitter(), made) as unknown as IncomingMessage
      const response = new ServerResponse(request)
      await nodeWebhooks(receiver)(request, response)
      expect(response.statusCode).toBe(200)
    },
  )

  test.each<[string, unknown]>([
    ['a text', 'something else'],
    ['no bytes', Buffer.alloc(0)],
  ])('is not used as %s where the stream is whole: that says more', async (_, left) => {
    expect(await deliver((request) => Object.assign(request, { body: left }))).toMatchObject(received)
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

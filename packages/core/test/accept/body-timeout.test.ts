import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { nodeWebhooks, readRawBody } from '@hookport/core/node'
import { readRawStream, webWebhooks } from '@hookport/core/web'
import { deferred } from '@hookport/testkit/deferred'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { expect, test, vi } from 'vitest'
import { head, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const body = Buffer.from(JSON.stringify(paidOrder(start)))
const tooSlow = {
  status: 408,
  body: '{"error":"request_timeout"}',
  headers: { connection: 'close' },
}

test('a body that takes longer than bodyTimeout is 408 at that instant, and no earlier', async () => {
  const { receiver, clock, observed, log } = acmeReceiver({ bodyTimeout: 4_000 })
  const never = { ...signedPost(body), readBody: () => new Promise<Uint8Array>(() => {}) }
  const replied = vi.fn()
  const reply = receiver.receive(never).finally(replied)
  await clock.advance(3_999)
  expect(replied).not.toHaveBeenCalled()
  await clock.advance(1)
  expect(replied).toHaveBeenCalled()
  expect(await reply).toMatchObject(tooSlow)
  expect(observed.rejected).toMatchObject([{ code: 'request_timeout', status: 408 }])
  expect(log.lines).toMatchObject([{ details: { fix: expect.stringContaining('raise bodyTimeout') } }])
})

test('bodyTimeout is 10 s unless said otherwise', async () => {
  const { receiver, clock } = acmeReceiver()
  const reply = receiver.receive({ ...signedPost(body), readBody: () => new Promise(() => {}) })
  await clock.advance(10_000)
  expect(await reply).toMatchObject(tooSlow)
})

test('a body that arrives in time leaves no timer behind, nor does one that fails', async () => {
  const { receiver, clock } = acmeReceiver()
  await receiver.receive({ ...signedPost(body), readBody: async () => body })
  await receiver.receive({ ...signedPost(body), readBody: async () => Promise.reject(new Error('gone')) })
  await clock.advance(10_000)
  expect(clock.pendingTimers).toBe(0)
})

test('a reader is told to give up; what becomes of one that does not is nobody’s concern', async () => {
  const rejections = collectUnhandledRejections()
  const { receiver, clock } = acmeReceiver()
  const reading = deferred<Uint8Array>()
  let told: AbortSignal | undefined
  const delivery = {
    ...signedPost(body),
    readBody(_maxBytes: number, deadline?: { readonly signal: AbortSignal }) {
      told = deadline?.signal
      return reading.promise
    },
  }
  const reply = receiver.receive(delivery)
  await clock.advance(9_999)
  expect(told?.aborted).toBe(false)
  await clock.advance(1)
  expect(told?.aborted).toBe(true)
  reading.reject(new Error('the connection is gone'))
  expect(await reply).toMatchObject(tooSlow)
  await rejectionsReported()
  expect(rejections).toEqual([])
})

test('over a socket, the sender is told, and the server hangs up', async () => {
  const { receiver, clock } = acmeReceiver()
  const webhooks = nodeWebhooks(receiver)
  const arrived = deferred<IncomingMessage>()
  const origin = await serveApp((request, response) => {
    void webhooks(request, response)
    arrived.resolve(request)
  })
  const socket = await RawConnection.open(origin)
  socket.write(head(`X-Acme-Signature: ${sign(body)}`, `Content-Length: ${body.length}`))
  socket.write(body.subarray(0, -1))
  const request = await arrived.promise
  await clock.advance(10_000)
  expect(await socket.reply()).toMatchObject({
    status: 408,
    headers: { connection: 'close' },
    body: '{"error":"request_timeout"}',
  })
  if (!request.socket.destroyed) await once(request.socket, 'close')
  expect(request.socket.destroyed).toBe(true)
})

test('of a Request, the stream is let go, and not cancelled', async () => {
  const { receiver, clock } = acmeReceiver()
  const cancelled = vi.fn()
  const stream = new ReadableStream({
    start: (sent) => sent.enqueue(body.subarray(0, 10)),
    cancel: cancelled,
  })
  const init: RequestInit = { method: 'POST', body: stream, duplex: 'half' }
  const headers = { 'x-acme-signature': sign(body) }
  const reply = webWebhooks(receiver)(new Request('http://localhost/', { ...init, headers }))
  await clock.advance(10_000)
  const response = await reply
  expect(response.status).toBe(408)
  expect(await response.text()).toBe('{"error":"request_timeout"}')
  expect([stream.locked, cancelled.mock.calls]).toEqual([false, []])
})

test('what has come of a stream until then is not taken for the whole', async () => {
  const deadline = new AbortController()
  const stream = new ReadableStream({ start: (sent) => sent.enqueue(body.subarray(0, 10)) })
  const reading = readRawStream(stream, 100, deadline.signal)
  deadline.abort(new Error('too late'))
  await expect(reading).rejects.toThrow('too late')
})

test('a reader of a stream that is given an aborted signal reads nothing', async () => {
  const signal = AbortSignal.abort(new Error('too late'))
  await expect(readRawStream(new ReadableStream(), 10, signal)).rejects.toThrow('too late')
})

test('what has come of a request of Node until then is released with the next piece, not at its end', async () => {
  const deadline = new AbortController()
  const request = Object.assign(new PassThrough(), { headers: {} })
  const settled = vi.fn()
  readRawBody(request as unknown as IncomingMessage, 100, 1_000, deadline.signal).catch(settled)
  request.write(body.subarray(0, 10))
  await new Promise(setImmediate)
  const refusal = new Error('too late')
  deadline.abort(refusal)
  request.write(body.subarray(10, 20))
  await new Promise(setImmediate)
  expect(settled.mock.calls).toEqual([[refusal]])
})

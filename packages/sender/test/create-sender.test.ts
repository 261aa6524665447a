import { getEventListeners, once } from 'node:events'
import { Agent } from 'node:http'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createSender, type Sender, type SenderOptions, sampleEvent, signDelivery } from '../src/index.ts'
import { sendAttempt } from '../src/sending/send-attempt.ts'
import { fakeClock } from './fake-clock.ts'
import { answerWith, startReceiver } from './start-receiver.ts'

const secret = 'your-webhook-secret'
const event = sampleEvent('sematryx', 'optimization.completed', { at: 0 })

type Choices = Pick<SenderOptions, 'timeoutMs' | 'schedule' | 'clock'>

function senderTo(url: string, choices: Choices = {}): Sender {
  const sender = createSender({ provider: 'sematryx', url, secret, clock: fakeClock(), ...choices })
  onTestFinished(() => sender.close())
  return sender
}

test.each([200, 202, 204, 299])('%d is success, at the first attempt', async (status) => {
  const receiver = await startReceiver(answerWith(status))
  const delivery = await senderTo(receiver.url).send(event)
  expect(delivery).toEqual({
    provider: 'sematryx',
    type: 'optimization.completed',
    id: event.id,
    outcome: 'delivered',
    attempts: [{ at: 0, status, error: null, durationMs: expect.any(Number), responseBody: '' }],
  })
})

test.each([300, 304, 400, 401, 409, 500, 503])(
  '%d is a failure, tried again until it succeeds',
  async (status) => {
    const receiver = await startReceiver((response, nth) => answerWith(nth < 3 ? status : 200)(response))
    const delivery = await senderTo(receiver.url).send(event)
    expect(delivery.outcome).toBe('delivered')
    expect(delivery.attempts.map((attempt) => attempt.status)).toEqual([status, status, 200])
  },
)

test.each([301, 302, 307, 308])('%d is a failure, and is not followed', async (status) => {
  const elsewhere = await startReceiver(answerWith(200))
  const receiver = await startReceiver(answerWith(status, { Location: elsewhere.url }))
  const delivery = await senderTo(receiver.url, { schedule: [1] }).send(event)
  expect(delivery.outcome).toBe('failed')
  expect(delivery.attempts).toHaveLength(2)
  expect(delivery.attempts[0]).toMatchObject({ status, error: `redirect to ${elsewhere.url} not followed` })
  expect(elsewhere.received).toHaveLength(0)
})

test('every retry sends the same bytes under the same headers, signed once', async () => {
  const receiver = await startReceiver(answerWith(500))
  await senderTo(receiver.url).send(event)
  expect(receiver.received).toHaveLength(6)
  const signed = signDelivery({ provider: 'sematryx', secret, event })
  for (const { method, rawHeaders, body } of receiver.received) {
    expect(method).toBe('POST')
    expect(body).toBe(signed.body.toString('latin1'))
    expect(rawHeaders).toEqual(receiver.received[0]?.rawHeaders)
    expect(rawHeaders.join('\n')).toContain(Object.entries(signed.headers).flat().join('\n'))
  }
})

test('an event changed between attempts is still sent as it was', async () => {
  const changing = sampleEvent('sematryx', 'optimization.failed')
  const receiver = await startReceiver((response) => {
    changing.data.optimization_id = 'changed'
    answerWith(500)(response)
  })
  await senderTo(receiver.url, { schedule: [1] }).send(changing)
  expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body)
  expect(receiver.received[1]?.body).not.toContain('changed')
})

test('deliver sends a tampered delivery as given, with its headers, and method', async () => {
  const receiver = await startReceiver(answerWith(401))
  const signed = signDelivery({ provider: 'sematryx', secret, event })
  const headers = { 'X-SEMATRYX-signature': 'forged', 'Content-Length': '3' }
  const delivery = await senderTo(receiver.url).deliver(
    { ...signed, method: 'PUT', headers, body: Buffer.from('{ ]') },
    { retry: false },
  )
  expect(delivery).toMatchObject({ type: null, outcome: 'failed' })
  expect(delivery).not.toHaveProperty('id')
  expect(receiver.received).toEqual([
    { method: 'PUT', body: '{ ]', rawHeaders: expect.arrayContaining(['X-SEMATRYX-signature', 'forged']) },
  ])
})

test('deliver names the event that the body holds', async () => {
  const receiver = await startReceiver(answerWith(200))
  const delivery = await senderTo(receiver.url).deliver(signDelivery({ provider: 'sematryx', secret, event }))
  expect(delivery).toMatchObject({ type: event.type, id: event.id, outcome: 'delivered' })
})

test('deliver names the event of a large body, too', async () => {
  const receiver = await startReceiver(answerWith(200))
  const large = { ...event, data: { ...event.data, padding: 'x'.repeat(20_000_000) } }
  const signed = signDelivery({ provider: 'sematryx', secret, event: large })
  expect(await senderTo(receiver.url).deliver(signed)).toMatchObject({ type: event.type, id: event.id })
})

test('retry: false makes one attempt', async () => {
  const receiver = await startReceiver(answerWith(500))
  const delivery = await senderTo(receiver.url).send(event, { retry: false })
  expect(delivery.attempts).toHaveLength(1)
  expect(delivery.outcome).toBe('failed')
})

test('a reply that does not come is cut off at the deadline, and tried again', async () => {
  const receiver = await startReceiver((response, nth) => {
    if (nth === 2) answerWith(200)(response)
  })
  const delivery = await senderTo(receiver.url, { timeoutMs: 100 }).send(event)
  expect(delivery.outcome).toBe('delivered')
  expect(delivery.attempts[0]).toMatchObject({ status: null, error: 'timed out after 100 ms' })
  expect(delivery.attempts[0]?.durationMs).toBeGreaterThan(90)
})

test('a reply that begins in time and never ends is a failure', async () => {
  const receiver = await startReceiver((response) => {
    response.writeHead(200).write('begun')
  })
  const delivery = await senderTo(receiver.url, { timeoutMs: 100, schedule: [] }).send(event)
  expect(delivery.outcome).toBe('failed')
  expect(delivery.attempts).toMatchObject([
    { status: 200, error: 'timed out after 100 ms', responseBody: 'begun' },
  ])
})

test('a refused connection is a failure, and says so', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  expect.assert(address !== null && typeof address === 'object')
  server.close()
  await once(server, 'close')
  const delivery = await senderTo(`http://127.0.0.1:${address.port}`, { schedule: [] }).send(event)
  expect(delivery.attempts).toMatchObject([{ status: null, error: 'connection refused' }])
})

test('a connection closed without a reply, or in the middle of one, is a failure, and says so', async () => {
  const receiver = await startReceiver((response, nth, request) => {
    if (nth === 2) response.writeHead(200, { 'Content-Length': '10' }).write('begun')
    setImmediate(() => request.socket.destroy())
  })
  const delivery = await senderTo(receiver.url, { schedule: [1] }).send(event)
  const error = 'connection closed before the reply was complete'
  expect(delivery.attempts).toMatchObject([
    { status: null, error },
    { status: 200, error },
  ])
  expect(delivery.outcome).toBe('failed')
})

test('a long reply is read to its end and kept up to 16 KiB, and the connection is used again', async () => {
  const receiver = await startReceiver(answerWith(503, { 'Retry-After': '7' }, 'x'.repeat(1_000_000)))
  const delivery = await senderTo(receiver.url).send(event)
  expect(delivery.attempts).toHaveLength(6)
  for (const attempt of delivery.attempts) {
    expect(attempt).toMatchObject({ error: null, responseBody: 'x'.repeat(16 * 1024), retryAfter: '7' })
  }
  expect(receiver.connections()).toBe(1)
})

test('Retry-After does not change the schedule', async () => {
  const receiver = await startReceiver(answerWith(503, { 'Retry-After': '7' }))
  const delivery = await senderTo(receiver.url, { schedule: [1_000] }).send(event)
  expect(delivery.attempts.map((attempt) => attempt.at)).toEqual([0, 1_000])
})

test('many events can be under way at once', async () => {
  const receiver = await startReceiver(answerWith(200))
  const sender = senderTo(receiver.url)
  const events = Array.from({ length: 50 }, (_, seed) =>
    sampleEvent('sematryx', 'strategy.changed', { seed }),
  )
  const deliveries = await Promise.all(events.map((each) => sender.send(each)))
  expect(deliveries.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
  expect(deliveries.every(({ outcome }) => outcome === 'delivered')).toBe(true)
})

test('an attempt that has ended waits for no close any more', async () => {
  const { url } = await startReceiver(answerWith(200))
  const { signal } = new AbortController()
  const signed = signDelivery({ provider: 'sematryx', secret, event, sentAt: 0 })
  const attempt = sendAttempt({ url: new URL(url), agent: new Agent(), timeoutMs: 5_000, signal }, signed)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  expect(await attempt).toMatchObject({ status: 200 })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('close ends a delivery that waits for its next attempt', async () => {
  const receiver = await startReceiver(answerWith(500))
  const sender = createSender({
    provider: 'sematryx',
    url: receiver.url,
    secret,
    clock: {
      now: () => 0,
      async sleep(_ms, signal) {
        sender.close()
        signal?.throwIfAborted()
      },
    },
  })
  const delivery = await sender.send(event)
  expect(delivery.outcome).toBe('failed')
  expect(delivery.attempts).toHaveLength(1)
  await expect(sender.send(event)).rejects.toThrow('closed')
})

test('close cuts off an attempt under way', async () => {
  const receiver = await startReceiver(() => sender.close())
  const sender = senderTo(receiver.url)
  const delivery = await sender.send(event)
  expect(delivery.attempts).toMatchObject([{ status: null, error: 'sender closed' }])
})

test('a header that HTTP cannot carry is the caller’s error, not a failed attempt', async () => {
  const signed = signDelivery({ provider: 'sematryx', secret, event })
  const sender = senderTo('http://127.0.0.1:9')
  await expect(sender.deliver({ ...signed, headers: { 'X-A': 'line\nbreak' } })).rejects.toThrow(TypeError)
})

test.each([
  'https://example.test/hook',
  'http://localhost:3000',
  'http://app.localhost',
  'http://127.0.0.1',
  'http://127.9.9.9:81/x',
  'http://[::1]:8080',
])('may post to %s', (url) => {
  expect(() => senderTo(url)).not.toThrow()
})

test.each([
  'http://example.test/hook',
  'http://localhost.example.test',
  'http://127.0.0.1.example.test',
  'http://10.0.0.1',
  'ftp://localhost',
])('must not post to %s: https, or loopback', (url) => {
  expect(() => senderTo(url)).toThrow(TypeError)
  expect(() => senderTo(url)).toThrow('url must be https, or http to a loopback host')
})

test('a password in url that no request can decode is refused at once: every attempt would reject', () => {
  expect(() => senderTo('https://me:50%@shop.example')).toThrow('write it as %25')
  expect(() => senderTo('https://me:50%25@shop.example')).not.toThrow()
})

test('a missing secret is an error at construction; null is a choice', () => {
  const url = 'https://example.test/hook'
  expect(() => createSender({ provider: 'jaot', url, secret: '' })).toThrow('secret is missing')
  // @ts-expect-error: as from an environment variable that is not set
  expect(() => createSender({ provider: 'jaot', url, secret: undefined })).toThrow('secret is missing')
  expect(() => createSender({ provider: 'jaot', url, secret: null })).not.toThrow()
  // @ts-expect-error: a misspelt option would have no effect
  expect(() => createSender({ provider: 'jaot', url, secret, timScale: 0 })).toThrow('no option timScale')
})

test('JAOT: the delivery timestamp is the clock’s time at sending, also on the retries', async () => {
  const receiver = await startReceiver(answerWith(500))
  const sender = createSender({ provider: 'jaot', url: receiver.url, secret, clock: fakeClock() })
  onTestFinished(() => sender.close())
  const delivery = await sender.send(sampleEvent('jaot', 'credits.low'))
  expect(delivery).not.toHaveProperty('id')
  expect(receiver.received).toHaveLength(4)
  for (const { rawHeaders } of receiver.received) {
    expect(rawHeaders[rawHeaders.indexOf('X-Jaot-Delivery-Timestamp') + 1]).toBe('0')
  }
})

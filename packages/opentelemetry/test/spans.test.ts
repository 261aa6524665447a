import { PermanentError, RetryLater } from '@hookport/core'
import { sqliteInbox } from '@hookport/sqlite'
import { deliver, failed, handled, manualClock } from '@hookport/testing'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AlwaysOffSampler, AlwaysOnSampler } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { telemetry, watched } from './support.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const sent = (flags = '01') => ({
  traceparent: `00-${traceId}-b7ad6b7169203331-${flags}`,
  tracestate: 'vendor=1',
})
const paid = { type: 'invoice.paid', id: 'evt_1' }

test('a delivery and the attempts of its handlers are one trace', async () => {
  const clock = manualClock(Date.now())
  const seen = telemetry()
  const receiver = watched(seen, { clock, retry: { jitter: 0 } })
  receiver.onEvent('invoice.paid', async (_, { attempt }) => {
    if (attempt === 1) throw new TypeError('not yet')
  })
  const delivered = await deliver(receiver, paid)
  await failed(delivered)
  await clock.advance(1_000)
  await handled(delivered)
  const [delivery, first, second] = seen.spans()
  expect([delivery, first, second].map((span) => [span?.name, span?.kind])).toEqual([
    ['receive stripe', SpanKind.SERVER],
    ['process stripe', SpanKind.CONSUMER],
    ['process stripe', SpanKind.CONSUMER],
  ])
  const of = delivery?.spanContext()
  expect(delivery?.parentSpanContext).toBeUndefined()
  for (const attempt of [first, second]) {
    expect(attempt?.spanContext().traceId).toBe(of?.traceId)
    expect(attempt?.parentSpanContext?.spanId).toBe(of?.spanId)
  }
  expect(delivery?.attributes).toEqual({
    'messaging.system.name': 'hookport',
    'messaging.operation.name': 'receive',
    'messaging.operation.type': 'receive',
    'messaging.destination.name': 'stripe',
    'hookport.provider': 'stripe',
    'http.request.method': 'POST',
    'url.path': '/webhooks/stripe',
    'http.response.status_code': 200,
    'hookport.outcome': 'accepted',
  })
  expect(delivery?.events).toMatchObject([
    {
      name: 'accepted',
      attributes: { 'messaging.message.id': 'evt_1', 'hookport.event.key': 'stripe:evt_1' },
    },
  ])
  const attributes = {
    'messaging.operation.name': 'process',
    'messaging.message.id': 'evt_1',
    'hookport.event.type': 'invoice.paid',
    'hookport.handler.name': 'onEvent(invoice.paid)#0',
  }
  expect(first?.attributes).toMatchObject({
    ...attributes,
    'hookport.handler.attempt': 1,
    'hookport.outcome': 'failed',
    'error.type': 'TypeError',
  })
  expect(first?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'not yet' })
  expect(first?.events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'not yet' } }])
  expect(second?.attributes).toMatchObject({
    ...attributes,
    'hookport.handler.attempt': 2,
    'hookport.outcome': 'completed',
  })
  expect(second?.status.code).toBe(SpanStatusCode.UNSET)
})

test('the trace goes on where another process takes the event out of the inbox', async () => {
  const path = `${temporaryFolder()}/webhooks.db`
  const web = telemetry()
  const accepting = watched(web, { inbox: sqliteInbox({ path }), consume: false })
  await deliver(accepting, paid)
  await accepting.stop()
  const worker = telemetry()
  const handling = watched(worker, { inbox: sqliteInbox({ path }), consume: false })
  handling.onEvent('invoice.paid', () => {})
  await handling.drain()
  const [delivery] = web.spans()
  const [attempt] = worker.spans()
  expect(attempt?.spanContext().traceId).toBe(delivery?.spanContext().traceId)
  expect(attempt?.parentSpanContext).toMatchObject({ spanId: delivery?.spanContext().spanId, isRemote: true })
})

test('spans that a handler makes are children of its attempt', async () => {
  const seen = telemetry()
  const receiver = watched(seen)
  receiver.onEvent('invoice.paid', async () => {
    await Promise.resolve()
    seen.tracerProvider.getTracer('application').startSpan('save').end()
  })
  await handled(await deliver(receiver, paid))
  const [, save, attempt] = seen.spans()
  expect(save?.name).toBe('save')
  expect(save?.parentSpanContext?.spanId).toBe(attempt?.spanContext().spanId)
})

test('each attempt is a trace of its own, with a link to the delivery, where that is asked for', async () => {
  const seen = telemetry()
  const receiver = watched(seen, {}, { attempts: 'new-trace' })
  receiver.onEvent('invoice.paid', () => {})
  await handled(await deliver(receiver, paid))
  const [delivery, attempt] = seen.spans()
  expect(attempt?.parentSpanContext).toBeUndefined()
  expect(attempt?.spanContext().traceId).not.toBe(delivery?.spanContext().traceId)
  expect(attempt?.links).toMatchObject([{ context: { spanId: delivery?.spanContext().spanId } }])
})

test('an attempt that failed tells why, and its kind of error is one of few, whatever name the error has', async () => {
  const seen = telemetry()
  const receiver = watched(seen)
  receiver.onEvent('invoice.paid', () => {
    throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 10.0.0.1:443') })
  })
  receiver.onEvent('charge.refunded', ({ id }) => {
    throw Object.assign(new Error('not found'), { name: `Charge ${id} not found` })
  })
  for (const type of ['invoice.paid', 'charge.refunded']) await failed(await deliver(receiver, { type }))
  const attempts = seen.spans().filter(({ kind }) => kind === SpanKind.CONSUMER)
  expect(attempts.map(({ status, attributes }) => [status.message, attributes['error.type']])).toEqual([
    ['fetch failed, because of connect ECONNREFUSED 10.0.0.1:443', 'TypeError'],
    ['not found', '_OTHER'],
  ])
})

test('a handler that asks to wait has not failed; one that fails for good has its code', async () => {
  const seen = telemetry()
  const receiver = watched(seen)
  receiver.onEvent('invoice.paid', () => {
    throw new RetryLater(60_000)
  })
  receiver.onEvent('charge.refunded', () => {
    throw new PermanentError('never')
  })
  await deliver(receiver, { type: 'invoice.paid' })
  await failed(await deliver(receiver, { type: 'charge.refunded' }))
  const attempts = seen.spans().filter(({ kind }) => kind === SpanKind.CONSUMER)
  expect(
    attempts.map(({ attributes, status }) => [
      attributes['hookport.outcome'],
      attributes['error.type'],
      status.code,
    ]),
  ).toEqual([
    ['waits', undefined, SpanStatusCode.UNSET],
    ['failed', 'permanent_failure', SpanStatusCode.ERROR],
  ])
})

const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

test.each([
  ['no text', Object.create(null), 'object', "what was thrown can't be read"],
  [
    'a text that throws',
    Object.defineProperty(new TypeError(), 'message', { get: () => String(Object.create(null)) }),
    'TypeError',
    "what was thrown can't be read",
  ],
  [
    'a name that throws',
    Object.defineProperty(new Error('odd'), 'name', { get: () => String(Object.create(null)) }),
    'Error',
    'odd',
  ],
  ['nothing to read at all', revoked, 'object', "what was thrown can't be read"],
  ['no value', undefined, 'undefined', 'undefined'],
])(
  'an attempt that throws what has %s ends its span, and is counted, as failed',
  async (_, thrown, errorType, message) => {
    const seen = telemetry()
    const receiver = watched(seen)
    receiver.onEvent('invoice.paid', () => {
      throw thrown
    })
    receiver.onEvent('charge.refunded', async () => {
      throw thrown
    })
    for (const type of ['invoice.paid', 'charge.refunded']) await failed(await deliver(receiver, { type }))
    const attempts = seen.spans().filter(({ kind }) => kind === SpanKind.CONSUMER)
    const ended = [
      { 'hookport.outcome': 'failed', 'error.type': errorType },
      { code: SpanStatusCode.ERROR, message },
    ]
    expect(attempts.map(({ attributes, status }) => [attributes, status])).toMatchObject([ended, ended])
    const counted = (await seen.metrics()).get('hookport.handler.attempts')?.dataPoints
    expect(counted?.map(({ attributes }) => attributes['error.type'])).toEqual([errorType, errorType])
  },
)

test('what is refused says why, with the code that the sender sees, and shows no query', async () => {
  const seen = telemetry()
  const receiver = watched(seen, { consume: false })
  await deliver(receiver, { ...paid, signature: 'wrong', url: '/hook?token=secret' })
  const [delivery] = seen.spans()
  expect(delivery?.attributes).toMatchObject({
    'url.path': '/hook',
    'http.response.status_code': 401,
    'error.type': 'invalid_signature',
    'hookport.outcome': 'rejected',
  })
  expect(delivery?.status.code).toBe(SpanStatusCode.UNSET) // of a server's span, as the conventions have it
  expect(JSON.stringify([delivery?.attributes, delivery?.events])).not.toContain('token=secret')
})

test('a delivery that the server fails is an error', async () => {
  const seen = telemetry()
  const receiver = watched(seen, { consume: false })
  await receiver.stop()
  await deliver(receiver, paid)
  expect(seen.spans()[0]).toMatchObject({
    attributes: { 'http.response.status_code': 503, 'error.type': 'unavailable' },
    status: { code: SpanStatusCode.ERROR },
  })
})

test('methods that strangers make up are one', async () => {
  const seen = telemetry()
  const receiver = watched(seen, { consume: false })
  await receiver.receive({
    method: 'BREW',
    url: '/',
    headers: new Headers(),
    readBody: () => new Uint8Array(),
  })
  expect(seen.spans()[0]?.attributes).toMatchObject({ 'http.request.method': '_OTHER' })
})

test('handlers that run before the reply are children of the delivery as well', async () => {
  const seen = telemetry()
  const receiver = watched(seen, { acknowledge: 'after-handlers' })
  receiver.onEvent('invoice.paid', () => {})
  await deliver(receiver, paid)
  const [attempt, delivery] = seen.spans()
  expect(attempt?.parentSpanContext?.spanId).toBe(delivery?.spanContext().spanId)
})

test('a delivery within a span of the HTTP server is its child, and no server itself', async () => {
  const seen = telemetry()
  const receiver = watched(seen, { consume: false })
  const server = seen.tracerProvider.getTracer('http').startSpan('POST /webhooks')
  await context.with(trace.setSpan(ROOT_CONTEXT, server), () => deliver(receiver, paid))
  server.end()
  const [delivery] = seen.spans()
  expect(delivery?.kind).toBe(SpanKind.INTERNAL)
  expect(delivery?.parentSpanContext?.spanId).toBe(server.spanContext().spanId)
})

test('the trace that a sender names is linked to, and does not decide on sampling', async () => {
  const seen = telemetry(new AlwaysOnSampler())
  const receiver = watched(seen, { consume: false })
  await deliver(receiver, { ...paid, headers: sent('00') }) // it asks not to be sampled
  const [delivery] = seen.spans()
  expect(delivery?.parentSpanContext).toBeUndefined()
  expect(delivery?.spanContext().traceId).not.toBe(traceId)
  expect(delivery?.links).toMatchObject([
    { context: { traceId, spanId: 'b7ad6b7169203331', isRemote: true } },
  ])
})

test('it is gone on with, and decides, where the sender is trusted', async () => {
  const seen = telemetry(new AlwaysOffSampler())
  const receiver = watched(seen, {}, { trustSender: true })
  receiver.onEvent('invoice.paid', () => {})
  await handled(await deliver(receiver, { ...paid, headers: sent('01') }))
  await handled(await deliver(receiver, { type: 'invoice.paid', headers: sent('00') }))
  const spans = seen.spans()
  expect(spans.map(({ name }) => name)).toEqual(['receive stripe', 'process stripe'])
  expect(spans.map((span) => span.spanContext().traceId)).toEqual([traceId, traceId])
  expect(spans.map((span) => span.spanContext().traceState?.serialize())).toEqual(['vendor=1', 'vendor=1'])
  expect(await receiver.inbox.counts()).toMatchObject({ dead: 0 })
})

test('what is not sampled is kept as not sampled: its handlers are not either', async () => {
  const seen = telemetry(new AlwaysOffSampler())
  const receiver = watched(seen, { consume: false })
  const { key } = await deliver(receiver, paid)
  expect(await receiver.inbox.get(key)).toMatchObject({
    trace: { traceparent: expect.stringMatching(/-00$/) },
  })
  receiver.onEvent('invoice.paid', () => {})
  await receiver.drain()
  expect(seen.spans()).toEqual([])
})

test.each([
  ['nonsense', 'nonsense'],
  ['zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
  ['another version', `ff-${traceId}-b7ad6b7169203331-01`],
  ['more than a megabyte', `00-${'a'.repeat(1_000_000)}`],
])('a traceparent that is none is passed over: %s', async (_, traceparent) => {
  const seen = telemetry()
  for (const trustSender of [true, false]) {
    const receiver = watched(seen, { consume: false }, { trustSender })
    await deliver(receiver, { type: 'invoice.paid', headers: { traceparent } })
  }
  for (const delivery of seen.spans())
    expect(delivery).toMatchObject({ links: [], parentSpanContext: undefined })
  expect(seen.spans()).toHaveLength(2)
})

test('it ends when it is taken away, and makes nothing where it is switched off', async () => {
  const seen = telemetry()
  const { instrument } = await import('@hookport/opentelemetry')
  const receiver = watched(seen, { consume: false }, { tracerProvider: false, meterProvider: false })
  await deliver(receiver, { type: 'invoice.paid' })
  expect(seen.spans()).toEqual([])
  const end = instrument(receiver, { tracerProvider: seen.tracerProvider, meterProvider: seen.meterProvider })
  await deliver(receiver, { type: 'invoice.paid' })
  end()
  const { key } = await deliver(receiver, { type: 'invoice.paid' })
  expect(seen.spans()).toHaveLength(1)
  expect((await receiver.inbox.get(key))?.trace).toBeUndefined()
})

test('what is not to be seen of an event is in no span of an attempt that failed', async () => {
  const seen = telemetry()
  const receiver = watched(seen, { redact: ['data.object.customer_email'], logger: false })
  receiver.onEvent('invoice.paid', async (event) => {
    const cause = new Error(`not in the list: ${event.data.object.customer_email}`)
    throw new TypeError(`no customer ${event.data.object.customer_email}`, { cause })
  })
  await failed(await deliver(receiver, { ...paid, data: { object: { customer_email: 'bob@example.com' } } }))
  const span = seen.spans().find(({ name }) => name === 'process stripe')
  expect(span?.status.message).toBe('no customer [redacted], because of not in the list: [redacted]')
  expect(span?.attributes).toMatchObject({ 'error.type': 'TypeError' })
  expect(span?.events).toMatchObject([{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }])
  expect(JSON.stringify([span?.status, span?.events])).not.toContain('bob')
})

import { createReceiver, memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { webWebhooks } from '@hookport/core/web'
import { instrument } from '@hookport/opentelemetry'
import { stripe } from '@hookport/providers/stripe'
import { deliver, failed, handled, manualClock } from '@hookport/testing'
import type { Histogram } from '@opentelemetry/sdk-metrics'
import * as conventions from '@opentelemetry/semantic-conventions/incubating'
import { expect, test, vi } from 'vitest'
import { metrics as metricsOf } from '../src/metrics.ts'
import { names } from '../src/names.ts'
import { telemetry, watched } from './support.ts'

/** What a counter or a gauge has counted, by these attributes. */
function valuesOf(
  metric: { dataPoints: readonly { attributes: object; value: unknown }[] } | undefined,
  ...by: string[]
): unknown[][] {
  return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
    ...by.map((name) => (attributes as Record<string, unknown>)[name]),
    value,
  ])
}

test('events, refusals and attempts are counted', async () => {
  const clock = manualClock(Date.now())
  const seen = telemetry()
  const receiver = watched(seen, { clock, retry: { attempts: 2, jitter: 0 } })
  receiver.onEvent('invoice.paid', (event, { attempt }) => {
    if (event.id === 'evt_2' || attempt > 1) throw new TypeError('broken')
  })
  await handled(await deliver(receiver, { type: 'invoice.paid', id: 'evt_1' }))
  await deliver(receiver, { type: 'invoice.paid', id: 'evt_1' })
  await failed(await deliver(receiver, { type: 'invoice.paid', id: 'evt_2' }))
  await clock.advance(1_000)
  await receiver.idle()
  await deliver(receiver, { type: 'charge.refunded' })
  await deliver(receiver, { type: 'invoice.paid', signature: 'missing' })
  await deliver(receiver, { type: 'invoice.paid', signature: 'wrong' })
  await receiver.idle()
  const metrics = await seen.metrics()
  const type = 'hookport.event.type'
  expect(valuesOf(metrics.get('hookport.events.accepted') as never, type)).toEqual([
    ['invoice.paid', 2],
    ['_OTHER', 1],
  ])
  expect(
    valuesOf(metrics.get('hookport.events.duplicate') as never, type, 'hookport.event.conflict'),
  ).toEqual([['invoice.paid', expect.any(Boolean), 1]])
  expect(valuesOf(metrics.get('hookport.events.handled') as never, type)).toEqual([['invoice.paid', 1]])
  expect(valuesOf(metrics.get('hookport.events.dead') as never, type)).toEqual([['invoice.paid', 1]])
  expect(valuesOf(metrics.get('hookport.events.parked') as never, type)).toEqual([['_OTHER', 1]])
  expect(valuesOf(metrics.get('hookport.deliveries.rejected') as never, 'error.type')).toEqual([
    ['missing_signature', 1],
    ['invalid_signature', 1],
  ])
  expect(
    valuesOf(metrics.get('hookport.handler.attempts') as never, 'hookport.outcome', 'error.type'),
  ).toEqual([
    ['completed', undefined, 1],
    ['failed', 'TypeError', 2],
  ])
})

test('what was reconciled, fulfilled or overdue is counted', async () => {
  const seen = telemetry()
  const about = { provider: 'jaot', source: 'jaot', tenant: undefined, subject: 'run_1' }
  const { observers } = metricsOf(seen.meterProvider.getMeter('test'), { ...about, eventTypes: () => [] })
  const event = { ...about, id: 'run_1', key: 'jaot:run_1', type: 'a.b', deliveryFailed: undefined }
  observers?.reconciled?.(event)
  observers?.overdue?.({ ...about, status: 'running' })
  observers?.fulfilled?.(about)
  const metrics = await seen.metrics()
  expect(valuesOf(metrics.get('hookport.events.reconciled') as never, 'hookport.event.type')).toEqual([
    ['_OTHER', 1],
  ])
  for (const name of ['overdue', 'fulfilled'])
    expect(valuesOf(metrics.get(`hookport.events.${name}`) as never, 'messaging.destination.name')).toEqual([
      ['jaot', 1],
    ])
})

test('durations are in seconds, in the buckets of the conventions', async () => {
  const seen = telemetry()
  const receiver = watched(seen)
  receiver.onEvent('invoice.paid', () => new Promise((resolve) => setTimeout(resolve, 30)))
  const beganAt = performance.now()
  await handled(await deliver(receiver, { type: 'invoice.paid' }))
  const tookSeconds = (performance.now() - beganAt) / 1000
  const metrics = await seen.metrics()
  const duration = metrics.get('messaging.process.duration')
  expect(duration?.descriptor.unit).toBe('s')
  const [point] = duration?.dataPoints ?? []
  const { sum = 0, count, buckets } = (point?.value ?? {}) as Partial<Histogram>
  expect(count).toBe(1)
  expect(sum).toBeGreaterThan(0.025)
  expect(sum).toBeLessThan(tookSeconds)
  expect(buckets?.boundaries).toEqual([
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ])
  const [delivery] = metrics.get('hookport.delivery.duration')?.dataPoints ?? []
  expect(delivery?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': 200,
  })
  expect((delivery?.value as Histogram | undefined)?.sum).toBeLessThan(tookSeconds)
})

test('what the inbox holds is asked as metrics are collected', async () => {
  const clock = manualClock(Date.now())
  const seen = telemetry()
  const receiver = watched(seen, { clock, consume: false })
  await deliver(receiver, { type: 'invoice.paid' })
  await deliver(receiver, { type: 'invoice.paid' })
  await clock.advance(90_000)
  const metrics = await seen.metrics()
  expect(valuesOf(metrics.get('hookport.inbox.events') as never, 'hookport.event.state')).toContainEqual([
    'pending',
    2,
  ])
  expect(valuesOf(metrics.get('hookport.inbox.oldest_pending.age') as never)).toEqual([[90]])
  expect(valuesOf(metrics.get('hookport.receiver.health') as never, 'messaging.destination.name')).toEqual([
    ['stripe', 1],
  ])
})

test('a store is asked no more once the receiver is no longer watched', async () => {
  const counts = vi.fn(() => Promise.reject(new Error('away')))
  const seen = telemetry()
  const inbox = inboxInFront(memoryInbox(), { counts })
  const { meterProvider, tracerProvider } = seen
  const receiver = createReceiver({ provider: stripe({ secret: 'whsec_any' }), inbox, logger: false })
  const end = instrument(receiver, { meterProvider, tracerProvider })
  await seen.metrics()
  expect(counts).toHaveBeenCalledOnce()
  end()
  await seen.metrics()
  expect(counts).toHaveBeenCalledOnce()
  await receiver.stop()
})

test('a store that is away is told by the gauge of health, and by no stale counts', async () => {
  const inbox = inboxInFront(memoryInbox(), { counts: () => Promise.reject(new Error('away')) })
  const seen = telemetry()
  watched(seen, { inbox, consume: false })
  const metrics = await seen.metrics()
  expect(valuesOf(metrics.get('hookport.receiver.health') as never)).toEqual([[0]])
  expect(valuesOf(metrics.get('hookport.inbox.events') as never)).toEqual([])
})

test('names of the conventions are spelled as they have them, units are UCUM, and there is no end of no attribute', async () => {
  const known = new Set(Object.values(conventions).filter((value) => typeof value === 'string'))
  for (const name of Object.values(names)) if (!name.startsWith('hookport.')) expect(known).toContain(name)
  const seen = telemetry()
  const receiver = watched(seen)
  receiver.onEvent('invoice.paid', () => {})
  await handled(await deliver(receiver, { type: 'invoice.paid', id: 'evt_1' }))
  const metrics = await seen.metrics()
  for (const { descriptor, dataPoints } of metrics.values()) {
    expect(descriptor.unit).toMatch(/^(s|1|\{[a-z]+\})$/)
    expect(JSON.stringify(dataPoints)).not.toContain('evt_1')
  }
  expect(metrics.size).toBeGreaterThan(6)
})

test('instrumented twice, everything is counted once, and the log says so', async () => {
  const seen = telemetry()
  const warned: string[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (_: object, text: string) => warned.push(text) }
  const receiver = watched(seen, { consume: false, logger })
  const { tracerProvider, meterProvider } = seen
  const endSecond = instrument(receiver, { tracerProvider, meterProvider })
  instrument(webWebhooks(receiver), { tracerProvider, meterProvider }) // is the same one
  await deliver(receiver, { type: 'invoice.paid' })
  const counted = async () => valuesOf((await seen.metrics()).get('hookport.events.accepted'))
  expect(await counted()).toEqual([[1]])
  expect(seen.spans()).toHaveLength(1)
  expect(warned.filter((text) => text.startsWith('instrument() was already called'))).toHaveLength(4)
  endSecond() // of what did not begin
  await deliver(receiver, { type: 'invoice.paid' })
  expect(await counted()).toEqual([[2]])
})

test('instrumented anew after it was taken away, it counts on', async () => {
  const seen = telemetry()
  const receiver = createReceiver({
    provider: stripe({ secret: 'whsec_any' }),
    consume: false,
    logger: false,
  })
  instrument(receiver, { tracerProvider: seen.tracerProvider, meterProvider: seen.meterProvider })()
  await deliver(receiver, { type: 'invoice.paid' })
  const end = instrument(receiver, { tracerProvider: seen.tracerProvider, meterProvider: seen.meterProvider })
  await deliver(receiver, { type: 'invoice.paid' })
  end()
  end()
  instrument(receiver, { tracerProvider: seen.tracerProvider, meterProvider: seen.meterProvider })
  await deliver(receiver, { type: 'invoice.paid' })
  expect(valuesOf((await seen.metrics()).get('hookport.events.accepted'))).toEqual([[2]])
  expect(seen.spans()).toHaveLength(2)
})

test.each([
  [
    { tracerProvder: false },
    'unknown option instrument.tracerProvder; did you mean instrument.tracerProvider?',
  ],
  [{ tracerProvider: true }, 'tracerProvider must be a TracerProvider'],
  [{ meterProvider: {} }, 'meterProvider must be a MeterProvider'],
  [{ trustSender: 'no' }, 'trustSender is "no"'],
  [{ attempts: 'newtrace' }, 'attempts is "newtrace"'],
])('options that can not work are an error, and nothing is watched: %j', (options, message) => {
  const receiver = createReceiver({ provider: stripe({ secret: 'whsec_any' }), logger: false })
  expect(() => instrument(receiver, options as never)).toThrow(message)
})

test('what is no receiver is told which function makes one', () => {
  expect(() => instrument(undefined as never)).toThrow(
    'instrument needs a receiver: pass what createReceiver',
  )
})

test('one object that is the provider of both gets both', async () => {
  const { tracerProvider, meterProvider, ...seen } = telemetry()
  const both = {
    getTracer: (name: string) => tracerProvider.getTracer(name),
    getMeter: (name: string) => meterProvider.getMeter(name),
  }
  const receiver = createReceiver({
    provider: stripe({ secret: 'whsec_any' }),
    consume: false,
    logger: false,
  })
  instrument(receiver, { tracerProvider: both, meterProvider: both })
  await deliver(receiver, { type: 'invoice.paid' })
  expect(valuesOf((await seen.metrics()).get('hookport.events.accepted'))).toEqual([[1]])
  expect(seen.spans()).toHaveLength(1)
})

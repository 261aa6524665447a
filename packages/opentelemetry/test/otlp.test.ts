import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { createReceiver } from '@hookport/core'
import { instrument } from '@hookport/opentelemetry'
import { stripe } from '@hookport/providers/stripe'
import { deliver, handled } from '@hookport/testing'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, onTestFinished, test } from 'vitest'

/** What a collector would be sent over OTLP, by the path. */
async function startCollector() {
  const received: Record<string, unknown[]> = {}
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    received[path] = [...(received[path] ?? []), await json(request)]
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

test('a collector gets spans and metrics over OTLP', async () => {
  const { url, received } = await startCollector()
  const spanProcessors = [
    new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }) }),
  ]
  const tracerProvider = new TracerProvider({ spanProcessors })
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }),
    exportIntervalMillis: 3_600_000,
  })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const receiver = createReceiver({ provider: stripe({ secret: 'whsec_any' }), logger: false })
  instrument(receiver, { tracerProvider, meterProvider })
  receiver.onEvent('invoice.paid', () => {})
  await handled(await deliver(receiver, { type: 'invoice.paid', id: 'evt_1' }))
  await tracerProvider.shutdown()
  await meterProvider.shutdown()
  await receiver.stop()
  const traces = JSON.stringify(received['/v1/traces'])
  expect(traces).toContain('"receive stripe"')
  expect(traces).toContain('"process stripe"')
  expect(traces).toContain('"stripe:evt_1"')
  const metrics = JSON.stringify(received['/v1/metrics'])
  for (const name of ['hookport.events.accepted', 'messaging.process.duration', 'hookport.inbox.events'])
    expect(metrics).toContain(`"${name}"`)
})

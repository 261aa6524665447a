import { createReceiver, type EventMap, type Receiver, type ReceiverOptions } from '@hookport/core'
import { type InstrumentationOptions, instrument } from '@hookport/opentelemetry'
import { stripe } from '@hookport/providers/stripe'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { onTestFinished } from 'vitest'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** The real SDK, which keeps what it is told in memory. */
export function telemetry(root?: Sampler) {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    ...(root && { sampler: new ParentBasedSampler({ root }) }),
  })
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  })
  const meterProvider = new MeterProvider({ readers: [reader] })
  onTestFinished(async () => {
    await tracerProvider.shutdown()
    await meterProvider.shutdown()
  })
  return {
    tracerProvider,
    meterProvider,
    spans: (): ReadableSpan[] => exporter.getFinishedSpans(),
    /** Collects, and answers the metrics by their names. */
    async metrics() {
      await meterProvider.forceFlush()
      const latest = metricExporter.getMetrics().at(-1)
      const all = latest?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? []
      return new Map(all.map((metric) => [metric.descriptor.name, metric]))
    },
  }
}

/** A receiver of Stripe's, watched by the SDK. */
export function watched(
  { tracerProvider, meterProvider }: ReturnType<typeof telemetry>,
  options: Partial<ReceiverOptions> = {},
  how: InstrumentationOptions = {},
): Receiver<EventMap> {
  const receiver = createReceiver({
    provider: stripe({ secret: 'whsec_any' }) as never,
    logger: false,
    ...options,
  }) as Receiver<EventMap>
  instrument(receiver, { tracerProvider, meterProvider, ...how })
  onTestFinished(() => receiver.stop())
  return receiver
}

import { subscribe, tracingChannel } from 'node:diagnostics_channel'
import type { Receiver } from '@hookport/core'
import { instrument } from '@hookport/opentelemetry'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'

/** Has a receiver watched as a user would who goes all the way; what is collected goes nowhere. */
export function watch(receiver: Receiver, how: string, see: () => void): void {
  if (how === 'channels') watchChannels(see)
  if (how === 'opentelemetry') watchWithOpenTelemetry(receiver)
}

function watchChannels(see: () => void): void {
  for (const name of ['accepted', 'duplicate', 'rejected', 'handled', 'failed', 'dead'])
    subscribe(`hookport:${name}`, see)
  for (const name of ['hookport:delivery', 'hookport:handler'])
    tracingChannel(name).subscribe({ start: see, end: see, asyncStart: see, asyncEnd: see, error: see })
}

const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {},
  forceFlush: async () => {},
}

function watchWithOpenTelemetry(receiver: Receiver): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const tracerProvider = new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ exporter: nowhere })],
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 10_000 })
  instrument(receiver, { tracerProvider, meterProvider: new MeterProvider({ readers: [reader] }) })
}

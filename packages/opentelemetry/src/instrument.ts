import type { EventMap, Receiving } from '@hookport/core'
import { type MeterProvider, metrics as metricsApi, type TracerProvider, trace } from '@opentelemetry/api'
import { gauges } from './gauges.ts'
import { metrics } from './metrics.ts'
import { system } from './names.ts'
import { spans } from './spans.ts'
import { beginWatching } from './watching.ts'

/** What is told of a receiver, and to whom. */
export interface InstrumentationOptions {
  /** Defaults to the global one. `false` for no spans. */
  readonly tracerProvider?: TracerProvider | false
  /** Defaults to the global one. `false` for no metrics. */
  readonly meterProvider?: MeterProvider | false
  /**
   * Whether a delivery goes on with the trace that the sender's `traceparent` names, and is sampled as that says. Whoever knows the URL
   * can send one: they could have every delivery sampled, or none. Defaults to false: the delivery begins a trace of its own, with a link
   * to the sender's.
   */
  readonly trustSender?: boolean
  /**
   * `same-trace`: attempts of handlers are children of the delivery, however much later they run. `new-trace`: each begins a trace of its own,
   * with a link to the delivery. Defaults to `same-trace`.
   */
  readonly attempts?: 'same-trace' | 'new-trace'
}

/**
 * Has OpenTelemetry see what a receiver does: a span for each delivery and one for each attempt of a handler, joined by the trace context that
 * is kept with the event, in whatever process it is handled; and metrics. Call it once, where the receiver is made, in every process: a second call changes
 * nothing, and the log says so.
 *
 * @param receiver or what a framework mounts of one.
 * @returns what ends it.
 */
export function instrument<Events extends EventMap>(
  receiver: Receiving<Events>,
  {
    tracerProvider = trace.getTracerProvider(),
    meterProvider = metricsApi.getMeterProvider(),
    trustSender = false,
    attempts = 'same-trace',
  }: InstrumentationOptions = {},
): () => void {
  const endings: (() => void)[] = []
  const watch = (provider: object, begin: () => (() => void)[]) => {
    const end = beginWatching(receiver, provider)
    if (end === undefined) receiver.logger.warn({ source: receiver.source }, seenTwice)
    else endings.push(...begin(), end)
  }
  if (meterProvider !== false)
    watch(meterProvider, () => {
      const meter = meterProvider.getMeter(`@${system}/opentelemetry`)
      const { source, provider } = receiver
      return [
        receiver.instrument(metrics(meter, { source, provider, eventTypes: () => receiver.eventTypes })),
        gauges(meter, receiver),
      ]
    })
  if (tracerProvider !== false)
    watch(tracerProvider, () => {
      const tracer = tracerProvider.getTracer(`@${system}/opentelemetry`)
      return [receiver.instrument(spans(tracer, { trustSender, attempts }))]
    })
  return () => {
    for (const end of endings.splice(0)) end()
  }
}

const seenTwice =
  'instrument() was called for this receiver before, with the same provider of OpenTelemetry: it goes on as it was, and nothing is counted twice'

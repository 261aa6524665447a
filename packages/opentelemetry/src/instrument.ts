import { assertOptions, ConfigurationError, type EventMap, foundValue, type Receiving } from '@hookport/core'
import { type MeterProvider, metrics as metricsApi, type TracerProvider, trace } from '@opentelemetry/api'
import { warnIfEarly } from './early.ts'
import { gauges } from './gauges.ts'
import { metrics } from './metrics.ts'
import { system } from './names.ts'
import { spans } from './spans.ts'
import { beginWatching } from './watching.ts'

/** What is reported about a receiver, and to which providers. */
export interface InstrumentationOptions {
  /** Defaults to the global one. `false` for no spans. */
  readonly tracerProvider?: TracerProvider | false
  /** Defaults to the global one. `false` for no metrics. */
  readonly meterProvider?: MeterProvider | false
  /**
   * Whether a delivery continues the trace in the sender's `traceparent`, with its sampling decision. Anyone who knows the URL can send
   * one, and so could have every delivery sampled, or none. Defaults to false: the delivery begins its own trace, with a link to the
   * sender's.
   */
  readonly trustSender?: boolean
  /**
   * `same-trace`: attempts of handlers are children of the delivery, even if they run much later. `new-trace`: each begins its own trace,
   * with a link to the delivery. Defaults to `same-trace`.
   */
  readonly attempts?: 'same-trace' | 'new-trace'
}

/**
 * Reports what a receiver does to OpenTelemetry, as spans and metrics. There is a span for each delivery and one for each attempt of a handler. The trace
 * context is kept with the event, and joins them across processes. Call it once in every process, where the receiver is made. A second call changes
 * nothing, and the log says so.
 *
 * @param receiver a receiver, or what a framework mounts of one.
 * @returns a function that ends it.
 * @throws {ConfigurationError} for a value that is not a receiver, an unknown option, or one that can't work.
 */
export function instrument<Events extends EventMap>(
  receiver: Receiving<Events>,
  options: InstrumentationOptions = {},
): () => void {
  assertWatchable(receiver)
  assertWorkable(options)
  const {
    tracerProvider = trace.getTracerProvider(),
    meterProvider = metricsApi.getMeterProvider(),
    trustSender = false,
    attempts = 'same-trace',
  } = options
  const endings: (() => void)[] = []
  const watch = (kind: 'spans' | 'metrics', provider: object, begin: () => (() => void)[]) => {
    const end = beginWatching(receiver, kind, provider)
    if (end === undefined) receiver.logger.warn({ source: receiver.source }, seenTwice)
    else endings.push(...begin(), end)
  }
  if (meterProvider !== false)
    watch('metrics', meterProvider, () => {
      const meter = meterProvider.getMeter(`@${system}/opentelemetry`)
      const { source, provider } = receiver
      return [
        receiver.instrument(metrics(meter, { source, provider, eventTypes: () => receiver.eventTypes })),
        gauges(meter, receiver),
      ]
    })
  if (tracerProvider !== false)
    watch('spans', tracerProvider, () => {
      const tracer = tracerProvider.getTracer(`@${system}/opentelemetry`)
      return [receiver.instrument(spans(tracer, { trustSender, attempts }))]
    })
  endings.push(
    warnIfEarly(receiver, () => [
      options.tracerProvider ?? trace.getTracerProvider(),
      options.meterProvider ?? metricsApi.getMeterProvider(),
    ]),
  )
  return () => {
    for (const end of endings.splice(0)) end()
  }
}

const seenTwice =
  'instrument() was already called for this receiver, with the same OpenTelemetry provider: this call changes nothing, so nothing is counted twice'

function assertWatchable(receiver: unknown): void {
  const { instrument, onEvent } = (receiver ?? {}) as Record<string, unknown>
  if (typeof instrument === 'function' && typeof onEvent === 'function') return
  throw new ConfigurationError(
    'instrument needs a receiver: pass what createReceiver or a …Webhooks function has made; from a Fastify application, app.sematryxWebhooks',
  )
}

const known: Record<keyof InstrumentationOptions, true> = {
  tracerProvider: true,
  meterProvider: true,
  trustSender: true,
  attempts: true,
}

/** A misspelt option would have no effect: `trustSendr: false`, or spans that go to the global provider. */
function assertWorkable(options: InstrumentationOptions): void {
  assertOptions(options, known, 'instrument')
  const { tracerProvider, meterProvider, trustSender = false, attempts = 'same-trace' } = options
  const isOf = (provider: unknown, method: string) =>
    provider === undefined ||
    provider === false ||
    typeof (provider as Record<string, unknown> | null)?.[method] === 'function'
  if (!isOf(tracerProvider, 'getTracer'))
    throw new ConfigurationError('instrument: tracerProvider must be a TracerProvider, or false for no spans')
  if (!isOf(meterProvider, 'getMeter'))
    throw new ConfigurationError('instrument: meterProvider must be a MeterProvider, or false for no metrics')
  if (typeof trustSender !== 'boolean')
    throw new ConfigurationError(
      `instrument: trustSender is ${foundValue(trustSender)}; it must be true or false`,
    )
  if (attempts !== 'same-trace' && attempts !== 'new-trace')
    throw new ConfigurationError(
      `instrument: attempts is ${foundValue(attempts)}; it must be 'same-trace' or 'new-trace'`,
    )
}

import type { HeaderReader, TraceContext } from '@hookport/core'
import { createTraceState, isSpanContextValid, type SpanContext } from '@opentelemetry/api'

/** Longer than the specification asks for. It is limited because strangers can send it. */
const mostState = 512

/** Reads a trace context. Undefined if it is not valid by W3C Trace Context. */
export function spanContextOf(
  traceparent: string | null | undefined,
  tracestate: string | null | undefined,
): SpanContext | undefined {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(tracestate && tracestate.length <= mostState && { traceState: createTraceState(tracestate) }),
  }
  return isSpanContextValid(context) ? context : undefined
}

/** The trace to which a delivery belongs, according to its sender. It is not signed. */
export function sentContext(headers: HeaderReader): SpanContext | undefined {
  return spanContextOf(headers.get('traceparent'), headers.get('tracestate'))
}

/** A span in the form that is kept with an event. Undefined for a span of a tracer that does nothing. */
export function keptContext(span: SpanContext): TraceContext | undefined {
  if (!isSpanContextValid(span)) return undefined
  const flags = (span.traceFlags & 1).toString(16).padStart(2, '0')
  const tracestate = span.traceState?.serialize()
  return {
    traceparent: `00-${span.traceId}-${span.spanId}-${flags}`,
    ...(tracestate && { tracestate }),
  }
}

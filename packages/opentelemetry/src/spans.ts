import type { DeliveryUnderWay, HandlerUnderWay, Instrument, ObservedEvent } from '@hookport/core'
import {
  type Context,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { type ErrorTexts, howItEnded } from './handler-end.ts'
import { knownMethod, names, system } from './names.ts'
import { keptContext, sentContext, spanContextOf } from './trace-context.ts'

export interface SpanOptions {
  /** Whether a delivery continues its sender's trace, with its sampling decision. */
  readonly trustSender: boolean
  readonly attempts: 'same-trace' | 'new-trace'
}

/** A span for each delivery, and one for each attempt of a handler. */
export function spans(tracer: Tracer, options: SpanOptions): Instrument {
  return {
    delivery(delivery, receive) {
      const { parent, links } = origin(delivery, options)
      const isInner = trace.getSpan(parent) !== undefined && parent === context.active()
      const span = tracer.startSpan(
        `receive ${delivery.source}`,
        {
          kind: isInner ? SpanKind.INTERNAL : SpanKind.SERVER,
          links,
          attributes: {
            ...messaging('receive', delivery),
            [names.method]: knownMethod(delivery.method),
            [names.path]: pathOf(delivery.url),
          },
        },
        parent,
      )
      return context
        .with(trace.setSpan(parent, span), () => receive(keptContext(span.spanContext())))
        .then(({ status }) => {
          span.setAttribute(names.status, status)
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        })
    },
    handler(run, handle) {
      const kept = run.trace && spanContextOf(run.trace.traceparent, run.trace.tracestate)
      const isSame = options.attempts === 'same-trace'
      const parent = kept && isSame ? trace.setSpanContext(ROOT_CONTEXT, kept) : ROOT_CONTEXT
      const span = tracer.startSpan(
        `process ${run.source}`,
        {
          kind: SpanKind.CONSUMER,
          links: kept && !isSame ? [{ context: kept }] : [],
          attributes: { ...messaging('process', run), ...ofEvent(run), ...ofRun(run) },
        },
        parent,
      )
      return howItEnded(
        context.with(trace.setSpan(parent, span), () => attempted(handle)),
        ({ outcome, error, errorType }) => {
          span.setAttribute(names.outcome, outcome)
          if (outcome === 'failed') fail(span, error, errorType)
          span.end()
        },
      )
    },
    observers: {
      accepted: (event) => note('accepted', event),
      duplicate: (event) => note('duplicate', event),
      rejected: ({ code, reason }) => {
        const span = trace.getActiveSpan()
        span?.setAttributes({ [names.errorType]: code, [names.outcome]: 'rejected' })
        span?.addEvent('rejected', { [names.errorType]: code, 'hookport.reason': reason })
      },
    },
  }
}

/** Catches what is thrown synchronously, as that ends the span too. */
function attempted(handle: () => unknown): { readonly returned: unknown } | { readonly thrown: unknown } {
  try {
    return { returned: handle() }
  } catch (thrown) {
    return { thrown }
  }
}

function origin(
  { headers }: DeliveryUnderWay,
  { trustSender }: SpanOptions,
): { parent: Context; links: Link[] } {
  const sent = sentContext(headers)
  const active = context.active()
  if (trace.getSpan(active) !== undefined) return { parent: active, links: linksTo(sent, active) }
  if (sent !== undefined && trustSender) return { parent: trace.setSpanContext(active, sent), links: [] }
  return { parent: ROOT_CONTEXT, links: sent ? [{ context: sent }] : [] }
}

/** No link if the span is already in that trace, as an instrumentation of HTTP may have continued the sender's. */
function linksTo(sent: ReturnType<typeof sentContext>, active: Context): Link[] {
  return sent && sent.traceId !== trace.getSpanContext(active)?.traceId ? [{ context: sent }] : []
}

function note(outcome: 'accepted' | 'duplicate', event: ObservedEvent): void {
  const span = trace.getActiveSpan()
  span?.setAttribute(names.outcome, outcome)
  span?.addEvent(outcome, ofEvent(event))
}

function messaging(
  operation: 'receive' | 'process',
  { provider, source }: { provider: string; source: string },
) {
  return {
    [names.system]: system,
    [names.operation]: operation,
    [names.operationType]: operation,
    [names.destination]: source,
    [names.provider]: provider,
  }
}

function ofEvent({ id, key, type, tenant }: ObservedEvent) {
  return {
    [names.messageId]: id,
    [names.eventKey]: key,
    [names.eventType]: type,
    ...(tenant !== undefined && { [names.tenant]: tenant }),
  }
}

function ofRun({ handler, attempt }: HandlerUnderWay) {
  return { [names.handler]: handler, [names.attempt]: attempt }
}

function fail(span: Span, error: ErrorTexts, errorType: string): void {
  span.setAttribute(names.errorType, errorType)
  span.recordException(error)
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
}

/** Without the query, as it may name a tenant, and some senders put tokens there. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? ''
}

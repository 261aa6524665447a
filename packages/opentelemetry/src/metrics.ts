import type { HandlerUnderWay, Instrument, Observations, ObservedEvent } from '@hookport/core'
import type { Attributes, Meter } from '@opentelemetry/api'
import { howItEnded } from './handler-end.ts'
import { knownMethod, names, other, system } from './names.ts'

/** The bucket boundaries of the conventions for durations, in seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

const inSeconds = (description: string) => ({
  description,
  unit: 's',
  advice: { explicitBucketBoundaries: buckets },
})

type Counted =
  | 'accepted'
  | 'duplicate'
  | 'handled'
  | 'dead'
  | 'parked'
  | 'unhandled'
  | 'reconciled'
  | 'fulfilled'
  | 'overdue'
  | 'redriven'

const descriptions: Readonly<Record<Counted, string>> = {
  accepted: 'Events that were taken on',
  duplicate: 'Events that arrived again',
  handled: 'Events whose handlers have all succeeded',
  dead: 'Events that became dead letters',
  parked: 'Events that no handler takes, which wait for one',
  unhandled: 'Events that no handler takes, which were dropped',
  reconciled: 'Events that no webhook reported, found by asking the provider',
  fulfilled: 'Expected things that have ended',
  overdue: 'Expected things that did not end in time',
  redriven: 'Dead letters that were made pending again',
}

/**
 * Counts what a receiver does, and measures the time of deliveries and handlers. No attribute has a tenant or an id, as their number is unlimited.
 *
 * @param eventTypes the types that have a handler. All others are counted as one type.
 */
export function metrics(
  meter: Meter,
  { source, provider, eventTypes }: { source: string; provider: string; eventTypes(): readonly string[] },
): Instrument {
  const about = { [names.system]: system, [names.destination]: source, [names.provider]: provider }
  const counters = Object.entries(descriptions).map(([name, description]) => {
    return [name, meter.createCounter(`hookport.events.${name}`, { description, unit: '{event}' })] as const
  })
  const counterOf = new Map(counters)
  const rejected = meter.createCounter('hookport.deliveries.rejected', {
    description: 'Deliveries that were refused, and events that were left out of one',
    unit: '{delivery}',
  })
  const attempts = meter.createCounter('hookport.handler.attempts', {
    description: 'Attempts of handlers',
    unit: '{attempt}',
  })
  const deliveryDuration = meter.createHistogram(
    'hookport.delivery.duration',
    inSeconds('From a delivery to its reply'),
  )
  const processDuration = meter.createHistogram(
    names.processDuration,
    inSeconds('Duration of an attempt of a handler'),
  )
  const typeOf = (type: string): Attributes => ({
    [names.eventType]: eventTypes().includes(type) ? type : other,
  })
  const count = (name: Counted, attributes: Attributes) =>
    counterOf.get(name)?.add(1, { ...about, ...attributes })
  const counting = (name: Counted) => (event: ObservedEvent) => count(name, typeOf(event.type))

  function countAttempt({ type, handler }: HandlerUnderWay, ms: number, attributes: Attributes): void {
    const all = { ...about, ...typeOf(type), [names.handler]: handler, ...attributes }
    attempts.add(1, all)
    processDuration.record(ms / 1000, { ...all, [names.operation]: 'process' })
  }

  return {
    async delivery({ method }, receive) {
      const since = performance.now()
      const { status } = await receive()
      deliveryDuration.record((performance.now() - since) / 1000, {
        ...about,
        [names.method]: knownMethod(method),
        [names.status]: status,
      })
    },
    handler(run, handle) {
      const since = performance.now()
      const attempted = (() => {
        try {
          return { returned: handle() }
        } catch (thrown) {
          return { thrown }
        }
      })()
      return howItEnded(attempted, ({ outcome, errorType }) =>
        countAttempt(run, performance.now() - since, {
          [names.outcome]: outcome,
          ...(outcome === 'failed' && { [names.errorType]: errorType }),
        }),
      )
    },
    observers: {
      accepted: counting('accepted'),
      duplicate: (event: Observations['duplicate']) =>
        count('duplicate', { ...typeOf(event.type), [names.conflict]: event.conflict }),
      handled: counting('handled'),
      dead: counting('dead'),
      parked: counting('parked'),
      unhandled: counting('unhandled'),
      reconciled: counting('reconciled'),
      fulfilled: () => count('fulfilled', {}),
      overdue: () => count('overdue', {}),
      redriven: () => count('redriven', {}),
      rejected: ({ code, status }) =>
        rejected.add(1, { ...about, [names.errorType]: code, [names.status]: status }),
    },
  }
}

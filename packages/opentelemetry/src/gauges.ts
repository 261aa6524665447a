import type { EventMap, Receiving } from '@hookport/core'
import type { BatchObservableCallback, Meter } from '@opentelemetry/api'
import { names, system } from './names.ts'

/**
 * What the inbox holds, read each time that metrics are collected. If the store does not answer, nothing is reported, and the gauge
 * of health says so.
 *
 * @returns a function that ends it.
 */
export function gauges(
  meter: Meter,
  receiver: Pick<Receiving<EventMap>, 'health' | 'source' | 'provider'>,
): () => void {
  const { source, provider } = receiver
  const about = { [names.system]: system, [names.destination]: source, [names.provider]: provider }
  const events = meter.createObservableGauge('hookport.inbox.events', {
    description: 'Events that the inbox holds, by state',
    unit: '{event}',
  })
  const age = meter.createObservableGauge('hookport.inbox.oldest_pending.age', {
    description: 'How long the oldest event has waited for its first attempt',
    unit: 's',
  })
  const healthy = meter.createObservableGauge('hookport.receiver.health', {
    description: '1: ok, 0.5: degraded, 0: down',
    unit: '1',
  })
  const all = [events, age, healthy]
  const observe: BatchObservableCallback = async (result) => {
    const { status, counts, oldestPendingAge } = await receiver.health()
    result.observe(healthy, { ok: 1, degraded: 0.5, down: 0 }[status], about)
    if (oldestPendingAge !== undefined) result.observe(age, oldestPendingAge / 1000, about)
    for (const [state, count] of Object.entries(counts ?? {}))
      result.observe(events, count, { ...about, [names.eventState]: state })
  }
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}

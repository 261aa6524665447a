import type { EventRecord } from '@hookport/core'

/** An event as an inbox is given it. Its key is made of its provider and id. */
export function eventRecord(event: Partial<EventRecord> = {}): EventRecord {
  const { provider = 'acme', id = 'evt_1' } = event
  return {
    key: `${provider}:${id}`,
    provider,
    id,
    type: 'order.paid',
    createdAt: 1_000,
    receivedAt: 2_000,
    rawBody: Buffer.from(`{"id":"${id}"}`),
    fingerprint: 1,
    ...event,
  }
}

export function eventRecords(count: number, prefix = 'evt'): EventRecord[] {
  return Array.from({ length: count }, (_, index) => eventRecord({ id: `${prefix}_${index}` }))
}

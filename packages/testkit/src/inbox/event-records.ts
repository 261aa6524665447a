import { type Counts, type EventRecord, eventStates } from '@hookport/core'

/** An event in the form that an inbox gets. Its key is made of its source and id. */
export function eventRecord(event: Partial<EventRecord> = {}): EventRecord {
  const { source = 'acme', id = 'evt_1' } = event
  return {
    key: `${source}:${id}`,
    source,
    id,
    type: 'order.paid',
    createdAt: 1_000,
    receivedAt: 2_000,
    rawBody: Buffer.from(`{"id":"${id}"}`),
    fingerprint: 1,
    origin: 'delivery',
    ...event,
  }
}

export function eventRecords(count: number, prefix = 'evt'): EventRecord[] {
  return Array.from({ length: count }, (_, index) => eventRecord({ id: `${prefix}_${index}` }))
}

/** The counts of an inbox that has no event left. */
export const emptyCounts = Object.fromEntries(eventStates.map((state) => [state, 0])) as Counts

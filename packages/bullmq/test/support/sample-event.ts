import { randomUUID } from 'node:crypto'
import type { EventRecord } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/event-records'

/** An event that no other test has. */
export function sampleEvent(event: Partial<EventRecord> = {}): EventRecord {
  return eventRecord({ provider: 'sematryx', id: `evt_${randomUUID()}`, fingerprint: 2 ** 47 + 1, ...event })
}

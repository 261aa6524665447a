import { randomUUID } from 'node:crypto'
import type { EventRecord } from '@hookport/core'

/** An event that no other test has. */
export function sampleEvent(overrides: Partial<EventRecord> = {}): EventRecord {
  const id = `evt_${randomUUID()}`
  return {
    key: `sematryx:${id}`,
    provider: 'sematryx',
    id,
    type: 'optimization.completed',
    createdAt: Date.now(),
    receivedAt: Date.now(),
    rawBody: Buffer.from('{"id":"1"}'),
    fingerprint: 123_456_789_012_345,
    ...overrides,
  }
}

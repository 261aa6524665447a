import { randomUUID } from 'node:crypto'
import { type EventRecord, type Failure, noProgress } from '@hookport/core'

/** An event that no other test has. */
export function sampleEvent({ source = 'sematryx', ...overrides }: Partial<EventRecord> = {}): EventRecord {
  const id = overrides.id ?? `evt_${randomUUID()}`
  return {
    key: `${source}:${id}`,
    source,
    id,
    type: 'optimization.completed',
    createdAt: Date.now(),
    receivedAt: Date.now(),
    rawBody: Buffer.from('{"id":"1"}'),
    fingerprint: 123_456_789_012_345,
    origin: 'delivery',
    ...overrides,
  }
}

export const sampleFailure: Failure = { handler: 'second', code: 'error', message: 'broken', at: 1 }

export const done = { outcome: 'done', progress: noProgress } as const

export const remember = { rememberMs: 60_000 }

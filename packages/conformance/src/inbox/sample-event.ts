import { createHash } from 'node:crypto'
import type { EventRecord, Failure, Progress, Verdict } from '@hookport/core'

/** The default `dedupeWindow`: does not end while a test runs. */
export const longMs = 3 * 24 * 60 * 60 * 1000

/** Options of a put whose key is not forgotten while a test runs. */
export const remembered = { rememberMs: longMs }

/** An event as the receiver makes one: id and source decide on its key. */
export function sampleEvent(event: Partial<Omit<EventRecord, 'key'>> = {}): EventRecord {
  const { source = 'acme', id = 'evt_1' } = event
  return {
    key: keyOf(source, id),
    source,
    id,
    type: 'order.paid',
    createdAt: 1_700_000_000_000,
    receivedAt: 1_700_000_001_000,
    rawBody: Buffer.from(JSON.stringify({ id: id.slice(0, 100) })),
    fingerprint: 1,
    origin: 'delivery',
    ...event,
  }
}

/** Events `evt_1` to `evt_<count>`. */
export function sampleEvents(count: number, event: Partial<Omit<EventRecord, 'key'>> = {}): EventRecord[] {
  return Array.from({ length: count }, (_, index) => sampleEvent({ ...event, id: `evt_${index + 1}` }))
}

/** The same event with another body: a conflict. */
export function withOtherBody(event: EventRecord): EventRecord {
  return { ...event, rawBody: Buffer.from('{"other":"body"}'), fingerprint: event.fingerprint + 1 }
}

/** Keys reach an inbox already safe: core makes them so. */
function keyOf(source: string, id: string): string {
  if (/^[A-Za-z0-9._:-]{1,200}$/.test(id)) return `${source}:${id}`
  return `${source}:~${createHash('sha256').update(JSON.stringify(id)).digest('hex')}`
}

export const noProgress: Progress = { completed: [], abandoned: [] }

export const sampleFailure: Failure = {
  handler: 'second',
  code: 'error',
  message: 'broken',
  stack: 'Error: broken\n    at handle (orders.ts:12:3)',
  at: 1_700_000_002_000,
}

/** One handler succeeded, one failed for good. */
export const sampleProgress: Progress = { completed: ['first'], abandoned: [sampleFailure] }

export const done: Verdict = { outcome: 'done', progress: noProgress }

export function retryIn(
  delayMs: number,
  more: Partial<Extract<Verdict, { outcome: 'retry' }>> = {},
): Verdict {
  return {
    outcome: 'retry',
    delayMs,
    progress: noProgress,
    failures: [sampleFailure],
    attemptUsed: true,
    ...more,
  }
}

export function dead(more: Partial<Extract<Verdict, { outcome: 'dead' }>> = {}): Verdict {
  return { outcome: 'dead', progress: sampleProgress, failures: [sampleFailure], ...more }
}

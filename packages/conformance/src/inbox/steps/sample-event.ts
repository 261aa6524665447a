import { createHash } from 'node:crypto'
import type { EventRecord, Failure, Progress, Verdict } from '@hookport/core'

/** The default `dedupeWindow`, which does not end during a test. */
export const longMs = 3 * 24 * 60 * 60 * 1000

/** Options of a put whose key is not forgotten during a test. */
export const remembered = { rememberMs: longMs }

/** An event as the receiver makes one: its key comes from source, tenant and id. */
export function sampleEvent(event: Partial<Omit<EventRecord, 'key'>> = {}): EventRecord {
  const { source = 'acme', tenant, id = 'evt_1' } = event
  return {
    key: keyOf(source, tenant, id),
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

/** Core makes keys safe before they reach an inbox. */
function keyOf(source: string, tenant: string | undefined, id: string): string {
  const owner = tenant === undefined ? source : `${source}@${safe(tenant, /^[A-Za-z0-9._-]{1,100}$/)}`
  return `${owner}:${safe(id, /^[A-Za-z0-9._:-]{1,200}$/)}`
}

function safe(text: string, harmless: RegExp): string {
  if (harmless.test(text)) return text
  return `~${createHash('sha256').update(JSON.stringify(text)).digest('hex')}`
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

/** Everything that progress can hold: several handlers, each with its own attempts, waits and history. */
export const wholeProgress: Progress = {
  completed: ['first'],
  abandoned: [sampleFailure],
  waiting: [
    { handler: 'third', attempt: 3, dueAt: 1_234.5, delayMs: 60_000 },
    { handler: 'fourth: 🪝 \u0000', attempt: 1, dueAt: 2 ** 40, delayMs: 1_000 },
  ],
  history: {
    first: [{ at: 1_700_000_001_000, durationMs: 0.25, outcome: 'completed' }],
    second: [{ at: 1_700_000_002_000, durationMs: 12, outcome: 'abandoned', failure: sampleFailure }],
    third: Array.from({ length: 20 }, (_, run) => ({
      at: 1_700_000_003_000 + run,
      durationMs: run,
      outcome: run % 2 ? ('failed' as const) : ('waits' as const),
      ...(run % 2 && { failure: sampleFailure }),
    })),
    'fourth: 🪝 \u0000': [],
  },
}

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

export function park(progress: Progress = noProgress): Verdict {
  return { outcome: 'park', progress }
}

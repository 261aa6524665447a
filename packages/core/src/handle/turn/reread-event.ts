import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Attempt, Verdict } from '../../contracts/inbox/handling.ts'
import type { PutOptions } from '../../contracts/inbox/inbox.ts'
import { redactedError } from '../../redact/redacted-error.ts'
import type { Redaction } from '../../redact/redaction.ts'
import { describeFailure } from '../describe-failure.ts'

export interface RereadTools {
  /**
   * Reads an unreadable body with the provider's current definition: its events, in order.
   *
   * @throws if it is still unreadable.
   */
  reread(event: EventRecord): Promise<readonly EventRecord[]>
  /** Puts an event into the inbox. */
  put(event: EventRecord, options: PutOptions): unknown
  /** How long an id is remembered, in milliseconds. */
  readonly dedupeWindow: number
  readonly redact: Redaction
}

/** Retries an unreadable event: the events in its body are put under their own keys, or it stays a dead letter. */
export async function rereadEvent(
  { event, progress }: Attempt,
  { reread, put, dedupeWindow, redact, clock }: RereadTools & { clock: { now(): number } },
): Promise<Verdict> {
  try {
    const events = await reread(event)
    const last = events.at(-1)
    if (last === undefined) return { outcome: 'done', progress }
    // They are put before the body is deleted, and in their order. If the process dies in between, they are duplicates at the next attempt.
    for (const other of events.slice(0, -1)) await put(other, { rememberMs: dedupeWindow })
    return { outcome: 'replace', event: last, rememberMs: dedupeWindow }
  } catch (error) {
    const failure = describeFailure(null, redactedError(error, event, redact), clock.now())
    return { outcome: 'dead', progress, failures: [{ ...failure, code: 'unreadable' }] }
  }
}

import type { EventRecord } from '../contracts/event-record.ts'
import type { Attempt, Verdict } from '../contracts/handling.ts'
import { describeFailure } from './describe-failure.ts'

export interface RereadTools {
  /**
   * Reads an event that was unreadable with today's definition of the provider.
   *
   * @throws where it is still unreadable.
   */
  reread(event: EventRecord): Promise<EventRecord>
  /** How long an id is remembered, in milliseconds. */
  readonly dedupeWindow: number
}

/** What becomes of an unreadable event that is tried again: it is put under its own key, or it stays a dead letter. */
export async function rereadEvent(
  { event, progress }: Attempt,
  { reread, dedupeWindow, clock }: RereadTools & { clock: { now(): number } },
): Promise<Verdict> {
  try {
    return { outcome: 'replace', event: await reread(event), rememberMs: dedupeWindow }
  } catch (error) {
    const failure = describeFailure(null, error, clock.now())
    return { outcome: 'dead', progress, failures: [{ ...failure, code: 'unreadable' }] }
  }
}

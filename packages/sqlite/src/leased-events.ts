import { randomUUID } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventRecord, Progress, Verdict } from '@hookport/core'
import { type RecordRow, recordColumns, toRecord } from './event-row.ts'
import type { KeptEvents } from './kept-events.ts'

/** An event that a consumer has taken, as it stood then. */
export interface LeasedEvent {
  readonly sequence: number
  /** Fencing token. While it stands in the row, nobody else was handed the event. */
  readonly token: string
  readonly event: EventRecord
  readonly attempt: number
  readonly interruptions: number
  readonly progress: Progress
}

interface TakenRow extends RecordRow {
  readonly attempt: number
  readonly interruptions: number
  readonly progress: string
}

const held = 'WHERE sequence = :sequence AND token = :token'

/** Takes due events under a lease, and lets the holder of the lease say what becomes of them. */
export class LeasedEvents {
  readonly #kept: KeptEvents
  readonly #take: StatementSync
  readonly #nextReadyAt: StatementSync
  readonly #renew: StatementSync
  readonly #checkpoint: StatementSync
  readonly #finish: StatementSync
  readonly #reschedule: StatementSync
  readonly #bury: StatementSync

  constructor(database: DatabaseSync, kept: KeptEvents) {
    this.#kept = kept
    this.#take = database.prepare(`
      UPDATE events SET interruptions = interruptions + (token IS NOT NULL), token = :token, ready_at = :leaseUntil
      WHERE sequence IN (
        SELECT sequence FROM events WHERE provider = :provider AND ready_at <= :now ORDER BY ready_at LIMIT :limit)
      RETURNING sequence, ${recordColumns}, attempt, interruptions, progress`)
    this.#nextReadyAt = database.prepare(
      'SELECT min(ready_at) AS readyAt FROM events WHERE provider = ? AND ready_at IS NOT NULL',
    )
    this.#renew = database.prepare(`UPDATE events SET ready_at = :leaseUntil ${held}`)
    this.#checkpoint = database.prepare(`UPDATE events SET progress = :progress ${held}`)
    this.#finish = database.prepare(`DELETE FROM events ${held}`)
    this.#reschedule = database.prepare(`
      UPDATE events SET token = NULL, ready_at = :readyAt, attempt = attempt + :counted, progress = :progress, failures = :failures
      ${held}`)
    this.#bury = database.prepare(`
      UPDATE events SET token = NULL, ready_at = NULL, died_at = :now, progress = :progress, failures = :failures ${held}`)
  }

  /** Leases up to `limit` due events, in the order in which they became due. One whose last lease ran out was interrupted. */
  take(provider: string, limit: number, now: number, leaseUntil: number): LeasedEvent[] {
    const token = randomUUID()
    const rows = this.#take.all({ provider, limit, now, leaseUntil, token }) as unknown as TakenRow[]
    return rows
      .sort((one, other) => one.sequence - other.sequence)
      .map((row) => ({
        sequence: row.sequence,
        token,
        event: toRecord(row, this.#kept.bodyOf(row.sequence)),
        attempt: row.attempt,
        interruptions: row.interruptions,
        progress: JSON.parse(row.progress),
      }))
  }

  /** When the next event can be taken; undefined if none is waiting or leased. */
  nextReadyAt(provider: string): number | undefined {
    return (this.#nextReadyAt.get(provider)?.readyAt as number | null) ?? undefined
  }

  /** False, as for the two below, if the lease is lost: another consumer was handed the event, or it was discarded. */
  renew({ sequence, token }: LeasedEvent, leaseUntil: number): boolean {
    return this.#renew.run({ sequence, token, leaseUntil }).changes === 1
  }

  checkpoint({ sequence, token }: LeasedEvent, progress: Progress): boolean {
    return this.#checkpoint.run({ sequence, token, progress: JSON.stringify(progress) }).changes === 1
  }

  conclude({ sequence, token }: LeasedEvent, verdict: Verdict, now: number): boolean {
    if (verdict.outcome === 'done') {
      const wasHeld = this.#finish.run({ sequence, token }).changes === 1
      if (wasHeld) this.#kept.deleteBody(sequence)
      return wasHeld
    }
    const lease = { sequence, token }
    const standing = {
      progress: JSON.stringify(verdict.progress),
      failures: JSON.stringify(verdict.failures),
    }
    if (verdict.outcome === 'dead') return this.#bury.run({ ...lease, ...standing, now }).changes === 1
    const { delayMs, countsAsAttempt } = verdict
    const schedule = { readyAt: now + delayMs, counted: countsAsAttempt ? 1 : 0 }
    return this.#reschedule.run({ ...lease, ...standing, ...schedule }).changes === 1
  }
}

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type RecordRow, recordColumns } from '../layout/event-row.ts'

/** An event that can be taken. */
export interface DueRow extends RecordRow {
  /** A `PastTurns`, as JSON; NULL where it was never taken. */
  readonly past: string | null
  readonly rawBody: Uint8Array | null
}

/** The history of an event that was taken or parked before. */
export interface PastTurns {
  readonly rest: 'parked' | null
  readonly attempt: number
  readonly interruptions: number
  readonly interruptedAlone: number
  /** Whether a lease on it ran out. */
  readonly lapsed: 0 | 1
  /** Whether it ran alone under that lease. */
  readonly alone: 0 | 1
  readonly progress: string | null
}

/** Most events are taken once. So the columns that only others need are not read for each. */
const dueColumns = `${recordColumns}, raw_body AS rawBody,
  CASE WHEN lease_token IS NOT NULL OR rest IS NOT NULL OR until_wanted OR attempt > 1 OR interruptions OR interrupted_alone OR suspect
      OR delay_ms OR progress IS NOT NULL
    THEN json_object('rest', rest, 'attempt', attempt, 'interruptions', interruptions, 'interruptedAlone', interrupted_alone,
      'lapsed', lease_token IS NOT NULL, 'alone', alone, 'progress', progress)
  END AS past`

/** Which events can be taken, and when the next one is due. */
export class DueEvents {
  readonly #due: StatementSync
  readonly #at: StatementSync
  readonly #first: StatementSync

  constructor(database: DatabaseSync) {
    this.#due = database.prepare(`
      SELECT ${dueColumns} FROM events WHERE source = ? AND suspect = ? AND due_at <= ? ORDER BY due_at, sequence LIMIT ?`)
    this.#at = database.prepare(`SELECT ${dueColumns} FROM events WHERE sequence = ?`)
    this.#first = database.prepare(`
      SELECT key, due_at AS dueAt FROM events WHERE source = ? AND suspect = ? AND due_at <= ? ORDER BY due_at LIMIT ?`)
  }

  /** Oldest first. */
  find(source: string, suspect: boolean, now: number, limit: number): DueRow[] {
    return this.#due.all(source, suspect ? 1 : 0, now, limit) as unknown as DueRow[]
  }

  at(sequence: number): DueRow {
    return this.#at.get(sequence) as unknown as DueRow
  }

  /** When the first event is due that does not run here, if that is at `until` or before. */
  next(source: string, suspect: boolean, until: number, running: ReadonlySet<string>): number | undefined {
    for (const limit of [1, running.size + 1]) {
      const rows = this.#first.all(source, suspect ? 1 : 0, until, limit)
      const next = rows.find(({ key }) => !running.has(String(key)))
      if (next || rows.length < limit) return next?.dueAt as number | undefined
    }
    return undefined
  }

  /**
   * How long it is until the next event is due; undefined if there is none. Where something runs here, it is at most `soonMs`, as leases that end
   * later are mostly our own.
   */
  dueInMs(source: string, now: number, soonMs: number, running: ReadonlySet<string>): number | undefined {
    const until = running.size === 0 ? Number.POSITIVE_INFINITY : now + soonMs
    const next = this.next(source, false, until, running)
    if (next === undefined) return running.size === 0 ? undefined : soonMs
    return Math.max(0, next - now)
  }
}

/** Undefined where it was never taken. */
export function pastTurnsOf({ past }: DueRow): PastTurns | undefined {
  return past === null ? undefined : JSON.parse(past)
}

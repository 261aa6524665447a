import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type RecordRow, recordColumns } from '../layout/event-row.ts'

/** An event that can be taken. */
export interface DueRow extends RecordRow {
  /** A `PastTurns`, as JSON; NULL where nobody has taken it before. */
  readonly past: string | null
  readonly rawBody: Uint8Array | null
}

/** What an event brings along that was taken or parked before. */
export interface PastTurns {
  readonly rest: 'parked' | null
  readonly attempt: number
  readonly interruptions: number
  readonly interruptedAlone: number
  /** Whether a lease on it ran out. */
  readonly lapsed: 0 | 1
  /** Whether that was of a turn alone. */
  readonly alone: 0 | 1
  readonly progress: string | null
}

/** Most events are taken once: what only others have is not read for each. */
const dueColumns = `${recordColumns}, raw_body AS rawBody,
  CASE WHEN lease_token IS NOT NULL OR rest IS NOT NULL OR until_wanted OR attempt > 1 OR interruptions OR interrupted_alone OR suspect
      OR delay_ms OR progress IS NOT NULL
    THEN json_object('rest', rest, 'attempt', attempt, 'interruptions', interruptions, 'interruptedAlone', interrupted_alone,
      'lapsed', lease_token IS NOT NULL, 'alone', alone, 'progress', progress)
  END AS past`

/** Which events can be taken, and when the next one can. */
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

  /** When the first event can be taken that is not running here, if that is at `until` or before. */
  next(source: string, suspect: boolean, until: number, running: ReadonlySet<string>): number | undefined {
    for (const limit of [1, running.size + 1]) {
      const rows = this.#first.all(source, suspect ? 1 : 0, until, limit)
      const next = rows.find(({ key }) => !running.has(String(key)))
      if (next || rows.length < limit) return next?.dueAt as number | undefined
    }
    return undefined
  }

  /** In how long the next one is due; undefined if none is. Where something runs here it says `soonMs` at the most, as the leases that end later are mostly our own. */
  dueInMs(source: string, now: number, soonMs: number, running: ReadonlySet<string>): number | undefined {
    const until = running.size === 0 ? Number.POSITIVE_INFINITY : now + soonMs
    const next = this.next(source, false, until, running)
    if (next === undefined) return running.size === 0 ? undefined : soonMs
    return Math.max(0, next - now)
  }
}

/** Undefined where nobody has taken it before. */
export function pastTurnsOf({ past }: DueRow): PastTurns | undefined {
  return past === null ? undefined : JSON.parse(past)
}

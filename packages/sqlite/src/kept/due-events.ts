import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type RecordRow, recordColumns } from '../layout/event-row.ts'

/** An event that can be taken. */
export interface DueRow extends RecordRow {
  readonly rest: 'parked' | null
  readonly attempt: number
  readonly interruptions: number
  readonly interruptedAlone: number
  /** Whether a lease on it ran out. */
  readonly lapsed: number
  /** Whether that was of a turn alone. */
  readonly alone: number
  readonly progress: string | null
  readonly rawBody: Uint8Array | null
}

const dueColumns = `${recordColumns}, rest, attempt, interruptions, interrupted_alone AS interruptedAlone,
  lease_token IS NOT NULL AS lapsed, alone, progress, raw_body AS rawBody`

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

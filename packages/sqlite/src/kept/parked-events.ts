import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ParkingLimits, ParkingReport, Wanted } from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import { bodyLength, nameOf, type RecordRow, recordColumns } from '../layout/event-row.ts'
import { isForWhoWantsIt } from '../layout/third-layout.ts'
import type { KeptEvents } from './kept-events.ts'
import type { OrderedRow, OrderLines } from './order-lines.ts'
import type { ParkedTotals } from './parked-totals.ts'

/** How many are dropped in one step, as bodies can have a megabyte. */
const maxExpired = 64
/** The oldest of a source is looked for at most this often while it is not too old: the index leads through those of all sources. */
const betweenLooksMs = 60_000

interface OldRow extends RecordRow {
  readonly parkedAt: number
  readonly bytes: number
}

/** Events that wait for a process that has a handler for their type: parked, or scheduled until wanted. */
export class ParkedEvents {
  readonly #kept: KeptEvents
  readonly #totals: ParkedTotals
  readonly #any: StatementSync
  readonly #oldest: StatementSync
  readonly #ofType: StatementSync
  readonly #ofAnyType: StatementSync
  readonly #park: StatementSync
  readonly #makeDue: StatementSync
  readonly #putInLine: StatementSync
  readonly #lines: OrderLines
  /** The oldest that was found, by source. Others are parked later. */
  readonly #seen = new Map<string, { readonly parkedAt: number; readonly at: number }>()

  constructor(database: DatabaseSync, kept: KeptEvents, totals: ParkedTotals, lines: OrderLines) {
    this.#kept = kept
    this.#lines = lines
    this.#totals = totals
    this.#any = database.prepare(`SELECT 1 FROM events WHERE ${isForWhoWantsIt} AND source = ? LIMIT 1`)
    this.#oldest = database.prepare(`
      SELECT ${recordColumns}, rested_at AS parkedAt, ${bodyLength} AS bytes
      FROM events WHERE rest = 'parked' AND source = ? ORDER BY rested_at LIMIT ?`)
    this.#ofType = database.prepare(
      `SELECT sequence, key FROM events WHERE ${isForWhoWantsIt} AND source = ? AND type = ? ORDER BY sequence LIMIT ?`,
    )
    this.#ofAnyType = database.prepare(
      `SELECT sequence, key FROM events WHERE ${isForWhoWantsIt} AND source = ? ORDER BY type, sequence LIMIT ?`,
    )
    this.#park = database.prepare(`
      UPDATE events SET rest = 'parked', rested_at = ?, due_at = NULL, until_wanted = 0 WHERE sequence = ? RETURNING ${bodyLength} AS bytes`)
    this.#makeDue = database.prepare(`
      UPDATE events SET rest = NULL, rested_at = NULL, due_at = ?, until_wanted = 0 WHERE sequence = ? RETURNING ${bodyLength} AS bytes`)
    this.#putInLine = database.prepare(`
      UPDATE events SET until_wanted = 0, rested_at = CASE WHEN rest IS NULL THEN NULL ELSE ? END,
        due_at = CASE WHEN rest IS NULL THEN ? END, rest = CASE WHEN rest IS NOT NULL THEN 'behind' END
      WHERE sequence = ? RETURNING source, order_key AS orderKey, rest IS NOT NULL AS wasParked, ${bodyLength} AS bytes`)
  }

  /** Parks an event that is due. A lease that ran out stays: its holder may still give a verdict, and the next holder sees an interruption. */
  park(sequence: number, source: string, { steady }: Moment): void {
    const { bytes } = this.#park.get(steady, sequence) as { readonly bytes: number }
    this.#totals.add(source, bytes)
  }

  /** Makes an event due, as it has to run alone. */
  makeDue({ sequence, source }: RecordRow, rest: 'parked' | null, { elapsed }: Moment): void {
    const { bytes } = this.#makeDue.get(elapsed, sequence) as { readonly bytes: number }
    if (rest === 'parked') this.#totals.remove(source, bytes)
  }

  /** Puts an event in the line of its order key. A scheduled event is already in that line, and is due from now on. */
  putInLine({ sequence }: RecordRow, moment: Moment): void {
    const { source, orderKey, wasParked, bytes } = this.#putInLine.get(
      moment.steady,
      moment.elapsed,
      sequence,
    ) as unknown as OrderedRow & { readonly wasParked: number; readonly bytes: number }
    if (wasParked) this.#totals.remove(source, bytes)
    this.#lines.lineUp({ source, orderKey }, moment)
  }

  isAny(source: string): boolean {
    return this.#any.get(source) !== undefined
  }

  /** Up to `limit` events of wanted types; those of one type oldest first. */
  find(source: string, { types }: Wanted, running: ReadonlySet<string>, limit: number): number[] {
    const most = limit + running.size
    const rows =
      types === 'all'
        ? this.#ofAnyType.all(source, most)
        : types.flatMap((type) => this.#ofType.all(source, encodeText(type), most))
    const found = rows.filter(({ key }) => !running.has(String(key))).map(({ sequence }) => Number(sequence))
    return found.sort((one, other) => one - other).slice(0, limit)
  }

  isOverLimits(source: string, limits: ParkingLimits, moment: Moment): boolean {
    return this.#findOverLimits(source, limits, moment, 1).length > 0
  }

  /** Drops events that are parked for too long, or are too many: the oldest first, some at a time. */
  expire(source: string, limits: ParkingLimits, moment: Moment): ParkingReport[] {
    return this.#findOverLimits(source, limits, moment, maxExpired).map((row) => {
      this.#kept.remove(row.sequence)
      return { event: nameOf(row), outcome: 'expired' }
    })
  }

  #findOverLimits(
    source: string,
    { keepMs, maxBytes }: ParkingLimits,
    { steady, elapsed }: Moment,
    most: number,
  ): OldRow[] {
    const bytes = this.#totals.bytesOf(source)
    if (bytes === undefined) return []
    let tooMany = bytes - maxBytes
    const seen = this.#seen.get(source)
    const isFresh = seen !== undefined && elapsed - seen.at < betweenLooksMs
    if (tooMany <= 0 && isFresh && seen.parkedAt > steady - keepMs) return []
    const over: OldRow[] = []
    for (const row of this.#oldest.all(source, most) as unknown as OldRow[]) {
      if (tooMany <= 0 && row.parkedAt > steady - keepMs) {
        this.#seen.set(source, { parkedAt: row.parkedAt, at: elapsed })
        break
      }
      over.push(row)
      tooMany -= row.bytes
    }
    return over
  }
}

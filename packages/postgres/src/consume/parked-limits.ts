import type { ParkingLimits, ParkingReport } from '@hookport/core'
import type { Database } from '../connection/database.ts'
import { nameOf, type RecordRow, recordColumns } from '../events/event-row.ts'
import { isAmong, momentOf } from '../sql.ts'

/** How many are dropped in one step, as bodies can have a megabyte. */
const mostExpired = 64
/**
 * Adding up bodies takes some 20 ms for 100,000. It is done at most often enough to take a twentieth of the time, and at least every five
 * seconds. If nothing is parked, it is done every five seconds, so that an idle database is asked little.
 */
const betweenLooksMs = { least: 500, most: 5_000 }
const shareOfTime = 0.05

const neverLooked = { at: Number.NEGATIVE_INFINITY, tookMs: 0 }

/** Keeps what is parked for one source within its limits. */
export class ParkedLimits {
  readonly #database: Database
  readonly #source: string
  /** As far as the last look, and this process, know. */
  #isAnyParked = true
  /** When the last look ended, and how long it took. */
  #looked = neverLooked

  constructor(database: Database, source: string) {
    this.#database = database
    this.#source = source
  }

  /** This process has parked events. */
  parkedMore(): void {
    this.#isAnyParked = true
  }

  /**
   * Drops events that are parked for too long, or are too many: the oldest first, some at a time. If that fails, it is tried again after five
   * seconds, and takings in between do not fail. Bodies are added up where less is too old than one step drops: that would be done for each step.
   */
  async expire(limits: ParkingLimits): Promise<readonly ParkingReport[]> {
    const startedAt = performance.now()
    if (startedAt < this.#looked.at + this.#pauseMs) return []
    this.#isAnyParked = false
    const { expired, isAnyParked } = await this.#expire(limits).finally(() => {
      const at = performance.now()
      this.#looked = { at, tookMs: at - startedAt }
    })
    this.#isAnyParked ||= isAnyParked
    if (expired.length === mostExpired) this.#looked = neverLooked
    return expired.map((row) => ({ event: nameOf(row), outcome: 'expired' }))
  }

  get #pauseMs(): number {
    const { least, most } = betweenLooksMs
    if (!this.#isAnyParked) return most
    return Math.min(most, Math.max(least, this.#looked.tookMs / shareOfTime))
  }

  async #expire({
    keepMs,
    maxBytes,
  }: ParkingLimits): Promise<{ expired: RecordRow[]; isAnyParked: boolean }> {
    const { layout } = this.#database
    const { events } = layout.tables
    const rows = await this.#database.write<(RecordRow | { key: null }) & { any_parked: boolean }>(
      `WITH ${momentOf(layout)},
       old AS MATERIALIZED (
         SELECT sequence, rested_at FROM ${events}
         WHERE source = $1 AND rest = 'parked' AND rested_at <= (SELECT now FROM moment) - $2 ORDER BY rested_at LIMIT ${mostExpired}),
       parked AS MATERIALIZED (
         SELECT sequence, rested_at, sum(length(raw_body)) OVER (ORDER BY rested_at DESC, sequence DESC) AS bytes_up_to_it
         FROM ${events} WHERE source = $1 AND rest = 'parked' AND (SELECT count(*) FROM old) < ${mostExpired}),
       over_limits AS MATERIALIZED (
         SELECT sequence FROM old UNION SELECT sequence FROM (
           SELECT sequence FROM parked WHERE bytes_up_to_it > $3::float8 ORDER BY rested_at, sequence LIMIT ${mostExpired}) AS too_many
         LIMIT ${mostExpired}),
       locked AS MATERIALIZED (
         SELECT sequence FROM ${events} WHERE sequence IN (SELECT sequence FROM over_limits) AND rest = 'parked' FOR UPDATE SKIP LOCKED),
       expired AS (DELETE FROM ${events} USING locked WHERE ${isAmong('events.sequence', 'locked')} AND events.sequence = locked.sequence RETURNING ${recordColumns}, events.rested_at)
       SELECT expired.*, EXISTS (SELECT FROM parked) OR EXISTS (SELECT FROM old) AS any_parked FROM moment LEFT JOIN expired ON true ORDER BY rested_at, sequence::bigint`,
      [this.#source, keepMs, maxBytes],
    )
    const expired = rows.filter((row): row is RecordRow & { any_parked: boolean } => row.key !== null)
    return { expired, isAnyParked: rows[0]?.any_parked === true }
  }
}

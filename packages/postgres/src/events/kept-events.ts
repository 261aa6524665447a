import {
  type Counts,
  type EventPage,
  type EventState,
  type KeptEvent,
  type ListFilter,
  type Progress,
  type RedriveOptions,
  type ReplayOptions,
  redrivenProgress,
  replayedProgress,
} from '@hookport/core'
import type { Database } from '../connection/database.ts'
import type { Ask } from '../layout/stored-statement.ts'
import type { Tables } from '../layout/tables.ts'
import { asItIsNow, momentOf, nowSql } from '../sql.ts'
import { listEvents } from './event-list.ts'
import {
  decodeProgress,
  encodeIfAny,
  encodeProgress,
  inAscii,
  type SummaryRow,
  stateSql,
  summaryColumns,
  toSummary,
} from './event-row.ts'
import { type LineName, OrderLines } from './order-lines.ts'

/** A dead letter or a handled event that is to be handled again. */
interface RestingRow {
  readonly sequence: string
  readonly progress: string | null
}

interface StateCount {
  readonly state: EventState
  readonly count: number
}

/** How many events are in each state. `$1` the source, NULL for all. All but retries and leases are counted by indexes: bodies make a table of many gigabytes. */
export function countSql({ events }: Tables): string {
  const counted = 'count(*)::float8 AS count'
  const ofSource = '($1::text IS NULL OR source = $1)'
  return `
    WITH moment AS MATERIALIZED (SELECT ${nowSql} AS now)
    SELECT CASE rest WHEN 'behind' THEN 'pending' ELSE rest END AS state, ${counted} FROM ${events} WHERE rest IS NOT NULL AND ${ofSource} GROUP BY rest
    UNION ALL
    SELECT 'pending', ${counted} FROM ${events} WHERE due_at <= (SELECT now FROM moment) AND ${ofSource}
    UNION ALL
    SELECT CASE WHEN lease_token IS NULL THEN 'scheduled' ELSE 'active' END, ${counted} FROM ${events}
      WHERE due_at > (SELECT now FROM moment) AND ${ofSource} GROUP BY 1`
}

/** The same of one tenant, `$2`. */
function countOfTenantSql({ events }: Tables): string {
  return `SELECT ${stateSql} AS state, count(*)::float8 AS count FROM ${events} events
    WHERE ($1::text IS NULL OR source = $1) AND tenant = $2 GROUP BY 1`
}

/** The events as operators see them, handled or not. */
export class KeptEvents {
  readonly #database: Database
  readonly #tables: Tables
  /** Keys are only indexed in `ids`. */
  readonly #ofKey: string
  readonly #lines: OrderLines

  constructor(database: Database) {
    this.#database = database
    this.#tables = database.layout.tables
    this.#lines = new OrderLines(database.layout)
    this.#ofKey = `events.sequence = (SELECT sequence FROM ${this.#tables.ids} WHERE key = $1) AND events.key = $1`
  }

  async count({ source, tenant }: { source?: string; tenant?: string }): Promise<Counts> {
    const ofSource = source === undefined ? null : inAscii(source)
    const rows = await (tenant === undefined
      ? this.#database.ask<StateCount>(countSql(this.#tables), [ofSource])
      : this.#database.ask<StateCount>(countOfTenantSql(this.#tables), [ofSource, encodeIfAny(tenant)]))
    const counts = { pending: 0, scheduled: 0, active: 0, parked: 0, dead: 0, handled: 0 }
    for (const { state, count } of rows) counts[state] += count
    return counts
  }

  list(filter: ListFilter): Promise<EventPage> {
    return listEvents(this.#database, filter)
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    const [row] = await this.#database.ask<SummaryRow & { raw_body: Buffer }>(
      `SELECT ${summaryColumns}, events.raw_body FROM ${this.#tables.events} events WHERE ${this.#ofKey}`,
      [inAscii(key)],
    )
    return row && { ...toSummary(row), rawBody: row.raw_body }
  }

  /** Makes a dead letter pending. Answers its source. Undefined if there is none of that key. */
  redrive(key: string, options?: RedriveOptions): Promise<string | undefined> {
    return this.#handleAgain(key, 'dead', (progress) => redrivenProgress(progress, options))
  }

  /** Makes a handled event pending. Answers its source. Undefined if there is none of that key, or the same replay has had it. */
  replay(key: string, options: ReplayOptions): Promise<string | undefined> {
    return this.#handleAgain(key, 'handled', (progress) => replayedProgress(progress, options))
  }

  /**
   * Deletes an event that is not active; its key stays remembered. Answers the lines in which another event may be due now. Undefined if there is
   * none of that key.
   */
  async discard(key: string): Promise<readonly LineName[] | undefined> {
    let lines: readonly LineName[] = []
    let wasGone = false // by an earlier send, whose answer was lost
    const [answer] = await this.#database.writeTransaction<{ gone: boolean }>(async (ask) => {
      const found = await this.#lockLineOf(ask, key)
      if (!wasGone) lines = found
      const rows = await ask<{ gone: boolean }>(
        `WITH ${momentOf(this.#database.layout)}, gone AS (
           DELETE FROM ${this.#tables.events} events USING moment WHERE ${this.#ofKey} AND ${stateSql} <> 'active' RETURNING events.key)
         SELECT EXISTS (SELECT FROM gone)
           OR ($2::boolean AND NOT EXISTS (SELECT FROM ${this.#tables.events} events WHERE ${this.#ofKey} ${asItIsNow})) AS gone FROM moment`,
        [inAscii(key), wasGone],
      )
      wasGone ||= rows[0]?.gone === true
      if (found.length > 0) await this.#lines.lineUp(ask, found)
      return rows
    })
    return answer?.gone ? lines : undefined
  }

  async #handleAgain(
    key: string,
    rest: 'dead' | 'handled',
    change: (progress: Progress) => Progress | undefined,
  ): Promise<string | undefined> {
    let sent: { source?: string }[] = [{}] // by an earlier send, whose answer was lost
    const rows = await this.#database.writeTransaction<{ source?: string }>(async (ask) => {
      const lines = await this.#lockLineOf(ask, key)
      const [row] = await ask<RestingRow>(
        `SELECT sequence::text, progress FROM ${this.#tables.events} events
         WHERE ${this.#ofKey} AND rest = $2 AND order_key IS NOT DISTINCT FROM $3 FOR UPDATE`,
        [inAscii(key), rest, lines[0]?.order_key ?? null],
      )
      const progress = row && change(decodeProgress(row.progress))
      if (progress) sent = await this.#makePending(ask, { ...row, progress }, lines)
      return sent
    })
    return rows[0]?.source
  }

  /** The line that an event is in, or would be in. None if it has no order key. It is locked before the event's row is locked or changed. */
  async #lockLineOf(ask: Ask, key: string): Promise<readonly LineName[]> {
    const [found] = await ask<{ source: string; order_key: string | null }>(
      `SELECT source, order_key FROM ${this.#tables.events} events WHERE ${this.#ofKey}`,
      [inAscii(key)],
    )
    if (found === undefined || found.order_key === null) return []
    const lines = [{ source: found.source, order_key: found.order_key }]
    await this.#lines.lock(ask, lines)
    return lines
  }

  async #makePending(
    ask: Ask,
    { sequence, progress }: { sequence: string; progress: Progress },
    lines: readonly LineName[],
  ): Promise<{ source?: string }[]> {
    const place =
      lines.length > 0
        ? `rest = 'behind', rested_at = ${nowSql}`
        : `rest = NULL, rested_at = NULL, due_at = ${nowSql}`
    const rows = await ask<{ source?: string }>(
      `WITH ${momentOf(this.#database.layout)}
       UPDATE ${this.#tables.events} SET ${place}, attempt = 1, interruptions = 0, interrupted_alone = 0,
         suspect = false, progress = $2, failures = NULL
       FROM moment WHERE sequence = $1 RETURNING source`,
      [sequence, encodeProgress(progress)],
    )
    if (lines.length > 0) await this.#lines.lineUp(ask, lines)
    return rows
  }
}

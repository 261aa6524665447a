import type { DatabaseSync, StatementSync } from 'node:sqlite'
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
import { encodeText } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import {
  decodeProgress,
  encodeProgress,
  recordColumns,
  type SummaryRow,
  toSummary,
} from '../layout/event-row.ts'
import { EventList } from './event-list.ts'
import type { KeptEvents } from './kept-events.ts'
import type { OrderedRow, OrderLines } from './order-lines.ts'

/** An event whose lease ran out is due again, even if a process still handles it. */
const state = `
  CASE WHEN rest = 'behind' THEN 'pending'
       WHEN rest IS NOT NULL THEN rest
       WHEN due_at <= :elapsed OR due_at > :elapsed + delay_ms THEN 'pending'
       WHEN lease_token IS NULL THEN 'scheduled'
       ELSE 'active' END`

const summaryColumns = `${recordColumns}, ${state} AS state, attempt, progress, failures, due_at AS dueAt`

/** Keys are only indexed in `ids`. */
const ofKey = 'sequence = (SELECT sequence FROM ids WHERE key = :key) AND key = :key'

/** A dead letter or a handled event that is to be handled again. */
interface RestingRow extends OrderedRow {
  readonly sequence: number
  readonly progress: string | null
}

/** The events as operators see them, and the operators' actions. */
export class OperatedEvents {
  readonly #kept: KeptEvents
  readonly #lines: OrderLines
  readonly #count: StatementSync
  readonly #countOfTenant: StatementSync
  readonly #list: EventList
  readonly #describe: StatementSync
  readonly #findResting: StatementSync
  readonly #redrive: StatementSync
  readonly #discard: StatementSync

  constructor(database: DatabaseSync, kept: KeptEvents, lines: OrderLines) {
    this.#kept = kept
    this.#lines = lines
    const prepare = (sql: string) => database.prepare(sql)
    // Only indexes are read: events at rest and due events are counted without reading their rows.
    this.#count = prepare(`
      SELECT CASE rest WHEN 'behind' THEN 'pending' ELSE rest END AS state, count(*) AS count FROM events INDEXED BY events_by_rest
        WHERE rest IS NOT NULL AND (:source IS NULL OR source = :source) GROUP BY rest
      UNION ALL
      SELECT 'pending' AS state, count(*) AS count FROM events INDEXED BY events_by_due_at
        WHERE due_at IS NOT NULL AND due_at <= :elapsed AND (:source IS NULL OR source = :source)
      UNION ALL
      SELECT ${state} AS state, count(*) AS count FROM events INDEXED BY events_by_due_at
        WHERE due_at IS NOT NULL AND due_at > :elapsed AND (:source IS NULL OR source = :source) GROUP BY 1`)
    this.#countOfTenant = prepare(`
      SELECT ${state} AS state, count(*) AS count FROM events
      WHERE tenant = :tenant AND (:source IS NULL OR source = :source) GROUP BY 1`)
    this.#list = new EventList(database, summaryColumns, state)
    this.#describe = prepare(`SELECT ${summaryColumns} FROM events WHERE ${ofKey}`)
    this.#findResting = prepare(
      `SELECT sequence, source, order_key AS orderKey, progress FROM events WHERE ${ofKey} AND rest = :rest`,
    )
    this.#redrive = prepare(`
      UPDATE events SET rest = ?, rested_at = ?, due_at = ?, delay_ms = 0, attempt = 1, interruptions = 0,
        interrupted_alone = 0, suspect = 0, progress = ?, failures = NULL
      WHERE sequence = ?`)
    this.#discard = prepare(`SELECT sequence FROM events WHERE ${ofKey} AND ${state} <> 'active'`)
  }

  count({ source, tenant }: { source?: string; tenant?: string }, { elapsed }: Moment): Counts {
    const counts = { pending: 0, scheduled: 0, active: 0, parked: 0, dead: 0, handled: 0 }
    const ofSource = { source: source ?? null, elapsed }
    const rows =
      tenant === undefined
        ? this.#count.all(ofSource)
        : this.#countOfTenant.all({ ...ofSource, tenant: encodeText(tenant) })
    for (const row of rows) counts[row.state as EventState] += Number(row.count)
    return counts
  }

  list(filter: ListFilter, moment: Moment): EventPage {
    return this.#list.page(filter, moment)
  }

  describe(key: string, moment: Moment): KeptEvent | undefined {
    const row = this.#describe.get({ key, elapsed: moment.elapsed }) as unknown as SummaryRow | undefined
    return row && { ...toSummary(row, moment), rawBody: this.#kept.bodyOf(row.sequence) }
  }

  /** Makes a dead letter pending. Answers its source. Undefined if there is none of that key. */
  redrive(key: string, moment: Moment, options?: RedriveOptions): string | undefined {
    const dead = this.#findResting.get({ key, rest: 'dead' }) as RestingRow | undefined
    if (!dead) return undefined
    this.#makePending(dead, redrivenProgress(decodeProgress(dead.progress), options), moment)
    return dead.source
  }

  /** Makes a handled event pending. Answers its source. Undefined if there is none of that key, or the same replay has had it. */
  replay(key: string, moment: Moment, options: ReplayOptions): string | undefined {
    const handled = this.#findResting.get({ key, rest: 'handled' }) as RestingRow | undefined
    const progress = handled && replayedProgress(decodeProgress(handled.progress), options)
    if (!progress) return undefined
    this.#makePending(handled, progress, moment)
    return handled.source
  }

  /** Deletes an event that is not active. Answers its row, as another event of its order key may be due now. Undefined if there is none of that key. */
  discard(key: string, moment: Moment): OrderedRow | undefined {
    const found = this.#discard.get({ key, elapsed: moment.elapsed })
    if (!found) return undefined
    const row = this.#kept.remove(Number(found.sequence))
    this.#lines.lineUp(row, moment)
    return row
  }

  #makePending(row: RestingRow, progress: Progress, moment: Moment): void {
    const isOrdered = row.orderKey !== null
    const place = isOrdered
      ? (['behind', moment.steady, null] as const)
      : ([null, null, moment.elapsed] as const)
    this.#redrive.run(...place, encodeProgress(progress), row.sequence)
    this.#lines.lineUp(row, moment)
  }
}

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  type Counts,
  type EventPage,
  type EventRecord,
  type EventState,
  type Failure,
  type KeptEvent,
  type ListFilter,
  noProgress,
  type Progress,
  type RedriveOptions,
  type ReplayOptions,
  redrivenProgress,
  replayedProgress,
} from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import {
  bodyLength,
  decodeProgress,
  encodeFailures,
  encodeMore,
  encodeProgress,
  recordColumns,
  type SummaryRow,
  shortBodyBytes,
  toSummary,
} from '../layout/event-row.ts'
import { EventList } from './event-list.ts'
import { type OrderedRow, type OrderLines, orderedRow } from './order-lines.ts'
import type { ParkedTotals } from './parked-totals.ts'

/** An event whose lease ran out is due again, whoever still works on it. */
const state = `
  CASE WHEN rest = 'behind' THEN 'pending'
       WHEN rest IS NOT NULL THEN rest
       WHEN due_at <= :elapsed OR due_at > :elapsed + delay_ms THEN 'pending'
       WHEN lease_token IS NULL THEN 'scheduled'
       ELSE 'active' END`

const summaryColumns = `${recordColumns}, ${state} AS state, attempt, progress, failures, due_at AS dueAt`

/** Ids have the one index by key. */
const ofKey = 'sequence = (SELECT sequence FROM ids WHERE key = :key) AND key = :key'

/** How an event is kept from the beginning. */
export interface Standing {
  readonly rest?: 'dead' | 'parked'
  readonly attempt?: number
  readonly progress?: Progress
  readonly failures?: readonly Failure[]
}

interface RemovedRow {
  readonly source: string
  readonly bodyBytes: number
  readonly rest: string | null
  readonly orderKey: string | null
}

/** A dead letter or a handled event that is to be handled again. */
interface RestingRow extends OrderedRow {
  readonly sequence: number
  readonly progress: string | null
}

/** The events that are not handled yet, and those at rest, as operators see them. */
export class KeptEvents {
  readonly #parked: ParkedTotals
  readonly #lines: OrderLines
  readonly #lastSequence: StatementSync
  readonly #insert: StatementSync
  readonly #insertStanding: StatementSync
  readonly #insertBody: StatementSync
  readonly #count: StatementSync
  readonly #countOfTenant: StatementSync
  readonly #list: EventList
  readonly #describe: StatementSync
  readonly #body: StatementSync
  readonly #findResting: StatementSync
  readonly #redrive: StatementSync
  readonly #discard: StatementSync
  readonly #removed: StatementSync
  readonly #delete: StatementSync
  readonly #deleteBody: StatementSync
  readonly #findDeadSince: StatementSync
  readonly #findHandledUntil: StatementSync
  /** The last one that was given. Undefined until it was looked up in this transaction. */
  #sequence: number | undefined

  constructor(database: DatabaseSync, parked: ParkedTotals, lines: OrderLines) {
    this.#parked = parked
    this.#lines = lines
    const prepare = (sql: string) => database.prepare(sql)
    this.#lastSequence = prepare('SELECT max(sequence) AS last FROM events')
    this.#insert = prepare(`
      INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, raw_body, due_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#insertStanding = prepare(`
      INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, raw_body, due_at, tenant,
        order_key, order_rank, more, rest, rested_at, attempt, progress, failures)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#insertBody = prepare('INSERT INTO bodies (sequence, raw_body) VALUES (?, ?)')
    // Walks over indexes: what rests, and what is due, is counted without a look at its rows.
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
    this.#body = prepare(`
      SELECT coalesce(events.raw_body, bodies.raw_body) AS rawBody FROM events LEFT JOIN bodies USING (sequence)
      WHERE sequence = ?`)
    this.#findResting = prepare(
      `SELECT sequence, source, order_key AS orderKey, progress FROM events WHERE ${ofKey} AND rest = :rest`,
    )
    this.#redrive = prepare(`
      UPDATE events SET rest = ?, rested_at = ?, due_at = ?, delay_ms = 0, attempt = 1, interruptions = 0,
        interrupted_alone = 0, suspect = 0, progress = ?, failures = NULL
      WHERE sequence = ?`)
    this.#discard = prepare(`SELECT sequence FROM events WHERE ${ofKey} AND ${state} <> 'active'`)
    this.#removed = prepare(`
      SELECT source, rest, order_key AS orderKey, ${bodyLength} AS bodyBytes FROM events WHERE sequence = ?`)
    this.#delete = prepare('DELETE FROM events WHERE sequence = ?')
    this.#deleteBody = prepare('DELETE FROM bodies WHERE sequence = ?')
    this.#findDeadSince = prepare(`
      SELECT sequence FROM events WHERE rest = 'dead' AND rested_at <= ? ORDER BY rested_at LIMIT ?`)
    this.#findHandledUntil = prepare(`
      SELECT sequence FROM events WHERE rest = 'handled' AND rested_at <= ? ORDER BY rested_at LIMIT ?`)
  }

  /** To be called at the beginning of each transaction. */
  begin(): void {
    this.#sequence = undefined
  }

  /** Where the next event will be kept: behind all others. */
  nextSequence(): number {
    this.#sequence = (this.#sequence ?? Number(this.#lastSequence.get()?.last ?? 0)) + 1
    return this.#sequence
  }

  addPending(sequence: number, event: EventRecord, progress: Progress, now: Moment): void {
    if (encodeMore(event) !== null || encodeProgress(progress) !== null) {
      this.add(sequence, event, { progress }, now)
      return
    }
    const { key, source, id, type, createdAt, receivedAt, fingerprint } = event
    this.#insert.run(
      sequence,
      key,
      source,
      encodeText(id),
      encodeText(type),
      createdAt,
      receivedAt,
      fingerprint,
      this.#addBody(sequence, event),
      now.elapsed,
    )
  }

  add(
    sequence: number,
    event: EventRecord,
    { rest, attempt = 1, progress = noProgress, failures = [] }: Standing,
    moment: Moment,
  ): void {
    const { key, source, id, type, createdAt, receivedAt, fingerprint, tenant, orderKey, orderRank } = event
    const place = rest ?? (orderKey === undefined ? null : 'behind')
    this.#insertStanding.run(
      sequence,
      key,
      source,
      encodeText(id),
      encodeText(type),
      createdAt,
      receivedAt,
      fingerprint,
      this.#addBody(sequence, event),
      place ? null : moment.elapsed,
      tenant === undefined ? null : encodeText(tenant),
      orderKey === undefined ? null : encodeText(orderKey),
      orderRank ?? 0,
      encodeMore(event),
      place,
      place ? moment.steady : null,
      attempt,
      encodeProgress(progress),
      encodeFailures(failures),
    )
    if (rest === 'parked') this.#parked.add(source, event.rawBody.length)
    if (place === 'behind') this.#lines.lineUp(orderedRow(event), moment)
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
    return row && { ...toSummary(row, moment), rawBody: this.bodyOf(row.sequence) }
  }

  /** Empty where only damage can have taken the body, so that the event becomes a dead letter and doesn't hold up others. */
  bodyOf(sequence: number): Uint8Array {
    return toBuffer(this.#body.get(sequence)?.rawBody)
  }

  /** Makes a dead letter pending. Answers its source; undefined if there is none of that key. */
  redrive(key: string, moment: Moment, options?: RedriveOptions): string | undefined {
    const dead = this.#findResting.get({ key, rest: 'dead' }) as RestingRow | undefined
    if (!dead) return undefined
    this.#makePending(dead, redrivenProgress(decodeProgress(dead.progress), options), moment)
    return dead.source
  }

  /** Makes a handled event pending. Answers its source; undefined if there is none of that key, or the same replay has had it. */
  replay(key: string, moment: Moment, options: ReplayOptions): string | undefined {
    const handled = this.#findResting.get({ key, rest: 'handled' }) as RestingRow | undefined
    const progress = handled && replayedProgress(decodeProgress(handled.progress), options)
    if (!progress) return undefined
    this.#makePending(handled, progress, moment)
    return handled.source
  }

  discard(key: string, moment: Moment): boolean {
    const found = this.#discard.get({ key, elapsed: moment.elapsed })
    const removed = found && this.remove(Number(found.sequence))
    if (removed) this.#lines.lineUp(removed, moment)
    return found !== undefined
  }

  /** Deletes an event. Its key stays remembered. */
  remove(sequence: number): OrderedRow | undefined {
    const removed = this.#removed.get(sequence) as unknown as RemovedRow | undefined
    if (removed === undefined) return undefined
    const { source, rest, bodyBytes } = removed
    if (rest === 'parked') this.#parked.remove(source, bodyBytes)
    this.#delete.run(sequence)
    this.letGo(sequence, bodyBytes)
    return removed
  }

  /** After the row of an event was deleted: what else there is of it, but the memory of its key. */
  letGo(sequence: number, bodyBytes: number): void {
    if (bodyBytes > shortBodyBytes) this.#deleteBody.run(sequence)
  }

  /** Deletes up to `limit` letters that died at `diedBy` or earlier. Answers how many. */
  forgetDead(diedBy: number, limit: number): number {
    const forgotten = this.#findDeadSince.all(diedBy, limit)
    for (const { sequence } of forgotten) this.remove(Number(sequence))
    return forgotten.length
  }

  /** Deletes up to `limit` handled events that are kept until `until` or earlier. Answers how many. */
  forgetHandled(until: number, limit: number): number {
    const forgotten = this.#findHandledUntil.all(until, limit)
    for (const { sequence } of forgotten) this.remove(Number(sequence))
    return forgotten.length
  }

  #makePending(row: RestingRow, progress: Progress, moment: Moment): void {
    const isOrdered = row.orderKey !== null
    const place = isOrdered
      ? (['behind', moment.steady, null] as const)
      : ([null, null, moment.elapsed] as const)
    this.#redrive.run(...place, encodeProgress(progress), row.sequence)
    this.#lines.lineUp(row, moment)
  }

  /** The body, where it lies in the row of its event. */
  #addBody(sequence: number, { rawBody }: EventRecord): Uint8Array | null {
    if (rawBody.length <= shortBodyBytes) return rawBody
    this.#insertBody.run(sequence, rawBody)
    return null
  }
}

/** A `Buffer`, as the other inboxes have it: its `toString()` is text. */
export function toBuffer(rawBody: unknown): Buffer {
  if (!(rawBody instanceof Uint8Array)) return Buffer.alloc(0)
  return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength)
}

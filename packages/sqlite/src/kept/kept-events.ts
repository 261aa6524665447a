import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type EventRecord, type Failure, noProgress, type Progress } from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import {
  bodyLength,
  encodeFailures,
  encodeMore,
  encodeProgress,
  shortBodyBytes,
} from '../layout/event-row.ts'
import { type OrderedRow, type OrderLines, orderedRow } from './order-lines.ts'
import type { ParkedTotals } from './parked-totals.ts'

/** The state of an event when it is put. */
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

/** The events that are not handled yet, and those at rest, each with its body. */
export class KeptEvents {
  readonly #parked: ParkedTotals
  readonly #lines: OrderLines
  readonly #lastSequence: StatementSync
  readonly #insert: StatementSync
  readonly #insertStanding: StatementSync
  readonly #insertBody: StatementSync
  readonly #body: StatementSync
  readonly #removed: StatementSync
  readonly #delete: StatementSync
  readonly #deleteBody: StatementSync
  readonly #findDeadSince: StatementSync
  readonly #findHandledUntil: StatementSync
  /** The last sequence that was used. Undefined until it was looked up in this transaction. */
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
    this.#body = prepare(`
      SELECT coalesce(events.raw_body, bodies.raw_body) AS rawBody FROM events LEFT JOIN bodies USING (sequence)
      WHERE sequence = ?`)
    this.#removed = prepare(`
      SELECT source, rest, order_key AS orderKey, ${bodyLength} AS bodyBytes FROM events WHERE sequence = ?`)
    this.#delete = prepare('DELETE FROM events WHERE sequence = ?')
    this.#deleteBody = prepare('DELETE FROM bodies WHERE sequence = ?')
    this.#findDeadSince = prepare(`
      SELECT sequence FROM events WHERE rest = 'dead' AND rested_at <= ? ORDER BY rested_at LIMIT ?`)
    this.#findHandledUntil = prepare(`
      SELECT sequence FROM events WHERE rest = 'handled' AND rested_at <= ? ORDER BY rested_at LIMIT ?`)
  }

  /** Call it at the beginning of each transaction. */
  begin(): void {
    this.#sequence = undefined
  }

  /** The position of the next event: after all others. */
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

  /** Empty where the body is missing, which only damage can cause. The event then becomes a dead letter, and does not block others. */
  bodyOf(sequence: number): Uint8Array {
    return toBuffer(this.#body.get(sequence)?.rawBody)
  }

  /** Deletes an event. Its key stays remembered. */
  remove(sequence: number): OrderedRow {
    const removed = this.#removed.get(sequence) as unknown as RemovedRow
    const { source, rest, bodyBytes } = removed
    if (rest === 'parked') this.#parked.remove(source, bodyBytes)
    this.#delete.run(sequence)
    this.letGo(sequence, bodyBytes)
    return removed
  }

  /** Deletes what belongs to an event whose row was deleted. Its key stays remembered. */
  letGo(sequence: number, bodyBytes: number): void {
    if (bodyBytes > shortBodyBytes) this.#deleteBody.run(sequence)
  }

  /** Deletes up to `limit` dead letters that died at `diedBy` or earlier. Answers how many. */
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

  /** The body, where it is in the row of its event. */
  #addBody(sequence: number, { rawBody }: EventRecord): Uint8Array | null {
    if (rawBody.length <= shortBodyBytes) return rawBody
    this.#insertBody.run(sequence, rawBody)
    return null
  }
}

/** A `Buffer`, as in the other inboxes: its `toString()` is text. In a test's sandbox the bytes are of a class that `instanceof` does not know. */
export function toBuffer(rawBody: unknown): Buffer {
  if (!ArrayBuffer.isView(rawBody)) return Buffer.alloc(0)
  return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength)
}

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventRecord, Legacy, NewestHandled } from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import { isInLine } from '../layout/fifth-layout.ts'

/** The columns of an event that has an order key. */
export interface OrderedRow {
  readonly source: string
  readonly orderKey: string | null
}

type OrderedEvent = Pick<EventRecord, 'source' | 'orderKey'>

/** Makes one event at a time of each order key due. The others wait behind it. Events without an order key need no query here. */
export class OrderLines {
  readonly #first: StatementSync
  readonly #begun: StatementSync
  readonly #stepBack: StatementSync
  readonly #stepForward: StatementSync
  readonly #findNewest: StatementSync
  readonly #rememberNewest: StatementSync
  readonly #forgetNewest: StatementSync

  constructor(database: DatabaseSync) {
    const ofLine = `source = ? AND order_key = ? AND ${isInLine}`
    this.#begun = database.prepare(`SELECT 1 FROM events WHERE ${ofLine} AND begun = 1 LIMIT 1`)
    this.#first = database.prepare(`
      SELECT sequence, rest FROM events WHERE ${ofLine} AND begun = 0 ORDER BY created_at, order_rank, sequence LIMIT 1`)
    this.#stepBack = database.prepare(
      `UPDATE events SET rest = 'behind', rested_at = ?, due_at = NULL WHERE rest IS NULL AND sequence IN (
        SELECT sequence FROM events WHERE ${ofLine} AND begun = 0 ORDER BY created_at, order_rank, sequence LIMIT 2)`,
    )
    this.#stepForward = database.prepare(
      'UPDATE events SET rest = NULL, rested_at = NULL, due_at = ?, delay_ms = 0 WHERE sequence = ?',
    )
    this.#findNewest = database.prepare(
      'SELECT handlers FROM newest WHERE source = ? AND order_key = ? AND forgotten_at > ?',
    )
    this.#rememberNewest = database.prepare(`
      INSERT INTO newest (source, order_key, handlers, forgotten_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (source, order_key) DO UPDATE SET handlers = excluded.handlers, forgotten_at = excluded.forgotten_at`)
    this.#forgetNewest = database.prepare(`
      DELETE FROM newest WHERE (source, order_key) IN (
        SELECT source, order_key FROM newest WHERE forgotten_at <= ? ORDER BY forgotten_at LIMIT ?)`)
  }

  /**
   * Call it whenever an event of the key was put behind others, or has left the line. The event whose turn it is comes to the front, and is due. An
   * event that was handed out stays in front. Otherwise the front is the first event of the line or, if an earlier one has just come, the second. So
   * only two are read, however long the line is.
   */
  lineUp({ source, orderKey }: OrderedRow, { elapsed, steady }: Moment): void {
    if (orderKey === null || this.#begun.get(source, orderKey)) return
    const first = this.#first.get(source, orderKey)
    if (first === undefined || first.rest === null) return
    this.#stepBack.run(steady, source, orderKey)
    this.#stepForward.run(elapsed, Number(first.sequence))
  }

  newestOf(event: OrderedEvent, { steady }: Moment): NewestHandled | undefined {
    const { source, orderKey } = orderedRow(event)
    const handlers = this.#findNewest.get(source, orderKey, steady)?.handlers
    return handlers === undefined ? undefined : JSON.parse(String(handlers))
  }

  remember(event: OrderedEvent, { newest, rememberMs }: Legacy, { steady }: Moment): void {
    const { source, orderKey } = orderedRow(event)
    this.#rememberNewest.run(source, orderKey, JSON.stringify(newest), steady + rememberMs)
  }

  /** Forgets up to `limit` keys. Answers how many. */
  forget({ steady }: Moment, limit: number): number {
    return Number(this.#forgetNewest.run(steady, limit).changes)
  }
}

export function orderedRow({ source, orderKey }: OrderedEvent): OrderedRow {
  return { source, orderKey: orderKey === undefined ? null : encodeText(orderKey) }
}

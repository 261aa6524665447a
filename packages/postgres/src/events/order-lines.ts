import type { EventRecord, NewestHandled } from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import type { Layout } from '../layout/layout.ts'
import { isInLine } from '../layout/second-layout.ts'
import type { Ask } from '../layout/stored-statement.ts'
import { isAmong, momentOf, nowSql } from '../sql.ts'

/** An order key of a source. */
export interface LineName {
  readonly source: string
  /** As in the table. */
  readonly order_key: string
}

/**
 * Makes one event at a time of each order key due. The others wait behind it. These are steps of a transaction. A step that changes a line locks it
 * first, in a separate statement, as a statement only sees what was there when it began. Events without an order key need no query here.
 */
export class OrderLines {
  readonly #layout: Layout

  constructor(layout: Layout) {
    this.#layout = layout
  }

  /** All transactions lock in the same order, so that no two wait for each other. */
  async lock(ask: Ask, lines: readonly LineName[]): Promise<void> {
    const { schema } = this.#layout
    const names = lines.map(({ source, order_key }) => `hookport ${schema} ${source} ${order_key}`)
    await ask(
      `SELECT pg_advisory_xact_lock(lock) FROM (
         SELECT DISTINCT hashtextextended(name, 0) AS lock FROM unnest($1::text[]) AS names (name) ORDER BY lock) AS locks`,
      [names],
    )
  }

  /**
   * Brings the event whose turn it is to the front, and makes it due. An event that was handed out stays in front. A taking needs no lock: if it
   * takes the one in front at this moment, that one stays in front, and no other comes forward.
   *
   * Only events that were added in this step can be earlier than the one in front. So no other part of a line is read, however long it is.
   *
   * @param lines those of the events that this step has changed, one for each.
   */
  async lineUp(ask: Ask, lines: readonly LineName[]): Promise<void> {
    const { events } = this.#layout.tables
    await ask(
      `WITH ${momentOf(this.#layout)},
       lines AS MATERIALIZED (SELECT DISTINCT source, order_key FROM unnest($1::text[], $2::text[]) AS rows (source, order_key)),
       firsts AS MATERIALIZED (
         SELECT source, order_key, first.* FROM lines CROSS JOIN LATERAL (
           SELECT e.sequence, e.rest FROM ${events} e WHERE e.source = lines.source AND e.order_key = lines.order_key AND ${isInLine}
           ORDER BY e.begun DESC, e.created_at, e.order_rank, e.sequence LIMIT 1) first
         WHERE first.rest = 'behind'),
       fronts AS MATERIALIZED (
         SELECT few.sequence, firsts.source, firsts.order_key FROM firsts CROSS JOIN LATERAL (
           SELECT e.sequence, e.rest FROM ${events} e WHERE e.source = firsts.source AND e.order_key = firsts.order_key AND ${isInLine}
           ORDER BY e.begun DESC, e.created_at, e.order_rank, e.sequence LIMIT $3) few
         WHERE few.rest IS NULL),
       back AS (
         UPDATE ${events} e SET rest = 'behind', rested_at = moment.now, due_at = NULL FROM moment, fronts
         WHERE ${isAmong('e.sequence', 'fronts')} AND e.sequence = fronts.sequence AND e.rest IS NULL AND NOT e.begun RETURNING e.source, e.order_key),
       forward AS (
         UPDATE ${events} e SET rest = NULL, rested_at = NULL, due_at = moment.now FROM moment, firsts
         WHERE ${isAmong('e.sequence', 'firsts')} AND e.sequence = firsts.sequence
           AND ((firsts.source, firsts.order_key) NOT IN (SELECT source, order_key FROM fronts)
             OR (firsts.source, firsts.order_key) IN (SELECT source, order_key FROM back)))
       SELECT now FROM moment`,
      [lines.map(({ source }) => source), lines.map(({ order_key }) => order_key), lines.length + 1],
    )
  }

  /** What verdicts have left to events of these lines, by `nameOfLine`. */
  async newestOf(ask: Ask, lines: readonly LineName[]): Promise<ReadonlyMap<string, NewestHandled>> {
    const rows = await ask<LineName & { handlers: string }>(
      `SELECT source, order_key, handlers FROM ${this.#layout.tables.newest}
       WHERE (source, order_key) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND forgotten_at > ${nowSql}`,
      [lines.map(({ source }) => source), lines.map(({ order_key }) => order_key)],
    )
    return new Map(rows.map((row) => [nameOfLine(row), JSON.parse(row.handlers)]))
  }
}

/** Undefined for an event without an order key. */
export function lineOf({ source, orderKey }: EventRecord): LineName | undefined {
  return orderKey === undefined ? undefined : { source, order_key: encodeText(orderKey) }
}

export function nameOfLine({ source, order_key }: LineName): string {
  return `${source} ${order_key}`
}

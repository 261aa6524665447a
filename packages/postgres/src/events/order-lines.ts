import type { EventRecord, NewestHandled } from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import type { Ask } from '../ask.ts'
import type { Layout } from '../layout/layout.ts'
import { isInLine } from '../layout/second-layout.ts'
import { momentOf, nowSql } from '../sql.ts'

/** An order key of a source. */
export interface LineName {
  readonly source: string
  /** As the table has it. */
  readonly order_key: string
}

/**
 * Lets one event at a time of each order key be due. The others wait behind it. Steps of a transaction: who changes what stands in a line locks it
 * first, in a statement of its own, as a statement sees what was there when it began. Nothing is asked for events that have no order key.
 */
export class OrderLines {
  readonly #layout: Layout

  constructor(layout: Layout) {
    this.#layout = layout
  }

  /** In an order that all share, so that none waits for one that waits for it. */
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
   * Brings the one to the front whose turn it is, and makes it due. One that was handed out stays there. A taking needs no lock: where it begins the one in front
   * at this instant, that one does not step back, and no other steps forward.
   *
   * No more than those that came in this step, and are earlier, stand before the one in front: no more of a line is looked at, however long it is.
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
         WHERE e.sequence = fronts.sequence AND e.rest IS NULL AND NOT e.begun RETURNING e.source, e.order_key),
       forward AS (
         UPDATE ${events} e SET rest = NULL, rested_at = NULL, due_at = moment.now FROM moment, firsts
         WHERE e.sequence = firsts.sequence
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

/** Undefined where its order does not matter. */
export function lineOf({ source, orderKey }: EventRecord): LineName | undefined {
  return orderKey === undefined ? undefined : { source, order_key: encodeText(orderKey) }
}

export function nameOfLine({ source, order_key }: LineName): string {
  return `${source} ${order_key}`
}

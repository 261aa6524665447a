import type { Layout } from './layout/layout.ts'

/** The server's time in milliseconds since 1970. `now()` would be that at which the transaction began. */
export const nowSql = '(extract(epoch FROM clock_timestamp()) * 1000)::float8'

/** How long a statement waits for a row that another has locked. Less than a sender waits. */
const lockMs = 2_000

/**
 * Begins a statement that writes. `moment` has one row, with its time as `now`. It has no row where the layout is not of our version, so that nothing
 * is written then. It also sets the lock timeout, as a single statement has no other place for that.
 */
export function momentOf({ tables, version }: Layout): string {
  return `moment AS MATERIALIZED (
    SELECT ${nowSql} AS now, set_config('lock_timeout', '${lockMs}', true) FROM ${tables.layout} WHERE version = ${version} LIMIT 1)`
}

/** Held by everything that puts or claims. A statement gets a table's lock before it reads anything. */
export function gateOf({ tables }: Layout): string {
  return `gate AS (SELECT FROM ${tables.gate} FOR KEY SHARE)`
}

/**
 * Condition on rows of a table that are joined with a part of the statement: an index finds them. By the join alone, Postgres may read all of the
 * index. After an ANALYZE that found a queue empty it expects a single row in its table, however many dead rows are still there.
 */
export function isAmong(column: string, part: string): string {
  return `${column} = ANY (ARRAY(SELECT ${column.slice(column.indexOf('.') + 1)} FROM ${part}))`
}

/**
 * Ends a query of one row, which is read as it is by now. Otherwise it is as it was when the statement began. If an earlier send of the statement, whose
 * answer was lost, was still under way then, this one has waited for it.
 */
export const asItIsNow = 'FOR SHARE'

/** Ends a query that is joined by LATERAL, so that Postgres runs it for each row, and does not read the whole table for a join of its own. */
export const rowByRow = 'OFFSET 0'

/** Condition on a row of `ids`: its event is kept. Not as EXISTS, for which Postgres may read the whole table. */
export function isKept({ tables }: Layout, ids: string): string {
  return `coalesce((SELECT true FROM ${tables.events} kept WHERE kept.sequence = ${ids}.sequence AND kept.key = ${ids}.key LIMIT 1), false)`
}

/** Condition on a row of `ids`: it was taken on, and is not forgotten. */
export function isRemembered(layout: Layout, ids: string): string {
  return `(${ids}.claim_token IS NULL AND (${ids}.forgotten_at > moment.now OR ${isKept(layout, ids)}))`
}

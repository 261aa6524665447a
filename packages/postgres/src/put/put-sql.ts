import type { Layout } from '../layout/layout.ts'
import { type StoredStatement, storedStatement } from '../layout/stored-statement.ts'
import { gateOf, isKept, isRemembered, momentOf, rowByRow } from '../sql.ts'
import { knownNames, leasedNames, rememberNames } from './known-names.ts'
import { namesSql, putParameters, putRowsSql } from './put-row.ts'

/** The result of a put. If it has none of the three, another statement worked on the same key at the same time, and the put must be repeated. */
export interface PutAnswer {
  readonly accepted: boolean
  /** Null where its own key is not known. */
  readonly conflict: boolean | null
  readonly by_name: boolean
  readonly left_ms: number | null
}

/**
 * Takes events on: their keys, names and records, in one statement. Two puts of the same key at the same time meet in one row of an index, where the
 * later one waits for the earlier one and then finds it.
 *
 * A statement must not have a key twice. An event with an order key is put behind others of that key: see `OrderLines`.
 *
 * @param reconciled whether any event was reconciled. Such a statement has to run alone: see `Puts`.
 */
export function putSql(layout: Layout, reconciled: boolean): string {
  const { ids, events, sequence } = layout.tables
  return `
  WITH ${momentOf(layout)}, ${gateOf(layout)},
  input AS MATERIALIZED (SELECT *, nextval('${sequence}') AS sequence FROM ${putRowsSql}),
  ${knownNames(layout, namesSql)},
  ${reconciled ? leasedNames(layout) : 'leased AS (SELECT NULL::bigint AS ord, NULL::float8 AS left_ms WHERE false)'},
  fresh AS (
    INSERT INTO ${ids} AS i (key, fingerprint, forgotten_at, prune_at, sequence, reconciled)
    SELECT key, fingerprint, now + remember_ms, now + remember_ms, sequence, reconciled FROM moment, input
    WHERE ord NOT IN (SELECT ord FROM known) AND ord NOT IN (SELECT ord FROM leased)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, forgotten_at = excluded.forgotten_at, prune_at = excluded.prune_at,
      sequence = excluded.sequence, reconciled = excluded.reconciled, claim_token = NULL,
      claim_progress = CASE WHEN i.claim_token IS NOT NULL AND i.forgotten_at > (SELECT now FROM moment) THEN i.claim_progress END
    WHERE i.claim_token IS NOT NULL OR (i.forgotten_at <= (SELECT now FROM moment) AND NOT ${isKept(layout, 'i')})
    RETURNING i.key, i.sequence, i.claim_progress AS progress, i.xmax = 0 AS is_new),
  held AS (
    INSERT INTO ${events} (sequence, key, source, tenant, id, type, created_at, received_at, fingerprint, due_at, rest, rested_at, unreadable,
      order_key, order_rank, more, progress, failures, raw_body)
    SELECT fresh.sequence, key, source, tenant, id, type, created_at, received_at, fingerprint,
      CASE WHEN failures IS NULL AND order_key IS NULL THEN now END,
      CASE WHEN failures IS NOT NULL THEN 'dead' WHEN order_key IS NOT NULL THEN 'behind' END,
      CASE WHEN failures IS NOT NULL OR order_key IS NOT NULL THEN now END, unreadable, order_key, order_rank, more, progress, failures, raw_body
    FROM moment, fresh JOIN input USING (key)),
  ${rememberNames(layout)}
  SELECT fresh.key IS NOT NULL AS accepted, own.conflict, known.ord IS NOT NULL AS by_name, leased.left_ms
  FROM moment, input LEFT JOIN fresh USING (key) LEFT JOIN known USING (ord) LEFT JOIN leased USING (ord)
  LEFT JOIN LATERAL (
    SELECT i.fingerprint <> input.fingerprint AND NOT i.reconciled AND NOT input.reconciled AS conflict FROM ${ids} i, moment
    WHERE fresh.key IS NULL AND i.key = input.key AND ${isRemembered(layout, 'i')} ${rowByRow}) own ON true
  ORDER BY input.ord`
}

/** Takes deliveries on. */
export function putStatement(layout: Layout): StoredStatement {
  const columns = [
    ['accepted', 'boolean'],
    ['conflict', 'boolean'],
    ['by_name', 'boolean'],
    ['left_ms', 'float8'],
  ] as const
  return storedStatement(layout.schema, 'put', { parameters: putParameters, columns }, putSql(layout, false))
}

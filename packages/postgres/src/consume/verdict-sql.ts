import { interruptionsUntilAlone } from '@hookport/core/inbox-kit'
import type { Layout } from '../layout/layout.ts'
import { type StoredStatement, storedStatement } from '../layout/stored-statement.ts'
import { asItIsNow, isAmong, momentOf } from '../sql.ts'

const columns = [
  ['sequence', 'bigint'],
  ['token', 'uuid'],
  ['outcome', 'text'],
  ['delay_ms', 'float8'],
  ['progress', 'text'],
  ['failures', 'text'],
  ['attempt_used', 'integer'],
  ['interruptions', 'integer'],
  ['interrupted_alone', 'integer'],
  ['until_wanted', 'boolean'],
  ['again', 'boolean'],
] as const

/** Parameter types of a verdict without an order key. */
export const verdictParameters: readonly string[] = columns.map(([, type]) => `${type}[]`)

/** Parameter types for events that have an order key. */
const orderColumns = [
  ['source', 'text'],
  ['order_key', 'text'],
  ['legacy', 'text'],
  ['remember_ms', 'float8'],
] as const

/**
 * Parts of a statement that ends events and changes others, each if its token is still the current one. `told` says for each whether it was held
 * (`ord`, `held`).
 *
 * A verdict may be sent `again`, after its reply was lost. It was already stored if its token is that of the last verdict, or if the event is gone.
 *
 * @param first number of its first parameter: an array for each column.
 */
export function verdictParts({ tables: { events } }: Layout, first: number, isOrdered = false): string {
  const all = isOrdered ? [...columns, ...orderColumns] : columns
  const arrays = all.map(([, type], index) => `$${first + index}::${type}[]`)
  return `
  input AS MATERIALIZED (
    SELECT * FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS rows (${all.map(([name]) => name).join(', ')}, ord)),
  ended AS (
    DELETE FROM ${events} USING moment, input
    WHERE ${isAmong('events.sequence', 'input')} AND events.sequence = input.sequence AND events.lease_token = input.token
      AND input.outcome = 'done' RETURNING events.sequence),
  changed AS (
    UPDATE ${events} SET lease_token = NULL, last_token = input.token, alone = false, progress = input.progress, failures = input.failures,
      rest = CASE WHEN input.outcome <> 'retry' THEN input.outcome END,
      rested_at = CASE input.outcome WHEN 'retry' THEN NULL WHEN 'handled' THEN moment.now + input.delay_ms ELSE moment.now END,
      due_at = CASE WHEN input.outcome = 'retry' THEN moment.now + input.delay_ms END,
      attempt = events.attempt + coalesce(input.attempt_used, 0), begun = events.begun AND input.outcome = 'retry',
      interruptions = coalesce(input.interruptions, 0), interrupted_alone = coalesce(input.interrupted_alone, 0),
      suspect = coalesce(input.interruptions >= ${interruptionsUntilAlone}, false), until_wanted = coalesce(input.until_wanted, false)
    FROM moment, input
    WHERE ${isAmong('events.sequence', 'input')} AND events.sequence = input.sequence AND events.lease_token = input.token
      AND input.outcome <> 'done' RETURNING events.sequence),
  told AS (
    SELECT input.ord, ended.sequence IS NOT NULL OR changed.sequence IS NOT NULL
      OR (coalesce(input.again, false) AND coalesce((
        SELECT coalesce(last_token = input.token, false) FROM ${events} kept WHERE kept.sequence = input.sequence ${asItIsNow}), true)) AS held
    FROM moment, input LEFT JOIN ended USING (sequence) LEFT JOIN changed USING (sequence))`
}

/** The results of all verdicts in order: 1, or 0 where another consumer has the event. */
export const heldSql = `SELECT string_agg(CASE WHEN held THEN '1' ELSE '0' END, '' ORDER BY ord) FROM told`

/** Stores verdicts. */
export function verdictStatement(layout: Layout): StoredStatement {
  const sql = `
  WITH ${momentOf(layout)},${verdictParts(layout, 1)}
  SELECT held FROM told ORDER BY ord`
  return storedStatement(
    layout.schema,
    'tell',
    { parameters: verdictParameters, columns: [['held', 'boolean']] },
    sql,
  )
}

/** Stores verdicts that end the turns of order keys, and what they leave. The lines must be locked. */
export function orderedVerdictSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},${verdictParts(layout, 1, true)},
  kept AS (
    INSERT INTO ${layout.tables.newest} AS n (source, order_key, handlers, forgotten_at)
    SELECT source, order_key, legacy, now + remember_ms FROM moment, input
    WHERE legacy IS NOT NULL AND sequence IN (SELECT sequence FROM ended UNION ALL SELECT sequence FROM changed)
    ON CONFLICT (source, order_key) DO UPDATE SET handlers = excluded.handlers, forgotten_at = excluded.forgotten_at)
  SELECT held FROM told ORDER BY ord`
}

/** Ends one event, which another event replaces. `gone`: now. `held`: now, or by an earlier send (`$3`) whose reply was lost. */
export function endSql(layout: Layout): string {
  const { events } = layout.tables
  return `
  WITH ${momentOf(layout)},
  gone AS (DELETE FROM ${events} USING moment WHERE sequence = $1 AND lease_token = $2::uuid RETURNING sequence)
  SELECT EXISTS (SELECT FROM gone) AS gone,
    EXISTS (SELECT FROM gone) OR ($3::boolean AND NOT EXISTS (SELECT FROM ${events} WHERE sequence = $1 ${asItIsNow})) AS held
  FROM moment`
}

/** Renews leases. If a lease had run out, and a process without a handler has parked its event, the event is taken back. */
export function renewSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  input AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS rows (sequence, token, ord)),
  renewed AS (
    UPDATE ${layout.tables.events} SET due_at = moment.now + $3::float8, rest = NULL, rested_at = NULL FROM moment, input
    WHERE ${isAmong('events.sequence', 'input')} AND events.sequence = input.sequence AND events.lease_token = input.token
    RETURNING events.sequence)
  SELECT renewed.sequence IS NOT NULL AS held FROM moment, input LEFT JOIN renewed USING (sequence) ORDER BY input.ord`
}

/** It needs no lock of the line, as the holder of the event holds its key. */
export function checkpointSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  changed AS (
    UPDATE ${layout.tables.events} SET progress = $3 FROM moment WHERE sequence = $1 AND lease_token = $2::uuid RETURNING sequence),
  kept AS (
    INSERT INTO ${layout.tables.newest} AS n (source, order_key, handlers, forgotten_at)
    SELECT $4, $5, $6, now + $7::float8 FROM moment WHERE $5::text IS NOT NULL AND $6::text IS NOT NULL AND EXISTS (SELECT FROM changed)
    ON CONFLICT (source, order_key) DO UPDATE SET handlers = excluded.handlers, forgotten_at = excluded.forgotten_at)
  SELECT EXISTS (SELECT FROM changed) AS held FROM moment`
}

/** Ends leases whose events nothing works on. These are not interruptions. */
export function giveBackSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  given_back AS (
    UPDATE ${layout.tables.events} SET due_at = moment.now, lease_token = NULL, alone = false, suspect = interruptions >= ${interruptionsUntilAlone}
    FROM moment WHERE source = $1 AND due_at > moment.now AND lease_token = ANY ($2::uuid[]) RETURNING sequence)
  SELECT count(*)::integer AS given_back FROM moment LEFT JOIN given_back ON true GROUP BY moment.now`
}

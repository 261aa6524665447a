import type { Layout } from '../layout/layout.ts'
import { type StoredStatement, storedStatement } from '../layout/stored-statement.ts'
import { knownNames, rememberNames } from '../put/known-names.ts'
import { asItIsNow, gateOf, isAmong, isKept, isRemembered, momentOf, rowByRow } from '../sql.ts'

/** The result of a claim. If all fields are null, another statement worked on the same key at the same time, and the claim must be made again. */
export interface ClaimAnswer {
  readonly claimed: boolean
  readonly attempt: number
  readonly progress: string | null
  readonly conflict: boolean | null
  readonly by_name: boolean
  readonly left_ms: number | null
}

const inputSql = `unnest($1::text[], $2::bigint[], $3::boolean[], $4::float8[], $5::float8[], $6::uuid[]) WITH ORDINALITY
  AS rows (key, fingerprint, reconciled, remember_ms, lease_ms, token, ord)`

const namesSql = 'unnest($7::bigint[], $8::text[]) AS others (ord, name)'

/** Takes leases on events that are handled before they are acknowledged. A claim whose reply was lost is found when it is made again. */
function claimSql(layout: Layout): string {
  const { ids } = layout.tables
  const now = '(SELECT now FROM moment)'
  const goesOn = `i.claim_token IS NOT NULL AND i.forgotten_at > ${now}`
  const forgottenAt = 'now + greatest(remember_ms, lease_ms)'
  return `
  WITH ${momentOf(layout)}, ${gateOf(layout)},
  input AS MATERIALIZED (SELECT * FROM ${inputSql}),
  ${knownNames(layout, namesSql)},
  fresh AS (
    INSERT INTO ${ids} AS i (key, fingerprint, forgotten_at, prune_at, reconciled, claim_token, claim_until, claim_attempt)
    SELECT key, fingerprint, ${forgottenAt}, ${forgottenAt}, reconciled, token, now + lease_ms, 1 FROM moment, input
    WHERE ord NOT IN (SELECT ord FROM known)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, forgotten_at = excluded.forgotten_at, prune_at = excluded.prune_at,
      reconciled = excluded.reconciled, claim_token = excluded.claim_token, claim_until = excluded.claim_until,
      claim_attempt = CASE WHEN ${goesOn} THEN i.claim_attempt ELSE 1 END, claim_progress = CASE WHEN ${goesOn} THEN i.claim_progress END
    WHERE (i.claim_token IS NOT NULL AND (i.claim_until <= ${now} OR i.claim_token = excluded.claim_token))
      OR (i.claim_token IS NULL AND i.forgotten_at <= ${now} AND NOT ${isKept(layout, 'i')})
    RETURNING i.key, i.claim_attempt AS attempt, i.claim_progress AS progress, i.xmax = 0 AS is_new),
  ${rememberNames(layout)}
  SELECT fresh.key IS NOT NULL AS claimed, fresh.attempt, fresh.progress, own.conflict, known.ord IS NOT NULL AS by_name, own.left_ms
  FROM moment, input LEFT JOIN fresh USING (key) LEFT JOIN known USING (ord)
  LEFT JOIN LATERAL (
    SELECT CASE WHEN ${isRemembered(layout, 'i')} THEN i.fingerprint <> input.fingerprint AND NOT i.reconciled AND NOT input.reconciled END AS conflict,
      CASE WHEN i.claim_token IS NOT NULL AND i.claim_until > moment.now THEN i.claim_until - moment.now END AS left_ms
    FROM ${ids} i, moment WHERE fresh.key IS NULL AND i.key = input.key ${rowByRow}) own ON true
  ORDER BY input.ord`
}

export function claimStatement(layout: Layout): StoredStatement {
  const parameters = [
    'text[]',
    'bigint[]',
    'boolean[]',
    'float8[]',
    'float8[]',
    'uuid[]',
    'bigint[]',
    'text[]',
  ]
  const columns = [
    ['claimed', 'boolean'],
    ['attempt', 'integer'],
    ['progress', 'text'],
    ['conflict', 'boolean'],
    ['by_name', 'boolean'],
    ['left_ms', 'float8'],
  ] as const
  return storedStatement(layout.schema, 'claim', { parameters, columns }, claimSql(layout))
}

/** Condition on a row of `ids`: it is claimed under a token of `input`, and that lease still runs. */
const isHeld = `${isAmong('i.key', 'input')} AND i.key = input.key AND i.claim_token = input.token AND i.claim_until > moment.now`

/**
 * Whether each lease was held.
 *
 * @param before condition on its row of `ids`: the statement has changed it before. It counts where it is sent `again`, after its answer was lost.
 */
function heldSql({ tables: { ids } }: Layout, before: string): string {
  return `SELECT changed.key IS NOT NULL
      OR (input.again AND coalesce((SELECT ${before} FROM ${ids} i WHERE i.key = input.key ${asItIsNow}), false)) AS held
  FROM moment, input LEFT JOIN changed USING (key) ORDER BY input.ord`
}

/** An earlier send has ended the claim, or another process has taken the event on since. It is handled or kept in both cases. */
export const isClaimOver = 'i.claim_token IS NULL'

/** Renews leases. */
export function renewSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  input AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::float8[], $4::boolean[]) WITH ORDINALITY AS rows (key, token, lease_ms, again, ord)),
  changed AS (
    UPDATE ${layout.tables.ids} i SET claim_until = now + lease_ms, forgotten_at = greatest(i.forgotten_at, now + lease_ms)
    FROM moment, input WHERE ${isHeld} RETURNING i.key)
  ${heldSql(layout, 'false')}`
}

/** Ends leases, so that the next claim tries again. */
export function releaseSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  input AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::integer[], $5::boolean[]) WITH ORDINALITY
      AS rows (key, token, progress, attempt, again, ord)),
  changed AS (
    UPDATE ${layout.tables.ids} i SET claim_until = 0, claim_progress = progress, claim_attempt = attempt
    FROM moment, input WHERE ${isHeld} RETURNING i.key)
  ${heldSql(layout, 'i.claim_token = input.token AND i.claim_until = 0')}`
}

/** Claimed events are handled: their keys are remembered. */
export function confirmStatement(layout: Layout): StoredStatement {
  const parameters = ['text[]', 'uuid[]', 'bigint[]', 'float8[]', 'boolean[]']
  const sql = `
  WITH ${momentOf(layout)},
  input AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::float8[], $5::boolean[]) WITH ORDINALITY
      AS rows (key, token, fingerprint, remember_ms, again, ord)),
  changed AS (
    UPDATE ${layout.tables.ids} i SET claim_token = NULL, claim_progress = NULL, fingerprint = input.fingerprint,
      forgotten_at = now + remember_ms, prune_at = now + remember_ms, sequence = NULL
    FROM moment, input WHERE ${isHeld} RETURNING i.key)
  ${heldSql(layout, isClaimOver)}`
  return storedStatement(layout.schema, 'confirm', { parameters, columns: [['held', 'boolean']] }, sql)
}

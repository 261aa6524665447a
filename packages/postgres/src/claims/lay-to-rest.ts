import type { Burial, EventRecord, Lease } from '@hookport/core'
import type { Database } from '../connection/database.ts'
import { encodeFailures, encodeProgress } from '../events/event-row.ts'
import { knownNames } from '../put/known-names.ts'
import { namesSql, putRowsSql, sendRow, toPutRow, valuesOf } from '../put/put-row.ts'
import { asItIsNow, gateOf, momentOf } from '../sql.ts'
import { isClaimOver } from './claim-sql.ts'

/** The first parameter after those of a row. */
const next = 19

/**
 * Keeps a claimed event, dead or parked, in place of its claim. If it was reconciled in the meantime, it is kept or handled under its other name, and
 * only the claim ends. False, with nothing changed, if the lease is lost.
 */
export async function layToRest(
  database: Database,
  { key, token, attempt }: Lease,
  event: EventRecord,
  { progress, failures, rememberMs }: Burial,
  rest: 'dead' | 'parked',
): Promise<boolean> {
  const { layout } = database
  const { ids, events, sequence } = layout.tables
  const sql = `
  WITH ${momentOf(layout)}, ${gateOf(layout)},
  input AS MATERIALIZED (SELECT *, nextval('${sequence}') AS sequence FROM ${putRowsSql}),
  ${knownNames(layout, namesSql)},
  ended AS (
    UPDATE ${ids} i SET claim_token = NULL, claim_progress = NULL, fingerprint = input.fingerprint,
      sequence = CASE WHEN known.ord IS NULL THEN input.sequence END,
      forgotten_at = now + remember_ms, prune_at = now + remember_ms
    FROM moment, input LEFT JOIN known USING (ord)
    WHERE i.key = $${next} AND i.claim_token = $${next + 1} AND i.claim_until > moment.now
    RETURNING i.key, i.sequence),
  held AS (
    INSERT INTO ${events} (sequence, key, source, tenant, id, type, created_at, received_at, fingerprint, rest, rested_at, unreadable,
      order_key, order_rank, more, raw_body, attempt, progress, failures)
    SELECT ended.sequence, key, source, tenant, id, type, created_at, received_at, fingerprint, $${next + 2}, now, unreadable,
      order_key, order_rank, more, raw_body, $${next + 3}, $${next + 4}, $${next + 5}
    FROM moment, ended JOIN input USING (key) WHERE ended.sequence IS NOT NULL)
  SELECT ended.key IS NOT NULL
      OR ($${next + 6}::boolean AND coalesce((SELECT ${isClaimOver} FROM ${ids} i WHERE i.key = $${next} ${asItIsNow}), false)) AS held
  FROM moment, input LEFT JOIN ended USING (key)`
  const own = [key, token, rest, attempt, encodeProgress(progress), encodeFailures(failures)]
  let isSent = false
  return sendRow(toPutRow(event, { rememberMs }), async (row) => {
    const values = () => {
      const again = isSent
      isSent = true
      return [...valuesOf([row]), ...own, again]
    }
    const [answer] = await database.write<{ held: boolean }>(sql, values, { urgent: true })
    return answer?.held === true
  })
}

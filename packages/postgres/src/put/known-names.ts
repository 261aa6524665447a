import type { Layout } from '../layout/layout.ts'
import { isAmong, isRemembered, rowByRow } from '../sql.ts'

/**
 * Parts of a statement that puts or claims the rows of `input` (`ord`, `key`, `reconciled`).
 *
 * `names`: all names of each row. `owners`: keys that have one of them, its own included. `known`: rows whose event was taken on under another of its
 * names. Names match a delivery with its reconciled event. Two events of the same origin are never matched by a name.
 */
export function knownNames(layout: Layout, namesSql: string): string {
  const { ids, aliases } = layout.tables
  return `names AS MATERIALIZED (
    SELECT ord, key AS name FROM input UNION SELECT ord, name FROM ${namesSql}),
  owners AS MATERIALIZED (
    SELECT ord, name AS key FROM names UNION SELECT names.ord, a.key FROM names
      CROSS JOIN LATERAL (SELECT key FROM ${aliases} WHERE aliases.name = names.name ${rowByRow}) a),
  known AS MATERIALIZED (
    SELECT DISTINCT input.ord
    FROM moment, owners JOIN input ON input.ord = owners.ord AND input.key <> owners.key
    CROSS JOIN LATERAL (SELECT * FROM ${ids} WHERE ids.key = owners.key ${rowByRow}) i
    WHERE i.reconciled <> input.reconciled AND ${isRemembered(layout, 'i')})`
}

/** A part that says how long a lease still runs on a delivery that has a name of a reconciled event. */
export function leasedNames({ tables: { ids } }: Layout): string {
  return `leased AS MATERIALIZED (
    SELECT owners.ord, max(i.claim_until - moment.now) AS left_ms
    FROM moment, owners CROSS JOIN LATERAL (SELECT * FROM ${ids} WHERE ids.key = owners.key ${rowByRow}) i
    WHERE i.claim_token IS NOT NULL AND NOT i.reconciled AND i.claim_until > moment.now AND i.forgotten_at > moment.now
    GROUP BY owners.ord)`
}

/** How many deliveries a name may have. One event has one, or two where its sender gave it two ids. Each put reads all of them. */
const mostDeliveries = 16

/** Parts that store the other names of the events that `fresh` has taken on (`key`, `is_new`), in place of the key's earlier names. */
export function rememberNames({ tables: { aliases } }: Layout): string {
  return `stale AS (
    DELETE FROM ${aliases} a USING fresh WHERE NOT fresh.is_new AND ${isAmong('a.key', 'fresh')} AND a.key = fresh.key
      AND NOT EXISTS (SELECT FROM names JOIN input USING (ord) WHERE input.key = a.key AND names.name = a.name)),
  named AS (
    INSERT INTO ${aliases} (name, key)
    SELECT names.name, fresh.key FROM fresh JOIN input USING (key) JOIN names USING (ord) WHERE names.name <> fresh.key
      AND (input.reconciled OR (SELECT count(*) FROM (SELECT FROM ${aliases} o WHERE o.name = names.name LIMIT ${mostDeliveries}) few) < ${mostDeliveries})
    ORDER BY names.name, fresh.key ON CONFLICT DO NOTHING)`
}

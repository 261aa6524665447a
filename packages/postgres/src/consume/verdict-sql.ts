import { interruptionsUntilAlone } from '@hookport/core/inbox-kit'
import type { Layout } from '../layout/layout.ts'
import { momentOf } from '../sql.ts'

/** Ends events and changes others, each if its token still stands. */
export function verdictSql(layout: Layout): string {
  const { events } = layout.tables
  return `
  WITH ${momentOf(layout)},
  input AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::float8[], $5::text[], $6::text[], $7::integer[], $8::integer[], $9::integer[], $10::boolean[])
      WITH ORDINALITY AS rows (sequence, token, outcome, delay_ms, progress, failures, attempt_used, interruptions, interrupted_alone, until_wanted, ord)),
  ended AS (
    DELETE FROM ${events} USING moment, input
    WHERE events.sequence = input.sequence AND events.lease_token = input.token AND input.outcome = 'done' RETURNING events.sequence),
  changed AS (
    UPDATE ${events} SET lease_token = NULL, alone = false, progress = input.progress, failures = input.failures,
      rest = CASE WHEN input.outcome <> 'retry' THEN input.outcome END,
      rested_at = CASE WHEN input.outcome <> 'retry' THEN moment.now END,
      due_at = CASE WHEN input.outcome = 'retry' THEN moment.now + input.delay_ms END,
      attempt = events.attempt + input.attempt_used,
      interruptions = input.interruptions, interrupted_alone = input.interrupted_alone,
      suspect = input.interruptions >= ${interruptionsUntilAlone}, until_wanted = input.until_wanted
    FROM moment, input
    WHERE events.sequence = input.sequence AND events.lease_token = input.token AND input.outcome <> 'done' RETURNING events.sequence)
  SELECT ended.sequence IS NOT NULL OR changed.sequence IS NOT NULL AS held
  FROM moment, input LEFT JOIN ended USING (sequence) LEFT JOIN changed USING (sequence) ORDER BY input.ord`
}

/** Starts leases anew. What a process without a handler has parked meanwhile, as its lease had run out, is taken back. */
export function renewSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  input AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::uuid[]) WITH ORDINALITY AS rows (sequence, token, ord)),
  renewed AS (
    UPDATE ${layout.tables.events} SET due_at = moment.now + $3::float8, rest = NULL, rested_at = NULL FROM moment, input
    WHERE events.sequence = input.sequence AND events.lease_token = input.token RETURNING events.sequence)
  SELECT renewed.sequence IS NOT NULL AS held FROM moment, input LEFT JOIN renewed USING (sequence) ORDER BY input.ord`
}

export function checkpointSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  changed AS (
    UPDATE ${layout.tables.events} SET progress = $3 FROM moment WHERE sequence = $1 AND lease_token = $2::uuid RETURNING sequence)
  SELECT EXISTS (SELECT FROM changed) AS held FROM moment`
}

/** Ends leases under which nobody works. They are no interruptions. */
export function giveBackSql(layout: Layout): string {
  return `
  WITH ${momentOf(layout)},
  given_back AS (
    UPDATE ${layout.tables.events} SET due_at = moment.now, lease_token = NULL, alone = false, suspect = interruptions >= ${interruptionsUntilAlone}
    FROM moment WHERE source = $1 AND due_at > moment.now AND lease_token = ANY ($2::uuid[]) RETURNING sequence)
  SELECT count(*)::integer AS given_back FROM moment LEFT JOIN given_back ON true GROUP BY moment.now`
}

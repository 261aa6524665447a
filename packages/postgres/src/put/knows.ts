import type { Database } from '../connection/database.ts'
import { inAscii } from '../events/event-row.ts'
import { isRemembered, nowSql } from '../sql.ts'

/** Whether something was taken on under one of these keys and aliases, of whatever origin, and is remembered or kept. */
export async function knows(database: Database, names: readonly string[]): Promise<boolean> {
  const { layout } = database
  const { ids, aliases } = layout.tables
  const [answer] = await database.ask<{ known: boolean }>(
    `WITH moment AS MATERIALIZED (SELECT ${nowSql} AS now),
    owners AS MATERIALIZED (
      SELECT unnest($1::text[]) AS key UNION SELECT key FROM ${aliases} WHERE name = ANY ($1::text[]))
    SELECT EXISTS (SELECT FROM moment, owners JOIN ${ids} i USING (key) WHERE ${isRemembered(layout, 'i')}) AS known`,
    [names.map(inAscii)],
  )
  return answer?.known === true
}

import type { TakeRequest } from '@hookport/core/inbox-kit'
import type { Database } from '../connection/database.ts'
import { type LineName, OrderLines } from '../events/order-lines.ts'
import { momentOf } from '../sql.ts'
import { waitingSql } from './waiting-sql.ts'

const placeholders = { source: '$1', running: '$2', types: '$3', limit: '$4' }

/**
 * Finds waiting events that have an order key and a type that is now wanted. They are parked, or scheduled until wanted. Each is put in the line of
 * its key, and taken from there. Answers whether there may be more.
 *
 * @param types those that are wanted, as the table has them. NULL for all.
 */
export async function lineUpWaiting(
  database: Database,
  { source, limit, running }: TakeRequest,
  types: string[] | null,
): Promise<boolean> {
  if (limit === 0) return false
  const { layout } = database
  const { events } = layout.tables
  const found = await database.ask<LineName & { sequence: string }>(
    `SELECT sequence::text, source, order_key FROM ${events}
     WHERE sequence = ANY (ARRAY(${waitingSql(events, placeholders)})) AND order_key IS NOT NULL
     ORDER BY events.sequence LIMIT $4`,
    [source, [...running], types, limit],
  )
  if (found.length === 0) return false
  const lines = new OrderLines(layout)
  await database.writeTransaction(async (ask) => {
    await lines.lock(ask, found)
    const rows = await ask<{ now: number }>(
      `WITH ${momentOf(layout)}, in_line AS (
         UPDATE ${events} e SET until_wanted = false, due_at = CASE WHEN rest IS NULL THEN moment.now END,
           rested_at = CASE WHEN rest IS NOT NULL THEN moment.now END, rest = CASE WHEN rest IS NOT NULL THEN 'behind' END
         FROM moment WHERE sequence = ANY ($1::bigint[]) AND (rest = 'parked' OR until_wanted))
       SELECT now FROM moment`,
      [found.map(({ sequence }) => sequence)],
    )
    await lines.lineUp(ask, found)
    return rows
  })
  return found.length === limit
}

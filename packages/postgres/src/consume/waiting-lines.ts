import type { TakeRequest } from '@hookport/core/inbox-kit'
import type { Database } from '../connection/database.ts'
import { type LineName, OrderLines } from '../events/order-lines.ts'
import { momentOf } from '../sql.ts'
import { waitingSql } from './waiting-sql.ts'

type Waiting = LineName & { readonly sequence: string }

const placeholders = { source: '$1', running: '$2', types: '$3', limit: '$4' }

/** Looking through all that waits takes up a twentieth of the time at most. */
const shareOfTime = 0.05

/** Puts waiting events that have an order key, and a type that is now wanted, in the lines of their keys. They are parked, or scheduled until wanted. */
export class WaitingLines {
  readonly #database: Database
  /** The types of the last look. */
  #lookedFor: string | undefined
  #nextAt = 0

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * They are taken from there. Answers whether there may be more. None is looked for shortly after a look that took long, and found all.
   *
   * @param types those that are wanted, as the table has them. NULL for all.
   */
  async lineUp(request: TakeRequest, types: string[] | null): Promise<boolean> {
    const startedAt = performance.now()
    const lookedFor = String(types)
    if (request.limit === 0 || (lookedFor === this.#lookedFor && startedAt < this.#nextAt)) return false
    const found = await this.#find(request, types)
    const endedAt = performance.now()
    const isMore = found.length === request.limit
    this.#lookedFor = lookedFor
    this.#nextAt = isMore ? 0 : endedAt + (endedAt - startedAt) / shareOfTime
    if (found.length > 0) await this.#putInLine(found)
    return isMore
  }

  #find({ source, limit, running }: TakeRequest, types: string[] | null): Promise<Waiting[]> {
    const { events } = this.#database.layout.tables
    return this.#database.ask<Waiting>(
      `SELECT sequence::text, source, order_key FROM ${events}
       WHERE sequence = ANY (ARRAY(${waitingSql(events, placeholders, true)}))
       ORDER BY events.sequence LIMIT $4`,
      [source, [...running], types, limit],
    )
  }

  async #putInLine(found: readonly Waiting[]): Promise<void> {
    const { layout } = this.#database
    const lines = new OrderLines(layout)
    await this.#database.writeTransaction(async (ask) => {
      await lines.lock(ask, found)
      const rows = await ask<{ now: number }>(
        `WITH ${momentOf(layout)}, in_line AS (
           UPDATE ${layout.tables.events} e SET until_wanted = false, due_at = CASE WHEN rest IS NULL THEN moment.now END,
             rested_at = CASE WHEN rest IS NOT NULL THEN moment.now END, rest = CASE WHEN rest IS NOT NULL THEN 'behind' END
           FROM moment WHERE sequence = ANY ($1::bigint[]) AND (rest = 'parked' OR until_wanted))
         SELECT now FROM moment`,
        [found.map(({ sequence }) => sequence)],
      )
      await lines.lineUp(ask, found)
      return rows
    })
  }
}

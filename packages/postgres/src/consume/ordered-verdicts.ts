import type { Verdict } from '@hookport/core'
import type { Database } from '../connection/database.ts'
import { Gather } from '../connection/gather.ts'
import { type LineName, OrderLines } from '../events/order-lines.ts'
import { columnsOf, isToldAgain, type LeasedEvent, orderRow, type Told, verdictRow } from './taken-event.ts'
import { orderedVerdictSql } from './verdict-sql.ts'

interface OrderedTold extends Told {
  readonly line: LineName
  readonly order: readonly unknown[]
}

/** Verdicts that end the turn of an order key, or leave something to its later events. Those of the same moment share one transaction. */
export class OrderedVerdicts {
  readonly #database: Database
  readonly #lines: OrderLines
  readonly #told: Gather<OrderedTold, boolean>

  constructor(database: Database) {
    this.#database = database
    this.#lines = new OrderLines(database.layout)
    this.#told = new Gather((told) => this.#tell(told))
  }

  /** False where another consumer has the event. */
  add(
    taken: LeasedEvent,
    line: LineName,
    verdict: Exclude<Verdict, { outcome: 'replace' }>,
  ): Promise<boolean> {
    return this.#told.add({ taken, row: verdictRow(taken, verdict), line, order: orderRow(line, verdict) })
  }

  /** The lines are locked before anything is read, and the next event of each is made due in the same step. */
  async #tell(told: readonly OrderedTold[]): Promise<boolean[]> {
    const lines = told.map(({ line }) => line)
    const answers = await this.#database.writeTransaction<{ held: boolean }>(async (ask) => {
      await this.#lines.lock(ask, lines)
      const rows = told.map(({ taken, row, order }) => [...row, isToldAgain(taken), ...order])
      const held = await ask<{ held: boolean }>(orderedVerdictSql(this.#database.layout), columnsOf(rows))
      await this.#lines.lineUp(ask, lines)
      return held
    })
    return answers.map(({ held }) => held)
  }
}

import type { Verdict } from '@hookport/core'
import type { Database } from '../connection/database.ts'
import { type Drawn, Gather } from '../connection/gather.ts'
import { lineOf } from '../events/order-lines.ts'
import { type PutRow, sendRow, toPutRow } from '../put/put-row.ts'
import type { Puts } from '../put/puts.ts'
import { OrderedVerdicts } from './ordered-verdicts.ts'
import { columnsOf, isToldAgain, type LeasedEvent, type Told, verdictRow } from './taken-event.ts'
import { endSql, verdictStatement } from './verdict-sql.ts'

/** Tells the database the verdicts of one consumer. Verdicts of one moment go in one statement, or with the next taking. */
export class Verdicts {
  readonly #database: Database
  readonly #puts: Puts
  readonly #gathered: Gather<Told, boolean>
  readonly #ordered: OrderedVerdicts

  constructor(database: Database, puts: Puts) {
    this.#database = database
    this.#puts = puts
    const statement = verdictStatement(database.layout)
    this.#gathered = new Gather(async (told) => {
      const answers = await database.write<{ held: boolean }>(statement, () => this.valuesOf(told))
      return answers.map(({ held }) => held)
    })
    this.#ordered = new OrderedVerdicts(database)
  }

  /** False where another has the event. */
  async tell(taken: LeasedEvent, verdict: Verdict): Promise<boolean> {
    if (verdict.outcome === 'replace') return this.#replace(taken, verdict)
    const line = lineOf(taken.event)
    if (line && (verdict.outcome !== 'retry' || verdict.legacy))
      return this.#ordered.add(taken, line, verdict)
    const row = verdictRow(taken, verdict)
    return this.#gathered.add({ taken, row }, String(row[4]).length + String(row[5]).length)
  }

  /** Until `letGo`, waiting verdicts are left to a taking that is about to `draw` them. */
  holdBack(): void {
    this.#gathered.isHeldBack = true
  }

  letGo(): void {
    this.#gathered.letGo()
  }

  /** Takes out the waiting verdicts, to be told with a taking. Undefined if none wait. */
  draw(): Drawn<Told, boolean> | undefined {
    return this.#gathered.draw()
  }

  /** As columns of a statement that is about to be sent. */
  valuesOf(told: readonly Told[]): unknown[] {
    return columnsOf(told.map(({ taken, row }) => [...row, isToldAgain(taken)]))
  }

  #replace(
    taken: LeasedEvent,
    { event, rememberMs }: Extract<Verdict, { outcome: 'replace' }>,
  ): Promise<boolean> {
    return sendRow(toPutRow(event, { rememberMs }), (row) => this.#replaceBy(taken, row))
  }

  /** Both halves, or none where another has the event, or has migrated the layout to a newer version. */
  async #replaceBy(taken: LeasedEvent, row: PutRow): Promise<boolean> {
    const { sequence, token } = taken
    const [answer] = await this.#database.writeTransaction<{ gone: boolean; held: boolean }>(async (ask) => {
      const values = [sequence, token, isToldAgain(taken) ?? false]
      const rows = await ask<{ gone: boolean; held: boolean }>(endSql(this.#database.layout), values)
      if (rows[0]?.gone) await this.#puts.putWithin(ask, row)
      return rows
    })
    return answer?.held === true
  }
}

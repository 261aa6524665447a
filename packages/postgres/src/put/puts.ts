import type { EventRecord, PutOptions, PutResult } from '@hookport/core'
import type { Database } from '../connection/database.ts'
import { Gather, senderWaitsMs } from '../connection/gather.ts'
import { type LineName, OrderLines } from '../events/order-lines.ts'
import type { Ask, Statement } from '../layout/stored-statement.ts'
import { type PutRow, sendRow, toPutRow, valuesOf } from './put-row.ts'
import { type PutAnswer, putSql, putStatement } from './put-sql.ts'

/** How often a put is repeated after a conflict with another statement. The next attempt finds what the other has done. */
const mostTries = 5

/** Takes events on. Puts at the same time share one statement. */
export class Puts {
  readonly #database: Database
  readonly #putStatement: Statement
  readonly #reconcileSql: string
  readonly #deliveries: Gather<PutRow, PutResult>
  readonly #reconciled: Gather<PutRow, PutResult>
  readonly #ordered: Gather<PutRow, PutResult>
  readonly #lines: OrderLines

  constructor(database: Database) {
    this.#database = database
    this.#putStatement = putStatement(database.layout)
    this.#reconcileSql = putSql(database.layout, true)
    const isApart = ({ key }: PutRow) => key
    this.#lines = new OrderLines(database.layout)
    this.#deliveries = new Gather((rows) => this.#put(rows), { isApart, mostWaitMs: senderWaitsMs })
    this.#reconciled = new Gather((rows) => this.#reconcile(rows), { isApart, mostUnderWay: 1 })
    const lineOf = ({ source, orderKey }: PutRow) => `${source}:${orderKey}`
    this.#ordered = new Gather((rows) => this.#putInOrder(rows), {
      ...{ isApart, lineOf, mostWaitMs: senderWaitsMs },
    })
  }

  async put(event: EventRecord, options: PutOptions): Promise<PutResult> {
    const row = toPutRow(event, options)
    const isOrdered = row.orderKey !== null && !row.reconciled
    const gather = row.reconciled ? this.#reconciled : isOrdered ? this.#ordered : this.#deliveries
    const bytes = 200 + row.rawBody.length
    return sendRow(row, (one) => gather.add(one, bytes))
  }

  /**
   * As one step of a transaction.
   *
   * @throws where the layout has become newer since the transaction began, so that its earlier steps don't take place either.
   */
  async putWithin(ask: Ask, row: PutRow): Promise<void> {
    const answers = await this.#putInLine(ask, [row])
    if (answers.length === 0)
      throw new Error('postgresInbox: the layout of its tables was changed while an event was put')
  }

  #put(rows: readonly PutRow[]): Promise<PutResult[]> {
    return this.#settle(rows, (some) =>
      this.#database.write<PutAnswer>(this.#putStatement, valuesOf(some), { urgent: true }),
    )
  }

  /**
   * Reconciled events may have the names of deliveries that are being put, in rows that do not exist yet. So they are put while nothing else is: a
   * few milliseconds for everything that a listing has brought.
   */
  #reconcile(rows: readonly PutRow[]): Promise<PutResult[]> {
    return this.#settle(rows, (some) =>
      this.#database.writeTransaction((ask) => this.#putInLine(ask, some), { urgent: true }),
    )
  }

  #putInOrder(rows: readonly PutRow[]): Promise<PutResult[]> {
    return this.#settle(rows, (some) =>
      this.#database.writeTransaction((ask) => this.#putInLine(ask, some), { urgent: true }),
    )
  }

  /**
   * All of one origin. The lines of their order keys are locked before anything is read, and before the gate. Deliveries take both locks in this
   * order; another order would be a deadlock.
   */
  async #putInLine(ask: Ask, rows: readonly PutRow[]): Promise<PutAnswer[]> {
    const isReconciled = rows[0]?.reconciled === true
    const lines = rows.flatMap(({ source, orderKey }): LineName[] =>
      orderKey === null ? [] : [{ source, order_key: orderKey }],
    )
    if (lines.length > 0) await this.#lines.lock(ask, lines)
    if (isReconciled) await this.#beAlone(ask)
    const answers = await ask<PutAnswer>(
      isReconciled ? this.#reconcileSql : this.#putStatement,
      valuesOf(rows),
    )
    if (lines.length > 0) await this.#lines.lineUp(ask, lines)
    return answers
  }

  async #beAlone(ask: Ask): Promise<void> {
    await ask(`LOCK TABLE ${this.#database.layout.tables.gate} IN EXCLUSIVE MODE`)
  }

  async #settle(
    rows: readonly PutRow[],
    put: (rows: readonly PutRow[]) => Promise<PutAnswer[]>,
  ): Promise<PutResult[]> {
    const results: (PutResult | undefined)[] = rows.map(() => undefined)
    for (let tries = 0; tries < mostTries; tries++) {
      const open = rows.flatMap((row, index) => (results[index] ? [] : [{ row, index }]))
      if (open.length === 0) break
      const answers = await put(open.map(({ row }) => row))
      for (const [place, { index }] of open.entries()) results[index] = resultOf(answers[place] as PutAnswer)
    }
    if (results.includes(undefined))
      throw new Error('postgresInbox: a put met conflicting statements again and again')
    return results as PutResult[]
  }
}

function resultOf({ accepted, conflict, by_name, left_ms }: PutAnswer): PutResult | undefined {
  if (accepted) return { outcome: 'accepted' }
  if (conflict !== null) return { outcome: 'duplicate', conflict }
  if (by_name) return { outcome: 'duplicate', conflict: false }
  return left_ms === null ? undefined : { outcome: 'in_progress', retryAfterMs: Math.ceil(left_ms) }
}

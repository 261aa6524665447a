import { setTimeout as sleep } from 'node:timers/promises'
import type { Layout } from '../layout/layout.ts'
import type { Ask, Statement, StoredStatement } from '../layout/stored-statement.ts'
import type { PostgresClient } from '../pool.ts'
import type { Connections } from './connections.ts'
import { explainError } from './explain-error.ts'
import { inTime, TooLate } from './in-time.ts'
import {
  isCollision,
  isConnectionLoss,
  isCrowded,
  isMissing,
  isOfStatement,
  isReadTimeout,
  isUnknownFunction,
} from './kinds-of-error.ts'
import { ownTypes } from './read-value.ts'
import { StoredFunctions } from './stored-functions.ts'

/** Who waits for a statement, and how long it may take. */
export interface Terms {
  /** A sender waits for it, and will hang up. It goes before work on events. */
  readonly urgent?: boolean
  /** Milliseconds, retries included. */
  readonly timeoutMs?: number
}

/** Less than the receiver's `acceptTimeout` of 3 s, so that the sender gets a 503 and need not wait. */
const urgentMs = 2_500
/** For everything that no sender waits for. */
const patientMs = 15_000
/** How long statements may go on once nobody waits for them any more. */
const farewellMs = 1_000
/** After a statement that took too long, the server is told the time limit of the next ones, for this long. */
const cautionMs = 60_000
/** Random, so that statements that collided don't meet again. */
const pauseMs = { from: 5, to: 50 }
const crowdedPauseMs = { from: 50, to: 300 }

/**
 * The database of an inbox. Each statement is one round trip and its own transaction. Nothing is prepared or set in a session, so that the next
 * statement can use any connection. Stored statements are called by their functions, where those exist.
 */
export class Database {
  readonly layout: Layout
  readonly #connections: Connections
  readonly #functions: StoredFunctions
  readonly #underWay = new Set<Promise<unknown>>()
  #cautiousUntil = 0
  /** By default, transactions see nothing that was committed after they began. A statement that waits for a lock has to see it. */
  #isIsolated = false
  #isLeaving = false

  /** @param stored statements that are called as functions, where those exist. */
  constructor(connections: Connections, layout: Layout, stored: readonly StoredStatement[] = []) {
    this.#connections = connections
    this.#functions = new StoredFunctions(layout.schema, stored)
    this.layout = layout
  }

  /** Runs a statement. It is sent again if the connection broke or it collided with another. So it must do no harm when it runs twice. */
  async ask<Row>(
    statement: Statement | (() => Statement),
    values: unknown[] | (() => unknown[]) = [],
    terms: Terms = {},
  ): Promise<Row[]> {
    return this.#again(terms, async (client, timeoutMs) => {
      const text = typeof statement === 'function' ? statement() : statement
      const parameters = typeof values === 'function' ? values() : values
      if (!this.#isIsolated && performance.now() >= this.#cautiousUntil)
        return this.#send<Row>(client, text, parameters, timeoutMs)
      return this.#inTransaction(client, timeoutMs, (ask) => ask<Row>(text, parameters))
    })
  }

  /** As `ask`, whether or not the tables exist. */
  look<Row>(sql: string): Promise<Row[]> {
    return this.#again({}, (client, timeoutMs) => this.#send<Row>(client, sql, [], timeoutMs), false)
  }

  /**
   * As `ask`, for a statement that begins with `moment`. It returns at least one row, unless another process has migrated the layout to a version
   * that this process does not know.
   */
  async write<Row>(...statement: Parameters<Database['ask']>): Promise<Row[]> {
    return this.#understood(() => this.ask<Row>(...statement))
  }

  async writeTransaction<Row>(run: (ask: Ask) => Promise<Row[]>, terms: Terms = {}): Promise<Row[]> {
    return this.#understood(() => this.transaction(run, terms))
  }

  async #understood<Row>(write: () => Promise<Row[]>): Promise<Row[]> {
    const rows = await write()
    if (rows.length > 0) return rows
    this.layout.doubt()
    const again = await write()
    if (again.length > 0) return again
    throw new Error('postgresInbox: the layout of its tables was changed while it was in use')
  }

  /** As `ask`, for several statements that are committed together or not at all. */
  async transaction<Result>(run: (ask: Ask) => Promise<Result>, terms: Terms = {}): Promise<Result> {
    return this.#again(terms, (client, timeoutMs) => this.#inTransaction(client, timeoutMs, run))
  }

  /** Resolves once no statement runs, or after a second. None is sent again from now on. */
  async leave(): Promise<void> {
    this.#isLeaving = true
    const settled = new AbortController()
    const over = sleep(farewellMs, undefined, { signal: settled.signal }).catch(() => {})
    await Promise.race([over, this.#settled()])
    settled.abort()
  }

  async #settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  async #again<Result>(
    { urgent = false, timeoutMs = urgent ? urgentMs : patientMs }: Terms,
    use: (client: PostgresClient, timeoutMs: number) => Promise<Result>,
    needsTables = true,
  ): Promise<Result> {
    const running = this.#tryUntil(performance.now() + timeoutMs, urgent, use, needsTables)
    this.#underWay.add(running)
    try {
      return await running
    } catch (error) {
      if (needsTables && isMissing(error)) this.#doubt()
      throw explainError(error, this.layout)
    } finally {
      this.#underWay.delete(running)
    }
  }

  async #tryUntil<Result>(
    giveUpAt: number,
    urgent: boolean,
    use: (client: PostgresClient, timeoutMs: number) => Promise<Result>,
    needsTables: boolean,
  ): Promise<Result> {
    let reason: unknown
    for (;;) {
      const leftMs = () => Math.max(1, giveUpAt - performance.now())
      const calledAny = this.#functions.areAny // another statement may find first that they are gone
      try {
        if (needsTables && !this.#isReady)
          await inTime(this.#makeReady(), leftMs(), 'the tables of the inbox were not created')
        return await this.#connections.with({ urgent, timeoutMs: leftMs() }, (client) =>
          use(client, leftMs()),
        )
      } catch (error) {
        if (isUnknownFunction(error) && calledAny) {
          this.#functions.giveUp()
          continue
        }
        reason = withCause(error, reason, this.layout)
        const pause = pauseAfter(error)
        if (!this.#mayPass(error) || leftMs() <= pause + 1) throw reason
        await sleep(pause)
      }
    }
  }

  #mayPass(error: unknown): boolean {
    return !this.#isLeaving && (isCollision(error) || isConnectionLoss(error))
  }

  get #isReady(): boolean {
    return this.layout.isReady && this.#functions.isReady
  }

  /** The next statement looks for the tables, and makes them if all are gone. */
  #doubt(): void {
    this.layout.doubt()
    this.#functions.doubt()
  }

  async #makeReady(): Promise<void> {
    const inTransaction = (run: (ask: Ask) => Promise<void>) =>
      this.#connections.with({ urgent: false, timeoutMs: patientMs }, (client) =>
        this.#inTransaction(client, patientMs, run),
      )
    await this.layout.ready((run) =>
      inTransaction(async (ask) => {
        await this.#learnIsolation(ask)
        await run(ask)
      }),
    )
    await this.#functions.ready(inTransaction)
  }

  async #learnIsolation(ask: Ask): Promise<void> {
    const [row] = await ask<{ level: string }>(
      `SELECT current_setting('default_transaction_isolation') AS level`,
    )
    this.#isIsolated = row?.level !== 'read committed' && row?.level !== 'read uncommitted'
  }

  async #inTransaction<Result>(
    client: PostgresClient,
    timeoutMs: number,
    run: (ask: Ask) => Promise<Result>,
  ): Promise<Result> {
    const limitMs = Math.ceil(0.8 * timeoutMs)
    const limits = `SET LOCAL statement_timeout = ${limitMs}; SET LOCAL idle_in_transaction_session_timeout = ${limitMs}`
    try {
      await this.#send(client, `BEGIN ISOLATION LEVEL READ COMMITTED; ${limits}`, undefined, timeoutMs)
      const result = await run((statement, values) => this.#send(client, statement, values, timeoutMs))
      await this.#send(client, 'COMMIT', undefined, timeoutMs)
      return result
    } catch (error) {
      if (isOfStatement(error)) await this.#send(client, 'ROLLBACK', undefined, timeoutMs) // otherwise the connection is not used again
      throw error
    }
  }

  /** Rejects in time, whatever the server does. Then the connection is given up, and its later answers are ignored. */
  async #send<Row>(
    client: PostgresClient,
    statement: Statement,
    values: unknown[] | undefined,
    timeoutMs: number,
  ): Promise<Row[]> {
    const answering = client.query({ text: this.#functions.textOf(statement), types: ownTypes }, values)
    answering.catch(() => {}) // after the time limit, nothing listens
    try {
      return (await inTime(answering, timeoutMs, 'the database did not answer')).rows
    } catch (error) {
      if (error instanceof TooLate || isReadTimeout(error))
        this.#cautiousUntil = performance.now() + cautionMs
      throw error
    }
  }
}

/** Milliseconds until it is tried again. */
function pauseAfter(error: unknown): number {
  const { from, to } = isCrowded(error) ? crowdedPauseMs : pauseMs
  return from + Math.random() * (to - from)
}

/** Where the time has run out while the server had no connection left, that is why. Otherwise what failed before is its cause: each try may take a while. */
function withCause(error: unknown, before: unknown, layout: Layout): unknown {
  if (!(error instanceof TooLate) || before === undefined) return error
  if (isCrowded(before)) return before
  error.cause ??= explainError(before, layout)
  return error
}

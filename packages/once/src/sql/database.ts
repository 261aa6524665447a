import type { Awaitable } from '../awaitable.ts'
import type { Dialect } from './dialect.ts'
import type { Statement } from './statement.ts'

/** Runs one statement, and answers how many rows it has found or, where it says so (`Database.counts`), written. */
export type Query = (statement: Statement) => Awaitable<number>

/** The limits of a transaction. */
export interface Limits {
  /** How long a statement may take, and how long the transaction may be idle, in milliseconds. */
  readonly timeoutMs: number
  /** When it is aborted, nothing may be committed any more. */
  readonly signal: AbortSignal
}

/** The work of a transaction. It begins with a query, not with `tx`, as the transaction begins with its first query. If it throws or rejects, nothing is kept. */
export type Work<Tx> = (tx: Tx, query: Query) => Awaitable<void>

/** What an entry says about its client. It is all that this package knows about it. */
export interface Database<Tx> {
  readonly dialect: Dialect
  /** Whether a transaction begins and ends in one turn of the event loop, so that nothing in it can be awaited. */
  readonly isSynchronous: boolean
  /**
   * `changes`: the client says how many rows a statement has written. `answers`: clients differ in that, so a statement has to return a row for each,
   * which takes a tenth of the effect's time on Postgres.
   */
  readonly counts: 'changes' | 'answers'
  /** Outside of any transaction. */
  readonly query: Query
  /**
   * Runs `work` in a transaction of its own and commits it.
   *
   * @throws what `work` throws, and errors of the database. Nothing is written then, except where only the reply of a commit was lost.
   */
  transaction(work: Work<Tx>, limits: Limits): Awaitable<void>
}

import type { Awaitable } from '../awaitable.ts'
import type { Dialect } from './dialect.ts'
import type { Statement } from './statement.ts'

/** Runs one statement and answers how many rows it has found or, where it says so (`Database.counts`), written. */
export type Query = (statement: Statement) => Awaitable<number>

/** What bounds a transaction. */
export interface Limits {
  /** How long a statement may take, and how long the transaction may be left alone, in milliseconds. */
  readonly timeoutMs: number
  /** Aborted where nothing may be committed any more. */
  readonly signal: AbortSignal
}

/** What happens in a transaction. It begins with a query, not with `tx`: there may be no transaction before. Where it throws or rejects, nothing of it stays. */
export type Work<Tx> = (tx: Tx, query: Query) => Awaitable<void>

/** What an entry says of its client: all that this package knows of it. */
export interface Database<Tx> {
  readonly dialect: Dialect
  /** Whether a transaction ends in the turn of the event loop that it begins in, so that nothing in it can be waited for. */
  readonly isSynchronous: boolean
  /**
   * `changes`: the client says how many rows a statement has written. `answers`: clients differ in that, and a statement has to answer a row for
   * each, which costs Postgres a tenth of the effect.
   */
  readonly counts: 'changes' | 'answers'
  /** Outside of any transaction. */
  readonly query: Query
  /**
   * Runs `work` in a transaction of its own and commits it.
   *
   * @throws what `work` throws, and what the database says, with nothing written; where a commit's reply is lost, all may be.
   */
  transaction(work: Work<Tx>, limits: Limits): Awaitable<void>
}

import type { Pool, PoolClient } from 'pg'
import { makeOnce } from './make-once.ts'
import type { Once } from './once.ts'
import { invalid, type OnceOptions } from './options.ts'
import { countOf, pgTransaction } from './pg-transaction.ts'
import { hearErrors } from './sql/pool.ts'
import { postgres } from './sql/postgres.ts'

export type * from './index.ts'

/** What is used of its client, beside `query`. */
export interface PoolClientLike {
  /** Writes a value as text of SQL. */
  escapeLiteral(text: string): string
  /** Gives the connection back. With an error it is closed. */
  release(error?: Error | boolean): void
}

/** What is used of a pool of another make, whose types are not those of `pg`. */
export interface PoolLike<Client extends PoolClientLike = PoolClientLike> {
  /** How many connections it has. A single client has no such number. */
  readonly totalCount: number
  /** Lends a client, on which the transaction runs. */
  connect(): Promise<Client>
  /** The same, by a callback. It is not used. */
  connect(callback: never): void
  /** Hears of a connection at rest that is lost. */
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** What its `connect` answers. */
export type ClientOf<Own extends PoolLike> = Own extends PoolLike<infer Client> ? Client : never

/**
 * `once` over a pool of `pg`, or one of its shape (`@neondatabase/serverless`). `tx` is the client that the transaction runs on.
 *
 * @throws {OnceError} `invalid_option`
 */
export function onceIn(pool: Pool, options?: OnceOptions): Once<PoolClient>
export function onceIn<Own extends PoolLike>(pool: Own, options?: OnceOptions): Once<ClientOf<Own>>
export function onceIn(pool: Pool, options?: OnceOptions): Once<PoolClient> {
  if (typeof pool?.connect !== 'function' || !('totalCount' in pool))
    throw invalid('onceIn of @hookport/once/pg needs a Pool: a single client can hold one transaction only')
  hearErrors(pool)
  return makeOnce<PoolClient, unknown>(
    {
      dialect: postgres,
      counts: 'changes',
      isSynchronous: false,
      query: (statement) => countOf(pool, statement),
      transaction: (work, limits) => pgTransaction(pool, work, limits),
    },
    options,
  )
}

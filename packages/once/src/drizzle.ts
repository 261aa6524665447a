import { entityKind, is, sql, type TablesRelationalConfig } from 'drizzle-orm'
import { PgDatabase, type PgQueryResultHKT, PgTransaction } from 'drizzle-orm/pg-core'
import { BaseSQLiteDatabase, SQLiteTransaction } from 'drizzle-orm/sqlite-core'
import { andThen } from './awaitable.ts'
import { makeOnce } from './make-once.ts'
import type { NoPromise, Once } from './once.ts'
import { invalid, type OnceOptions } from './options.ts'
import type { Query, Work } from './sql/database.ts'
import { lent } from './sql/lent.ts'
import { inLibsql, inTime, isLibsql } from './sql/libsql.ts'
import { lineOf, noLine } from './sql/one-at-a-time.ts'
import { orOwnFailure } from './sql/own-failure.ts'
import { hearErrors, isPool, onClient } from './sql/pool.ts'
import { boundedWork, postgres } from './sql/postgres.ts'
import { guardedWork, otherIsOpen, sqlite } from './sql/sqlite.ts'
import type { Statement } from './sql/statement.ts'

export type * from './index.ts'

type Tables = Record<string, unknown>

interface SqliteClient {
  /** As better-sqlite3 and Bun say it. Within an open transaction they only set a savepoint in place of one of our own. Others refuse to begin one there. */
  readonly inTransaction?: boolean
}

/** What tells a database on Postgres by its type. CommonJS imports another copy of Drizzle's classes, and TypeScript takes that for other types. */
export interface PostgresLike {
  /** Only Postgres has it. */
  refreshMaterializedView(view: never): unknown
  /** Begins a transaction. */
  transaction(run: never): unknown
}

/** The same for SQLite. */
export interface SqliteLike {
  /** Runs a statement that returns no rows. */
  run(query: never): unknown
  /** Runs a statement, and answers its rows. */
  all(query: never): unknown
  /** Begins a transaction. */
  transaction(run: never): unknown
}

/** The argument of the function that is passed to `transaction`. */
export type TransactionOf<Db extends PostgresLike | SqliteLike> = Parameters<Db['transaction']>[0] extends (
  tx: infer Tx,
) => unknown
  ? Tx
  : never

/** What `apply` may return: no promise where `transaction` answers none. */
export type ResultOf<Db extends SqliteLike> =
  ReturnType<Db['transaction']> extends PromiseLike<unknown> ? unknown : NoPromise

/**
 * `once` over Drizzle on Postgres or SQLite. `tx` is its transaction. With a synchronous driver, such as better-sqlite3, `apply` is synchronous too.
 *
 * @throws {OnceError} `invalid_option`
 */
export function onceIn<Db extends PostgresLike>(db: Db, options?: OnceOptions): Once<TransactionOf<Db>>
export function onceIn<Db extends SqliteLike>(
  db: Db,
  options?: OnceOptions,
): Once<TransactionOf<Db>, ResultOf<Db>>
export function onceIn(given: unknown, options?: OnceOptions): Once<never> {
  const db = primaryOf(given)
  if (is(db, PgTransaction) || is(db, SQLiteTransaction))
    throw invalid('onceIn of @hookport/once/drizzle needs the database, not one of its transactions')
  assertTransactions(db)
  if (is(db, PgDatabase)) return inPostgres(db, options)
  if (is(db, BaseSQLiteDatabase)) return inSqlite(db, options)
  throw invalid('onceIn of @hookport/once/drizzle needs a database of Drizzle, on Postgres or SQLite')
}

interface PostgresParts<Db> {
  readonly $client?: unknown
  readonly session: {
    readonly client?: unknown
    transaction(run: (tx: Db) => Promise<void>): Promise<void>
  }
}

function inPostgres(
  db: PgDatabase<PgQueryResultHKT, Tables, TablesRelationalConfig>,
  options?: OnceOptions,
): Once<never> {
  const { $client, session } = db as unknown as PostgresParts<typeof db>
  assertPool($client)
  if (isPool($client)) hearErrors($client)
  const on = (executor: Pick<typeof db, 'execute'>) => async (statement: Statement) => {
    const result: unknown = await executor.execute(sqlOf(statement))
    return (Array.isArray(result) ? result : (result as { rows: unknown[] }).rows).length // drivers differ
  }
  return makeOnce(
    {
      dialect: postgres,
      counts: 'answers',
      isSynchronous: false,
      query: on(db),
      transaction(work, { timeoutMs, signal }) {
        const whole = boundedWork(lent(work, asTransaction), timeoutMs)
        const run = (tx: typeof db) => whole(tx as never, on(tx))
        if (!isPool($client) || session.client !== $client)
          return orOwnFailure(run, (watched) => db.transaction(watched))
        return onClient($client, signal, (client, hasBegun) => {
          const begun = (tx: typeof db) => {
            hasBegun()
            return run(tx)
          }
          const its: typeof session = Object.create(session, { client: { value: client } })
          return orOwnFailure(begun, (watched) => its.transaction(watched))
        })
      },
    },
    options,
  )
}

/** All that writes asks the session of the transaction first, and so does a savepoint. What was prepared there is asked for later. */
function asTransaction<Tx>(tx: Tx, refusal: () => Error | undefined): Tx {
  const { session } = tx as { readonly session: object }
  const assertOpen = () => {
    const refused = refusal()
    if (refused) throw refused
  }
  const get = (target: object, name: string | symbol) => {
    assertOpen()
    const found: unknown = Reflect.get(target, name)
    return name === 'prepareQuery' && typeof found === 'function'
      ? (...args: unknown[]) => held(found.apply(target, args), assertOpen)
      : found
  }
  return Object.create(tx as object, { session: { value: new Proxy(session, { get }) } })
}

/** The ways to run what was prepared. */
const runs = ['execute', 'run', 'all', 'get', 'values']

function held(prepared: Record<string, unknown>, assertOpen: () => void): unknown {
  for (const name of runs) {
    const run = prepared[name]
    if (typeof run !== 'function') continue
    prepared[name] = (...args: unknown[]) => {
      assertOpen()
      return run.apply(prepared, args)
    }
  }
  return prepared
}

function inSqlite(
  db: BaseSQLiteDatabase<'sync' | 'async', unknown, Tables, TablesRelationalConfig>,
  options?: OnceOptions,
): Once<never> {
  const on =
    (executor: Pick<typeof db, 'all' | 'run'>): Query =>
    (statement) =>
      statement.isDefinition
        ? andThen(executor.run(sqlOf(statement)), () => 0)
        : andThen(executor.all(sqlOf(statement)), ({ length }) => length)
  const { resultKind, $client } = db as unknown as { resultKind: 'sync' | 'async'; $client?: SqliteClient }
  const isSynchronous = resultKind === 'sync'
  const inTurn = isSynchronous ? noLine : lineOf($client ?? db)
  return makeOnce(
    {
      dialect: sqlite,
      counts: 'answers',
      isSynchronous,
      query: (statement) => inTurn(() => (isLibsql($client) ? inTime(on(db)(statement)) : on(db)(statement))),
      transaction: (work, { signal }) =>
        inTurn(() => {
          signal.throwIfAborted()
          const run = (whole: Work<never>) =>
            db.transaction((tx) => whole(tx as never, on(tx)) as never, { behavior: 'immediate' })
          if ($client?.inTransaction === true) throw otherIsOpen()
          if (isSynchronous) return run(guardedWork(lent(work, asTransaction)))
          return isLibsql($client) ? inLibsql(run, work, signal) : run(work)
        }),
    },
    options,
  )
}

/** A database `withReplicas` is a plain object around its primary, where all is written. Receipts are read there as well: a replica may lag behind. */
function primaryOf(db: unknown): unknown {
  return (db as { readonly $primary?: unknown } | undefined)?.$primary ?? db
}

/** The sessions of drivers that send each statement by a request of its own. Their `transaction` fails, so that each event would become a dead letter. */
const withoutTransactions =
  /^(NeonHttpSession|PgRemoteSession|XataHttpSession|PrismaPgSession|PrismaSQLiteSession|SQLiteD1Session)$/

function assertTransactions(db: unknown): void {
  const { session } = (db ?? {}) as { readonly session?: { constructor: { readonly [entityKind]?: string } } }
  const kind = session?.constructor[entityKind] ?? ''
  if (withoutTransactions.test(kind))
    throw invalid(
      `onceIn of @hookport/once/drizzle needs transactions, which this driver of Drizzle does not have (${kind}): for Neon take drizzle-orm/neon-serverless, with a Pool`,
    )
}

/** On a client of `pg`, or of its shape, Drizzle begins transactions that run at once within one another: one commits what the other has written. */
function assertPool(client: unknown): void {
  if (typeof client === 'object' && client !== null && 'connectionParameters' in client)
    throw invalid(
      'onceIn of @hookport/once/drizzle needs a database over a Pool: a single client can hold one transaction only',
    )
}

function sqlOf({ parts, values }: Statement) {
  return sql(parts, ...values)
}

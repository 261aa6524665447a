import { type Kysely, PostgresAdapter, SqliteAdapter, sql, type Transaction } from 'kysely'
import { makeOnce } from './make-once.ts'
import type { Once } from './once.ts'
import { invalid, type OnceOptions } from './options.ts'
import type { Dialect } from './sql/dialect.ts'
import { lent } from './sql/lent.ts'
import { orOwnFailure } from './sql/own-failure.ts'
import { boundedWork, postgres } from './sql/postgres.ts'
import { guardedWork, sqlite } from './sql/sqlite.ts'
import type { Statement } from './sql/statement.ts'

export type * from './index.ts'

/** What a `Kysely` is by its type. Before 0.29 CommonJS imports another copy of that class, and TypeScript takes that for another type. */
export interface KyselyLike {
  /** Whether it is a transaction, which is refused. */
  readonly isTransaction: boolean
  /** Begins a transaction, which `execute` runs. */
  transaction(): {
    /** Runs it. */
    execute(run: never): unknown
  }
}

/** Its `Transaction`. */
export type TransactionOf<Db extends KyselyLike> = Parameters<
  ReturnType<Db['transaction']>['execute']
>[0] extends (tx: infer Tx) => unknown
  ? Tx
  : never

/**
 * `once` over Kysely on Postgres or SQLite. `tx` is its `Transaction`.
 *
 * @throws {OnceError} `invalid_option`
 */
export function onceIn<Schema>(db: Kysely<Schema>, options?: OnceOptions): Once<Transaction<Schema>>
export function onceIn<Db extends KyselyLike>(db: Db, options?: OnceOptions): Once<TransactionOf<Db>>
export function onceIn<Schema>(db: Kysely<Schema>, options?: OnceOptions): Once<Transaction<Schema>> {
  const dialect = dialectOf(db)
  const on =
    (executor: Kysely<Schema>) =>
    async ({ parts, values }: Statement) =>
      (await sql(parts, ...values).execute(executor)).rows.length
  return makeOnce<Transaction<Schema>, unknown>(
    {
      dialect,
      counts: 'answers',
      isSynchronous: false,
      query: on(db),
      transaction(work, { timeoutMs }) {
        const lending = lent(work, asTransaction)
        const whole = dialect === postgres ? boundedWork(lending, timeoutMs) : guardedWork(lending)
        let end = () => {}
        const ended = new Promise<void>((resolve) => {
          end = resolve
        })
        const run = async (tx: Transaction<Schema>) => {
          try {
            await whole(tx, on(tx))
          } finally {
            await takeTheLine(tx, ended)
          }
        }
        return orOwnFailure(run, (watched) => db.transaction().execute(watched)).finally(end)
      },
    },
    options,
  )
}

/**
 * Kysely refuses a query of a transaction that has ended from 0.29 on. Before, it runs outside of it. What was compiled beforehand passes by plugins, so
 * the method that sends it refuses too.
 */
function asTransaction<Schema>(
  tx: Transaction<Schema>,
  refusal: () => Error | undefined,
): Transaction<Schema> {
  const assertOpen = () => {
    const refused = refusal()
    if (refused) throw refused
  }
  const lentTx = tx.withPlugin({
    transformQuery({ node }) {
      assertOpen()
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const send = lentTx.executeQuery.bind(lentTx)
  const executeQuery: typeof send = async (...args) => {
    assertOpen()
    return send(...args)
  }
  return Object.assign(lentTx, { executeQuery })
}

/**
 * Queries of a transaction run one by one in Kysely, but COMMIT and ROLLBACK overtake those that wait: what `apply` had begun beside a part that failed
 * would run after them, outside of the transaction. This waits for them, and has later ones wait for its end.
 */
function takeTheLine<Schema>(tx: Transaction<Schema>, until: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const keep = async () => {
      resolve()
      await until
    }
    tx.getExecutor().provideConnection(keep).catch(reject)
  })
}

function dialectOf<Schema>(db: Kysely<Schema>): Dialect {
  if (db?.isTransaction)
    throw invalid('onceIn of @hookport/once/kysely needs a Kysely, not one of its transactions')
  const adapter: unknown = db?.getExecutor?.().adapter
  if (isOf(adapter, 'PostgresAdapter')) return postgres
  if (isOf(adapter, 'SqliteAdapter')) return sqlite
  throw invalid('onceIn of @hookport/once/kysely needs a Kysely of its Postgres or SQLite dialect')
}

const adapters = { PostgresAdapter, SqliteAdapter }

/** Before 0.29, what CommonJS requires of Kysely is another copy than what this module imports, with classes of its own. They have the same names. */
function isOf(adapter: unknown, name: keyof typeof adapters): boolean {
  if (adapter instanceof adapters[name]) return true
  for (let one = adapter; one; one = Object.getPrototypeOf(one))
    if ((one as object).constructor?.name === name) return true
  return false
}

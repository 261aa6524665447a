import { type Kysely, PostgresAdapter, SqliteAdapter, sql, type Transaction } from 'kysely'
import { makeOnce } from './make-once.ts'
import type { Once } from './once.ts'
import { invalid, type OnceOptions } from './options.ts'
import type { Dialect } from './sql/dialect.ts'
import { boundedWork, postgres } from './sql/postgres.ts'
import { guardedWork, sqlite } from './sql/sqlite.ts'
import type { Statement } from './sql/statement.ts'

export type * from './index.ts'

/**
 * `once` over Kysely on Postgres or SQLite. `tx` is its `Transaction`.
 *
 * @throws {OnceError} `invalid_option`
 */
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
        const whole = dialect === postgres ? boundedWork(work, timeoutMs) : guardedWork(work)
        return db.transaction().execute(async (tx) => whole(tx, on(tx)))
      },
    },
    options,
  )
}

function dialectOf<Schema>(db: Kysely<Schema>): Dialect {
  if (db?.isTransaction)
    throw invalid('onceIn of @hookport/once/kysely needs a Kysely, not one of its transactions')
  const adapter: unknown = db?.getExecutor?.().adapter
  if (adapter instanceof PostgresAdapter) return postgres
  if (adapter instanceof SqliteAdapter) return sqlite
  throw invalid('onceIn of @hookport/once/kysely needs a Kysely of its Postgres or SQLite dialect')
}

import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { onceIn } from '@hookport/once/kysely'
import { deferred } from '@hookport/testkit/deferred'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import {
  CompiledQuery,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
} from 'kysely'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { describeOnce } from './support/describe-once.ts'
import { contextOf, eventOf } from './support/handling.ts'

interface Tables {
  effects: { id: string }
}

describeOnce('Kysely on postgres', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  await db.schema.createTable('effects').addColumn('id', 'text').execute()
  return {
    open: (table = 'hookport_receipts', options = {}) => onceIn(db, { table, ...options }),
    write: (tx, id) => tx.insertInto('effects').values({ id }).execute(),
    tellsOfEnding: true,
    send: (tx, sql) => tx.executeQuery(CompiledQuery.raw(sql)),
    run: async (sql) => (await db.executeQuery(CompiledQuery.raw(sql))).rows,
    async close() {
      await db.destroy()
      await server.stop()
    },
  }
})

describeOnce('Kysely on SQLite', async () => {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: betterSqlite3(':memory:') }) })
  await db.schema.createTable('effects').addColumn('id', 'text').execute()
  return {
    open: (table = 'hookport_receipts', options = {}) => onceIn(db, { table, ...options }),
    write: (tx, id) => tx.insertInto('effects').values({ id }).execute(),
    tellsOfEnding: true,
    send: (tx, sql) => tx.executeQuery(CompiledQuery.raw(sql)),
    run: async (sql) => (await db.executeQuery(CompiledQuery.raw(sql))).rows,
    close: () => db.destroy(),
  }
})

/** Of better-sqlite3 what Kysely uses, by node:sqlite. */
function betterSqlite3(path: string): SqliteDatabase {
  const database = new DatabaseSync(path)
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      type Values = SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...(values as Values)),
        run: (values) => statement.run(...(values as Values)),
        iterate: (values) => statement.iterate(...(values as Values)),
      }
    },
  }
}

test('apply does not run where its time was over before there was a connection', async () => {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: betterSqlite3(':memory:') }) })
  onTestFinished(() => db.destroy())
  const once = onceIn(db)
  await once.migrate()
  const holding = deferred<void>()
  const held = db.transaction().execute(() => holding.promise)
  const aborting = new AbortController()
  const apply = vi.fn()
  const handling = once('save', apply)(eventOf(), contextOf({ signal: aborting.signal }))
  await sleep(10)
  aborting.abort(new Error('too late'))
  holding.resolve()
  await held
  await expect(handling).rejects.toThrow('too late')
  expect(apply).not.toHaveBeenCalled()
})

test('where the connection is lost, what apply failed with is told, and not that ROLLBACK failed too', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  pool.on('connect', (client) => client.on('error', () => {}))
  const once = onceIn(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }))
  await once.migrate()
  const own = new Error('the plan does not fit')
  const handler = once('save', async (_, __, { tx }) => {
    const ending = CompiledQuery.raw('select pg_terminate_backend(pg_backend_pid())')
    await tx.executeQuery(ending).catch(() => {})
    throw own
  })
  await expect(handler(eventOf(), contextOf())).rejects.toBe(own)
  await pool.end()
  await server.stop()
}, 60_000)

test('a Kysely of another copy is taken, as what CommonJS requires of versions before 0.29', async () => {
  const copy = new URL('./dialect/sqlite/sqlite-adapter.js?copy', import.meta.resolve('kysely'))
  const { SqliteAdapter: Adapter } = await import(copy.href)
  const dialect = new SqliteDialect({ database: betterSqlite3(':memory:') })
  dialect.createAdapter = () => new Adapter()
  const db = new Kysely<Tables>({ dialect })
  onTestFinished(() => db.destroy())
  expect(Adapter).not.toBe(SqliteAdapter)
  await db.schema.createTable('effects').addColumn('id', 'text').execute()
  const once = onceIn(db)
  await once.migrate()
  const save = once('save', ({ id }, _, { tx }) => tx.insertInto('effects').values({ id }).execute())
  for (const _ of ['first', 'again']) await save(eventOf(), contextOf())
  expect(await db.selectFrom('effects').selectAll().execute()).toEqual([{ id: 'evt_1' }])
})

test('Kysely on another database is refused', () => {
  const db = new Kysely({ dialect: new MysqlDialect({ pool: async () => ({}) as never }) })
  expect(() => onceIn(db)).toThrow(/its Postgres or SQLite dialect/)
})

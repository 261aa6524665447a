import { onceIn } from '@hookport/once/kysely'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { CompiledQuery, Kysely, MysqlDialect, PostgresDialect } from 'kysely'
import pg from 'pg'
import { expect, test } from 'vitest'
import { describeOnce } from './support/describe-once.ts'

interface Tables {
  effects: { id: string }
  nowhere: { id: string }
}

describeOnce('Kysely on postgres', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  await db.schema.createTable('effects').addColumn('id', 'text').execute()
  return {
    open: (table = 'hookport_receipts') => onceIn(db, { table }),
    write: (tx, id) => tx.insertInto('effects').values({ id }).execute(),
    fail: (tx) => tx.insertInto('nowhere').values({ id: 'x' }).execute(),
    run: async (sql) => (await db.executeQuery(CompiledQuery.raw(sql))).rows,
    async close() {
      await db.destroy()
      await server.stop()
    },
  }
})

test('Kysely on another database is refused', () => {
  const db = new Kysely({ dialect: new MysqlDialect({ pool: async () => ({}) as never }) })
  expect(() => onceIn(db)).toThrow(/its Postgres or SQLite dialect/)
})

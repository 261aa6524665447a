import { join } from 'node:path'
import { onceIn } from '@hookport/once/drizzle'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { createClient } from '@libsql/client'
import { sql } from 'drizzle-orm'
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as drizzleSqlJs } from 'drizzle-orm/sql-js'
import { sqliteTable, text as sqliteText } from 'drizzle-orm/sqlite-core'
import pg from 'pg'
import initSqlJs from 'sql.js'
import { expect, test } from 'vitest'
import { describeOnce } from './support/describe-once.ts'
import { contextOf, eventOf } from './support/handling.ts'

const inPostgres = {
  effects: pgTable('effects', { id: text() }),
  nowhere: pgTable('nowhere', { id: text() }),
}
const inSqlite = {
  effects: sqliteTable('effects', { id: sqliteText() }),
  nowhere: sqliteTable('nowhere', { id: sqliteText() }),
}

describeOnce('Drizzle on postgres', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  const db = drizzlePg(pool, { schema: inPostgres })
  await db.execute('create table effects (id text)')
  return {
    open: (table = 'hookport_receipts') => onceIn(db, { table }),
    write: (tx, id) => tx.insert(inPostgres.effects).values({ id }).execute(),
    fail: (tx) => tx.insert(inPostgres.nowhere).values({ id: 'x' }).execute(),
    run: async (text) => (await db.execute(text)).rows,
    async close() {
      await pool.end()
      await server.stop()
    },
  }
})

describeOnce('Drizzle on a synchronous SQLite', async () => {
  const SqlJs = await initSqlJs()
  const db = drizzleSqlJs(new SqlJs.Database(), { schema: inSqlite })
  db.run('create table effects (id text)')
  return {
    open: (table = 'hookport_receipts') => onceIn(db, { table }),
    write: (tx, id) => tx.insert(inSqlite.effects).values({ id }).run(),
    fail: (tx) => tx.insert(inSqlite.nowhere).values({ id: 'x' }).run(),
    run: async (text) => db.all(sql.raw(text)),
    isSynchronous: true,
    close: async () => {},
  }
})

describeOnce('Drizzle on libSQL', async () => {
  const { mkdtempSync, rmSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const folder = mkdtempSync(join(tmpdir(), 'hookport-'))
  const client = createClient({ url: `file:${join(folder, 'app.db')}` })
  const db = drizzleLibsql(client, { schema: inSqlite })
  await db.run('create table effects (id text)')
  return {
    open: (table = 'hookport_receipts') => onceIn(db, { table }),
    write: (tx, id) => tx.insert(inSqlite.effects).values({ id }).run(),
    fail: (tx) => tx.insert(inSqlite.nowhere).values({ id: 'x' }).run(),
    run: async (text) => (await client.execute(text)).rows,
    async close() {
      client.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})

test('an async apply on a synchronous driver fails, and nothing of it stays', async () => {
  const SqlJs = await initSqlJs()
  const db = drizzleSqlJs(new SqlJs.Database(), { schema: inSqlite })
  db.run('create table effects (id text)')
  const once = onceIn(db)
  await once.migrate()
  // @ts-expect-error: the compiler refuses it too
  const handler = once('save', (_, __, { tx }) => {
    tx.insert(inSqlite.effects).values({ id: 'half' }).run()
    return Promise.resolve()
  })
  await expect(handler(eventOf(), contextOf())).rejects.toMatchObject({ code: 'asynchronous' })
  expect(db.select().from(inSqlite.effects).all()).toEqual([])
})

test('what is no database of Drizzle is refused', () => {
  expect(() => onceIn({} as never)).toThrow(/needs a database of Drizzle/)
})

import { DatabaseSync } from 'node:sqlite'
import { receiptsSql } from '@hookport/once'
import { onceIn as onceInDrizzle } from '@hookport/once/drizzle'
import { onceIn as onceInKysely } from '@hookport/once/kysely'
import { onceIn as onceInSqlite } from '@hookport/once/node-sqlite'
import { onceIn } from '@hookport/once/pg'
import { drizzle as drizzleD1 } from 'drizzle-orm/d1'
import { drizzle } from 'drizzle-orm/node-postgres'
import { drizzle as drizzleProxy } from 'drizzle-orm/pg-proxy'
import { drizzle as drizzleSqlJs } from 'drizzle-orm/sql-js'
import { Kysely, SqliteDialect } from 'kysely'
import pg from 'pg'
import initSqlJs from 'sql.js'
import { expect, test, vi } from 'vitest'

const pool = new pg.Pool()

test.each([
  [{ tabel: 'x' }, 'unknown option tabel; the options are table and keepReceiptsFor'],
  ['receipts', 'the options are a string; they must be an object: { table, keepReceiptsFor }'],
  [7, 'the options are a number; they must be an object'],
  [{ table: 'Receipts' }, 'table is "Receipts"; it must be a name of lower-case letters'],
  [{ table: 'a; drop table b' }, 'it must be a name of lower-case letters'],
  [{ table: 7 }, 'table is 7'],
  [{ keepReceiptsFor: 0 }, 'keepReceiptsFor is 0; it must be a number of milliseconds above 0'],
  [{ keepReceiptsFor: '90d' }, 'keepReceiptsFor is 90d'],
])('the options %j are refused', (options, message) => {
  expect(() => onceIn(pool, options as never)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) }),
  )
})

test('a table that JSON can not show is refused as any other, as a table of Drizzle, which holds itself', () => {
  const table: { self?: object } = {}
  table.self = table
  const refusal = (message: string) =>
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) })
  expect(() => onceIn(pool, { table } as never)).toThrow(
    refusal('table is an object; it must be a name of lower-case letters'),
  )
  expect(() => onceIn(pool, { table: 7n } as never)).toThrow(
    refusal('table is 7; it must be a name of lower-case letters'),
  )
})

test.each([
  [[undefined, () => {}], 'once needs a name first'],
  [[() => {}], 'once needs a name first'],
  [['', () => {}], 'it must be a string of 1 to 200 characters'],
  [[' save', () => {}], 'without spaces around it'],
  [['a\nb', () => {}], 'it must be a string of 1 to 200 characters'],
  [['x'.repeat(201), () => {}], 'it must be a string of 1 to 200 characters'],
  [['save'], 'once("save") needs { load, apply } or a function, got undefined'],
  [['save', null], 'got null'],
  [['save', {}], 'once("save") needs apply'],
  [['save', { aply: () => {} }], 'once("save") has no step aply; its steps are load and apply'],
  [['save', { apply: 'insert' }], 'apply of once("save") must be a function, got string'],
  [['save', { apply: () => {}, load: 7 }], 'load of once("save") must be a function, got number'],
])('once%j is refused', (given, message) => {
  const once = onceIn(pool) as unknown as (...given: unknown[]) => unknown
  expect(() => once(...given)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) }),
  )
})

test('a step that is undefined is one that is left out', () => {
  const once = onceIn(pool) as unknown as (...given: unknown[]) => unknown
  expect(once('without-load', { load: undefined, apply: () => {} })).toBeTypeOf('function')
  expect(() => once('without-apply', { load: () => {}, apply: undefined })).toThrow('needs apply')
})

test('a name is given once, but for development, where modules are evaluated anew', () => {
  const once = onceIn(pool)
  once('save', () => {})
  expect(() => once('save', () => {})).toThrow('there is a once("save") already')
  onceIn(pool)('save', () => {})
  vi.stubEnv('NODE_ENV', 'development')
  once('save', () => {})
  vi.unstubAllEnvs()
})

test('what is no pool is refused', () => {
  expect(() => onceIn(new pg.Client() as never)).toThrow('needs a Pool')
  expect(() => onceIn(undefined as never)).toThrow('needs a Pool')
})

test('Drizzle over a single client of Postgres is refused: transactions that run at once would be one', async () => {
  const client = new pg.Client()
  expect(() => onceInDrizzle(drizzle(client))).toThrow(/needs a database over a Pool/)
  expect(() => onceInDrizzle(drizzle({ client }))).toThrow(/needs a database over a Pool/)
  expect(() => onceInDrizzle(drizzle(pool))).not.toThrow()
  expect(() => onceInDrizzle(drizzle('postgres://127.0.0.1:1/x'))).not.toThrow()
})

test('drivers of Drizzle without transactions are refused: each event would become a dead letter', () => {
  const answer = async () => ({ rows: [] })
  for (const db of [drizzleProxy(answer), drizzleD1({} as never)] as const)
    expect(() => onceInDrizzle(db as ReturnType<typeof drizzleProxy>)).toThrow(
      /needs transactions, which this driver of Drizzle does not have/,
    )
})

test('a transaction is not taken for a database', async () => {
  const SqlJs = await initSqlJs()
  drizzleSqlJs(new SqlJs.Database()).transaction((tx) => {
    expect(() => onceInDrizzle(tx)).toThrow(/not one of its transactions/)
  })
  const idle = {
    prepare: () => ({ reader: false, all: () => [], run: () => ({ changes: 0, lastInsertRowid: 0 }) }),
  }
  const db = new Kysely({ dialect: new SqliteDialect({ database: { ...idle, close() {} } as never }) })
  await db.transaction().execute(async (tx) => {
    expect(() => onceInKysely(tx)).toThrow(/not one of its transactions/)
  })
})

test('on SQLite the table has no schema, as a crash may commit to one of two attached files only', () => {
  const wanted = /on SQLite it must be a name without a schema/
  expect(() => onceInSqlite(new DatabaseSync(':memory:'), { table: 'main.receipts' })).toThrow(wanted)
  expect(() => receiptsSql('sqlite', { table: 'app.receipts' })).toThrow(wanted)
  expect(receiptsSql('postgres', { table: 'app.receipts' })).toContain('app.receipts')
})

test.each([undefined, 'acme:evt_1', {}, { key: 'acme:evt_1' }, { key: 7, origin: 'delivery' }])(
  'receipts(%j) is refused',
  async (event) => {
    await expect(onceIn(pool).receipts(event as never)).rejects.toThrow(/needs an event/)
  },
)

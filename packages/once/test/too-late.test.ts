import { onceIn as onceInDrizzle } from '@hookport/once/drizzle'
import { onceIn as onceInKysely } from '@hookport/once/kysely'
import { onceIn as onceInPg } from '@hookport/once/pg'
import { deferred } from '@hookport/testkit/deferred'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import { sql } from 'drizzle-orm'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as drizzleSqlJs } from 'drizzle-orm/sql-js'
import { sqliteTable, text as sqliteText } from 'drizzle-orm/sqlite-core'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import initSqlJs from 'sql.js'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { contextOf, eventOf } from './support/handling.ts'

const inPostgres = { effects: pgTable('effects', { id: text() }) }
const inSqlite = { effects: sqliteTable('effects', { id: sqliteText() }) }
const tooLate = { code: 'transaction_ended' }

let server: PostgresServer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres()
  pool = new pg.Pool({ connectionString: server.url })
  await pool.query('create table effects (id text)')
  await onceInPg(pool).migrate()
}, 60_000)
beforeEach(() => pool.query('truncate effects, hookport_receipts'))
afterAll(async () => {
  await pool.end()
  await server.stop()
})

const effects = async () => (await pool.query('select id from effects')).rows

test('who passes a callback to a query that comes too late is told by it, and the process lives on', async () => {
  let kept: pg.PoolClient | undefined
  await onceInPg(pool)('save', (_, __, { tx }) => {
    kept = tx
  })(eventOf(), contextOf())
  const told = await new Promise((resolve) => kept?.query("insert into effects values ('late')", [], resolve))
  expect(told).toMatchObject(tooLate)
  expect(await effects()).toEqual([])
})

test('a helper that gives the client back, as if it were its own, is told so: another event does not commit half of what this one writes', async () => {
  const once = onceInPg(pool)
  const [isHalf, otherIsDone] = [deferred(), deferred()]
  const helper = async (client: pg.PoolClient) => {
    await client.query("insert into effects values ('half')")
    client.release()
  }
  const handling = once('save', async (_, __, { tx }) => {
    await helper(tx).finally(isHalf.resolve)
    await otherIsDone.promise
    throw new Error('the other half fails')
  })(eventOf(), contextOf())
  handling.catch(() => {})
  await isHalf.promise
  const other = once('other', (_, __, { tx }) => tx.query("insert into effects values ('other')"))
  await other(eventOf(), contextOf())
  otherIsDone.resolve()
  await expect(handling).rejects.toMatchObject(tooLate)
  expect(await effects()).toEqual([{ id: 'other' }])
  expect(await once.receipts(eventOf())).toEqual(['other'])
})

test('a statement that apply has prepared writes nothing once it has ended', async () => {
  let kept: { execute(values: Record<string, unknown>): Promise<unknown> } | undefined
  const handler = onceInDrizzle(drizzlePg(pool))('save', async ({ id }, _, { tx }) => {
    kept = tx
      .insert(inPostgres.effects)
      .values({ id: sql.placeholder('id') })
      .prepare('insert_effect')
    await kept?.execute({ id })
  })
  await handler(eventOf(), contextOf())
  const late = async () => kept?.execute({ id: 'late' })
  await expect(late()).rejects.toMatchObject(tooLate)
  expect(await effects()).toEqual([{ id: 'evt_1' }])
})

test('so does a query that was compiled beforehand with Kysely, of which versions before 0.29 send it outside of the transaction', async () => {
  const db = new Kysely<{ effects: { id: string } }>({ dialect: new PostgresDialect({ pool }) })
  let late: (() => Promise<unknown>) | undefined
  const handler = onceInKysely(db)('save', async ({ id }, _, { tx }) => {
    await tx.executeQuery(tx.insertInto('effects').values({ id }).compile())
    const compiled = tx.insertInto('effects').values({ id: 'late' }).compile()
    late = () => tx.executeQuery(compiled)
  })
  await handler(eventOf(), contextOf())
  await expect(late?.()).rejects.toMatchObject(tooLate)
  expect(await effects()).toEqual([{ id: 'evt_1' }])
})

test('whatever else is asked of tx, it is the client', async () => {
  const handler = onceInPg(pool)('save', (_, __, { tx }) =>
    tx.query(`insert into effects values (${tx.escapeLiteral("it's")})`),
  )
  await handler(eventOf(), contextOf())
  expect(await effects()).toEqual([{ id: "it's" }])
})

test.each(['ended', 'failed'])(
  'on a synchronous SQLite, what an apply that has %s left to a timer writes nothing, prepared or not',
  async (how) => {
    const SqlJs = await initSqlJs()
    const db = drizzleSqlJs(new SqlJs.Database())
    db.run('create table effects (id text)')
    const once = onceInDrizzle(db)
    await once.migrate()
    const lateWrites: (() => unknown)[] = []
    const handler = once('save', ({ id }, _, { tx }) => {
      const write = tx.insert(inSqlite.effects).values({ id })
      const prepared = write.prepare()
      prepared.run()
      lateWrites.push(
        () => write.run(),
        () => prepared.run(),
        () => tx.transaction(() => {}),
        () => tx.run("insert into effects values ('late')"),
      )
      if (how === 'failed') throw new Error('of apply')
    })
    await expect(handler(eventOf(), contextOf()).catch(({ message }) => message)).resolves.toBe(
      how === 'failed' ? 'of apply' : undefined,
    )
    for (const late of lateWrites) expect(late).toThrow(expect.objectContaining(tooLate))
    expect(db.all('select id from effects')).toEqual(how === 'failed' ? [] : [{ id: 'evt_1' }])
  },
)

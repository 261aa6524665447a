import { getEventListeners } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { onceIn } from '@hookport/once/drizzle'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { createClient } from '@libsql/client'
import { sql } from 'drizzle-orm'
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session'
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { pgTable, text, withReplicas } from 'drizzle-orm/pg-core'
import { drizzle as drizzleSqlJs } from 'drizzle-orm/sql-js'
import {
  BaseSQLiteDatabase,
  SQLiteSyncDialect,
  sqliteTable,
  text as sqliteText,
} from 'drizzle-orm/sqlite-core'
import pg from 'pg'
import initSqlJs from 'sql.js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { describeOnce } from './support/describe-once.ts'
import { contextOf, eventOf } from './support/handling.ts'
import { holdFile } from './support/hold-file.ts'
import { uncaughtExceptions } from './support/uncaught.ts'

const inPostgres = { effects: pgTable('effects', { id: text() }) }
const inSqlite = { effects: sqliteTable('effects', { id: sqliteText() }) }

describeOnce('Drizzle on postgres', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  const db = drizzlePg(pool, { schema: inPostgres })
  await db.execute('create table effects (id text)')
  return {
    open: (table = 'hookport_receipts', options = {}) => onceIn(db, { table, ...options }),
    write: (tx, id) => tx.insert(inPostgres.effects).values({ id }).execute(),
    tellsOfEnding: true,
    send: (tx, text) => tx.execute(text),
    run: async (text) => (await db.execute(text)).rows,
    async close() {
      await pool.end()
      await server.stop()
    },
  }
})

test('where Postgres ends connections at rest and in use, the process lives on, and the next effect takes place', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url, max: 2 })
  const db = drizzlePg(pool)
  const uncaught = uncaughtExceptions()
  const once = onceIn(db)
  await Promise.all([once.migrate(), once.migrate()])
  const cutOff = once('save', async (_, __, { tx }) => {
    await tx.execute('select 1')
    await server.kill()
    await sleep(100) // nothing is asked of the connection as it ends
  })
  await expect(cutOff(eventOf(), contextOf())).rejects.toThrow()
  await expect.poll(() => pool.totalCount).toBe(0)
  await server.restart()
  await once('save again', (_, __, { tx }) => tx.execute('select 1'))(eventOf(), contextOf())
  expect(uncaught).not.toHaveBeenCalled()
  expect(await once.receipts(eventOf())).toEqual(['save again'])
  onceIn(db)
  expect(pool.listenerCount('error')).toBe(1)
  await pool.end()
  await server.stop()
}, 60_000)

test('with replicas, effects and receipts are those of the primary', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  const primary = drizzlePg(pool)
  await primary.execute('create table effects (id text)')
  const once = onceIn(withReplicas(primary, [drizzlePg('postgres://127.0.0.1:1/away')]))
  await once.migrate()
  const save = once('save', (event, _, { tx }) => tx.insert(inPostgres.effects).values({ id: event.id }))
  for (const _ of ['first', 'again']) await save(eventOf({ id: 'evt_1' }), contextOf())
  expect((await primary.execute('select id from effects')).rows).toEqual([{ id: 'evt_1' }])
  await pool.end()
  await server.stop()
})

test('where the connection is lost, what apply failed with is told, and not that ROLLBACK failed too', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  pool.on('connect', (client) => client.on('error', () => {}))
  const once = onceIn(drizzlePg(pool))
  await once.migrate()
  const own = new Error('the plan does not fit')
  const handler = once('save', async (_, __, { tx }) => {
    await tx.execute('select pg_terminate_backend(pg_backend_pid())').catch(() => {})
    throw own
  })
  await expect(handler(eventOf(), contextOf())).rejects.toBe(own)
  await pool.end()
  await server.stop()
}, 60_000)

describeOnce('Drizzle on a synchronous SQLite', async () => {
  const SqlJs = await initSqlJs()
  const db = drizzleSqlJs(new SqlJs.Database(), { schema: inSqlite })
  db.run('create table effects (id text)')
  return {
    open: (table = 'hookport_receipts', options = {}) => onceIn(db, { table, ...options }),
    write: (tx, id) => tx.insert(inSqlite.effects).values({ id }).run(),
    send: (tx, text) => tx.run(text),
    run: async (text) => db.all(sql.raw(text)),
    isSynchronous: true,
    close: async () => {},
  }
})

/** As better-sqlite3 works, which is not installed here: within an open transaction, one of its own is a savepoint. */
function likeBetterSqlite(file: DatabaseSync) {
  const transaction = (work: (tx: unknown) => unknown) => ({
    immediate(tx: unknown) {
      const [begin, end, undo] = file.isTransaction
        ? ['savepoint s', 'release s', 'rollback to s; release s']
        : ['begin immediate', 'commit', 'rollback']
      file.exec(begin)
      try {
        const result = work(tx)
        file.exec(end)
        return result
      } catch (error) {
        file.exec(undo)
        throw error
      }
    },
  })
  const client = { prepare: (text: string) => file.prepare(text), transaction }
  return Object.defineProperty(client, 'inTransaction', { get: () => file.isTransaction })
}

test('a synchronous connection on which the application has a transaction open is refused: its end would decide on the effect', async () => {
  const file = new DatabaseSync(':memory:')
  const client = likeBetterSqlite(file)
  const dialect = new SQLiteSyncDialect()
  const session = new BetterSQLiteSession(client as never, dialect, undefined)
  const db = new BaseSQLiteDatabase('sync', dialect, session as never, undefined)
  db.run('create table effects (id text)')
  const once = onceIn(Object.assign(db, { $client: client }))
  await once.migrate()
  const handler = once('save', ({ id }, _, { tx }) => void tx.insert(inSqlite.effects).values({ id }).run())
  file.exec('begin')
  await expect(handler(eventOf(), contextOf())).rejects.toThrow('another transaction is open')
  file.exec('rollback')
  await handler(eventOf(), contextOf())
  expect(file.prepare('select id from effects').all()).toEqual([{ id: 'evt_1' }])
})

async function readyOn(client: ReturnType<typeof createClient>) {
  const db = drizzleLibsql(client, { schema: inSqlite })
  await db.run('create table effects (id text)')
  const once = onceIn(db)
  await once.migrate()
  return { db, once }
}

describeOnce('Drizzle on libSQL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookport-'))
  const client = createClient({ url: `file:${join(folder, 'app.db')}` })
  const db = drizzleLibsql(client, { schema: inSqlite })
  await db.run('create table effects (id text)')
  return {
    open: (table = 'hookport_receipts', options = {}) => onceIn(db, { table, ...options }),
    write: (tx, id) => tx.insert(inSqlite.effects).values({ id }).run(),
    send: (tx, text) => tx.run(text),
    run: async (text) => (await client.execute(text)).rows,
    async close() {
      client.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})

test('on libSQL, the only connection of a database in memory is shared by handlers that run at once', async () => {
  const client = createClient({ url: ':memory:' })
  const { db, once } = await readyOn(client)
  const handler = once('save', {
    load: async ({ id }) => id,
    apply: (_, id, { tx }) => tx.insert(inSqlite.effects).values({ id }).run(),
  })
  const ids = ['evt_1', 'evt_2', 'evt_3']
  await Promise.all(ids.map((id) => handler(eventOf({ id }), contextOf())))
  expect((await db.select().from(inSqlite.effects)).map(({ id }) => id)).toEqual(ids)
})

test('on libSQL, effects leave no listener on the signal', async () => {
  const { once } = await readyOn(createClient({ url: ':memory:' }))
  const { signal } = new AbortController()
  const handler = once('save', async ({ id }, _, { tx }) => {
    if (id === 'broken') throw new Error('of apply')
    await tx.insert(inSqlite.effects).values({ id }).run()
  })
  await handler(eventOf(), contextOf({ signal }))
  await expect(handler(eventOf({ id: 'broken' }), contextOf({ signal }))).rejects.toThrow('of apply')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('on libSQL, a handler waits for a transaction of the application on the only connection', async () => {
  const client = createClient({ url: ':memory:' })
  const { db, once } = await readyOn(client)
  const handler = once('save', ({ id }, _, { tx }) => tx.insert(inSqlite.effects).values({ id }).run())
  const mine = await client.transaction('write')
  await mine.execute("insert into effects values ('mine')")
  const handled = handler(eventOf(), contextOf())
  await sleep(50)
  await mine.commit()
  await handled
  expect((await db.select().from(inSqlite.effects)).map(({ id }) => id)).toEqual(['mine', 'evt_1'])
})

test('on libSQL, a handler waits for another process that writes to the file, if its client has a timeout', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookport-'))
  const file = join(folder, 'app.db')
  const client = createClient({ url: `file:${file}`, timeout: 5_000 })
  const { db, once } = await readyOn(client)
  const handler = once('save', ({ id }, _, { tx }) => tx.insert(inSqlite.effects).values({ id }).run())
  await holdFile(file)
  await handler(eventOf(), contextOf())
  expect((await db.select().from(inSqlite.effects)).map(({ id }) => id)).toEqual(['of the other', 'evt_1'])
  client.close()
  rmSync(folder, { recursive: true })
})

test('a handler whose time is over while it waits for the transactions of others writes nothing', async () => {
  const client = createClient({ url: ':memory:' })
  const { db, once } = await readyOn(client)
  const over = new AbortController()
  const handler = once('save', async ({ id }, _, { tx }) => {
    await tx.insert(inSqlite.effects).values({ id }).run()
    over.abort(new Error('too late'))
  })
  const first = handler(eventOf({ id: 'evt_1' }), contextOf())
  const second = handler(eventOf({ id: 'evt_2' }), contextOf({ signal: over.signal }))
  await expect(second).rejects.toThrow('too late')
  await first
  expect((await db.select().from(inSqlite.effects)).map(({ id }) => id)).toEqual(['evt_1'])
})

test.each(['memory', 'file'])(
  'on libSQL, an apply that hangs past its time only delays others, and what it writes afterwards fails: a database in %s',
  async (where) => {
    const folder = mkdtempSync(join(tmpdir(), 'hookport-'))
    const client = createClient({ url: where === 'file' ? `file:${join(folder, 'app.db')}` : ':memory:' })
    const { db, once } = await readyOn(client)
    let goOn = () => {}
    const hanging = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const late: unknown[] = []
    const hangs = once('hangs', async (_, __, { tx }) => {
      await tx.insert(inSqlite.effects).values({ id: 'early' }).run()
      await hanging
      await tx
        .insert(inSqlite.effects)
        .values({ id: 'late' })
        .run()
        .catch((error) => late.push(error))
    })
    const saves = once('save', ({ id }, _, { tx }) => tx.insert(inSqlite.effects).values({ id }).run())
    const over = new AbortController()
    const first = hangs(eventOf(), contextOf({ signal: over.signal })).catch(({ message }) => message)
    const second = saves(eventOf({ id: 'evt_2' }), contextOf())
    await sleep(20)
    over.abort(new Error('too late'))
    expect(await first).toBe('too late')
    await second
    goOn()
    await expect.poll(() => late).toHaveLength(1)
    expect((await db.select().from(inSqlite.effects)).map(({ id }) => id)).toEqual(['evt_2'])
    client.close()
    rmSync(folder, { recursive: true })
  },
)

test('on libSQL, a client that does not answer only delays others', async () => {
  const client = createClient({ url: ':memory:' })
  const { db, once } = await readyOn(client)
  const saves = once('save', ({ id }, _, { tx }) => tx.insert(inSqlite.effects).values({ id }).run())
  const { transaction } = client
  client.transaction = () => new Promise(() => {})
  const over = new AbortController()
  const first = saves(eventOf(), contextOf({ signal: over.signal })).catch(({ message }) => message)
  const second = saves(eventOf({ id: 'evt_2' }), contextOf())
  await sleep(20)
  client.transaction = transaction
  over.abort(new Error('too late'))
  expect(await first).toBe('too late')
  await second
  expect((await db.select().from(inSqlite.effects)).map(({ id }) => id)).toEqual(['evt_2'])
})

test('on libSQL, a client that does not say whether there is a receipt only delays others', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const client = createClient({ url: ':memory:' })
  const { db, once } = await readyOn(client)
  const apply = once('save', ({ id }, _, { tx }) => tx.insert(inSqlite.effects).values({ id }).run())
  const loads = once('load', { load: async () => 1, apply: () => {} })
  const { execute } = client
  client.execute = () => new Promise(() => {})
  const first = loads(eventOf(), contextOf()).catch(({ message }) => message)
  const second = apply(eventOf({ id: 'evt_2' }), contextOf())
  await vi.advanceTimersByTimeAsync(1)
  client.execute = execute
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await first).toBe('the database has not answered within 60 s')
  await second
  expect((await db.select().from(inSqlite.effects)).map(({ id }) => id)).toEqual(['evt_2'])
  await vi.advanceTimersByTimeAsync(1)
  expect(vi.getTimerCount()).toBe(0)
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

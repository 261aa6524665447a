import { onceIn } from '@hookport/once/pg'
import { startPgBouncer } from '@hookport/testkit/servers/pgbouncer'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg, { type PoolClient } from 'pg'
import { expect, test } from 'vitest'
import { describeOnce, type OnceBench } from './support/describe-once.ts'
import { contextOf, eventOf } from './support/handling.ts'
import { uncaughtExceptions } from './support/uncaught.ts'

function benchOf(url: string, stop: () => Promise<void>): OnceBench<PoolClient> & { pool: pg.Pool } {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  return {
    pool,
    open: (table = 'hookport_receipts', options = {}) => onceIn(pool, { table, ...options }),
    write: (tx, id) => tx.query('insert into effects values ($1)', [id]),
    tellsOfEnding: true,
    send: (tx, sql) => tx.query(sql),
    run: async (sql) => (await pool.query(sql)).rows,
    async close() {
      await pool.end()
      await stop()
    },
  }
}

describeOnce('pg', async () => {
  const server = await startPostgres()
  const bench = benchOf(server.url, server.stop)
  await bench.run('create table effects (id text)')
  return bench
})

describeOnce('pg behind PgBouncer in transaction mode', async () => {
  const server = await startPostgres()
  const bouncer = await startPgBouncer(server, { default_pool_size: '4' })
  const bench = benchOf(bouncer.url, async () => {
    await bouncer.stop()
    await server.stop()
  })
  await bench.run('create table effects (id text)')
  return bench
})

test('where Postgres ends connections that are at rest in the pool, the process lives on, and the next effect takes place', async () => {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url })
  const uncaught = uncaughtExceptions()
  const once = onceIn(pool)
  await once.migrate()
  expect(pool.idleCount).toBe(1)
  await server.kill()
  await expect.poll(() => pool.totalCount).toBe(0)
  await server.restart()
  await once('save', (_, __, { tx }) => tx.query('select 1'))(eventOf(), contextOf())
  expect(uncaught).not.toHaveBeenCalled()
  expect(await once.receipts(eventOf())).toEqual(['save'])
  onceIn(pool)
  expect(pool.listenerCount('error')).toBe(1)
  await pool.end()
  await server.stop()
}, 60_000)

test('a role without rights to a table in a schema is told what is enough', async () => {
  const server = await startPostgres()
  const admin = new pg.Pool({ connectionString: server.url })
  const pool = new pg.Pool({ connectionString: server.url.replace('postgres@', 'clerk@') })
  await admin.query('create role clerk login; create schema app')
  await onceIn(admin, { table: 'app.receipts' }).migrate()
  const save = onceIn(pool, { table: 'app.receipts' })('save', () => {})
  const { message } = await save(eventOf(), contextOf()).then(
    () => new Error('it was let'),
    (error: Error) => error,
  )
  const [onTable, onSchema] = / grant (.*) to it, and (.*?);/.exec(message)?.slice(1) ?? []
  await admin.query(`grant ${onTable} to clerk; grant ${onSchema} to clerk`)
  await save(eventOf(), contextOf())
  await pool.end()
  await admin.end()
  await server.stop()
}, 60_000)

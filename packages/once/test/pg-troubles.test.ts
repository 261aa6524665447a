import { getEventListeners } from 'node:events'
import { onceIn } from '@hookport/once/pg'
import { deferred } from '@hookport/testkit/deferred'
import { startPostgresProxy } from '@hookport/testkit/proxies/postgres-proxy'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { contextOf, eventOf } from './support/handling.ts'

let server: PostgresServer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres()
  pool = poolOf(server.url)
  await pool.query(
    'create table effects (id text); create table totals (id int, total int); create role clerk login',
  )
  await onceIn(pool).migrate()
}, 60_000)
beforeEach(() =>
  pool.query('truncate effects, hookport_receipts, totals; insert into totals values (1, 0), (2, 0)'),
)
afterAll(async () => {
  await pool.end()
  await server.stop()
})

function poolOf(url: string, config: pg.PoolConfig = {}): pg.Pool {
  const made = new pg.Pool({ connectionString: url, max: 10, ...config })
  made.on('error', () => {})
  return made
}

function closedWithTest(made: pg.Pool): pg.Pool {
  onTestFinished(() => made.end())
  return made
}

const totals = async () =>
  (await pool.query('select total from totals order by id')).rows.map(({ total }) => total)

test('serialization failures are tried again, and not told', async () => {
  const strict = closedWithTest(
    poolOf(server.url, { options: '-c default_transaction_isolation=serializable' }),
  )
  let tries = 0
  const handler = onceIn(strict)('add', async (_, __, { tx }) => {
    tries += 1
    const { rows } = await tx.query('select total from totals where id = 1')
    await tx.query('update totals set total = $1 where id = 1', [rows[0].total + 1])
  })
  const events = Array.from({ length: 10 }, (_, index) => eventOf({ id: `evt_${index}` }))
  await Promise.all(events.map((event) => handler(event, contextOf())))
  expect(await totals()).toEqual([10, 0])
  expect(tries).toBeGreaterThan(10)
})

test('deadlocks are tried again, and not told', async () => {
  let [tries, held] = [0, 0]
  const bothHaveOne = deferred()
  const handler = onceIn(pool)('add', async ({ id }, _, { tx }) => {
    tries += 1
    const first = id === 'evt_1' ? 1 : 2
    await tx.query('update totals set total = total + 1 where id = $1', [first])
    held += 1
    if (held === 2) bothHaveOne.resolve()
    await bothHaveOne.promise
    await tx.query('update totals set total = total + 1 where id = $1', [3 - first])
  })
  await Promise.all(['evt_1', 'evt_2'].map((id) => handler(eventOf({ id }), contextOf())))
  expect(await totals()).toEqual([2, 2])
  expect(tries).toBeGreaterThan(2) // they may meet again
})

test('a role without rights to the table, or to make it, is told what to grant', async () => {
  const clerk = closedWithTest(poolOf(server.url.replace('postgres@', 'clerk@')))
  const denied = {
    code: 'not_permitted',
    message: expect.stringContaining('grant select, insert, update, delete on '),
  }
  await expect(onceIn(clerk)('save', () => {})(eventOf(), contextOf())).rejects.toMatchObject(denied)
  await expect(onceIn(clerk, { table: 'others' }).migrate()).rejects.toMatchObject({ code: 'not_permitted' })
  await pool.query('grant select, insert, update, delete on hookport_receipts to clerk')
  const once = onceIn(clerk)
  await once.migrate() // it need not be made
  await once('save', () => {})(eventOf(), contextOf())
})

test('a database that is read-only is called so, and a table that is somebody else’s too', async () => {
  const reader = closedWithTest(poolOf(server.url, { options: '-c default_transaction_read_only=on' }))
  const handlerOf = (of: pg.Pool, table?: string) => onceIn(of, table ? { table } : {})('save', () => {})
  await expect(handlerOf(reader)(eventOf(), contextOf())).rejects.toMatchObject({ code: 'read_only' })
  await expect(handlerOf(pool, 'effects')(eventOf(), contextOf())).rejects.toMatchObject({
    code: 'foreign_table',
  })
})

test('a table may stand in a schema', async () => {
  await pool.query('create schema app')
  const once = onceIn(pool, { table: 'app.receipts' })
  await once.migrate()
  const handler = once('save', ({ id }, _, { tx }) => tx.query('insert into effects values ($1)', [id]))
  for (let run = 0; run < 2; run++) await handler(eventOf({ aliases: ['acme:run:1'] }), contextOf())
  expect((await pool.query('select event, own from app.receipts order by event')).rows).toEqual([
    { event: 'acme:evt_1', own: true },
    { event: 'acme:run:1', own: false },
  ])
})

test('a connection that can only read, as one to a server that is a standby since a failover, is closed, and the next attempt gets a new one', async () => {
  const lagging = closedWithTest(poolOf(server.url, { max: 1 }))
  await lagging.query('set default_transaction_read_only = on') // of the session alone
  const handler = onceIn(lagging)('save', (event, _, { tx }) =>
    tx.query('insert into effects values ($1)', [event.id]),
  )
  await expect(handler(eventOf(), contextOf())).rejects.toMatchObject({ code: 'read_only' })
  await handler(eventOf(), contextOf())
  expect((await pool.query('select * from effects')).rows).toHaveLength(1)
})

test('effects leave no listener on a connection of the pool, nor on the signal', async () => {
  const single = closedWithTest(poolOf(server.url, { max: 1 }))
  const client = await single.connect()
  client.release()
  const { signal } = new AbortController()
  const listeners = () => [client.listenerCount('error'), getEventListeners(signal, 'abort').length]
  const before = listeners()
  const handler = onceIn(single)('save', ({ id }, _, { tx }) =>
    id === 'broken' ? tx.query('broken') : tx.query('insert into effects values ($1)', [id]),
  )
  for (const id of ['evt_1', 'evt_2']) await handler(eventOf({ id }), contextOf({ signal }))
  await expect(handler(eventOf({ id: 'broken' }), contextOf({ signal }))).rejects.toThrow()
  expect(single.totalCount).toBe(1)
  expect(listeners()).toEqual(before)
})

test('a handler that is aborted lets go of its connection at once, whatever apply waits for', async () => {
  const single = closedWithTest(poolOf(server.url, { max: 1 }))
  const aborting = new AbortController()
  const never = new Promise(() => {})
  const handler = onceIn(single)('save', async ({ id }, _, { tx }) => {
    await tx.query('insert into effects values ($1)', [id])
    aborting.abort(new Error('too late'))
    await never
  })
  handler(eventOf(), contextOf({ signal: aborting.signal }))
  expect((await single.query('select * from effects')).rows).toEqual([])
  expect(single.totalCount).toBe(1)
})

test('a session that the server ends while apply is elsewhere fails this handler, and not the process', async () => {
  const uncaught = vi.fn()
  process.prependListener('uncaughtException', uncaught)
  onTestFinished(() => void process.off('uncaughtException', uncaught))
  const handler = onceIn(pool)('save', async ({ id }, _, { tx }) => {
    await tx.query('insert into effects values ($1)', [id])
    await new Promise((resolve) => setTimeout(resolve, 500))
  })
  await expect(handler(eventOf(), contextOf({ handlerTimeout: 100 }))).rejects.toThrow()
  expect(uncaught).not.toHaveBeenCalled()
  expect((await pool.query('select * from effects')).rows).toEqual([])
})

test('what swallows the error of a statement is told that nothing was committed', async () => {
  const handler = onceIn(pool)('save', async (_, __, { tx }) => {
    await tx.query('insert into nowhere values (1)').catch(() => {})
  })
  await expect(handler(eventOf(), contextOf())).rejects.toMatchObject({ code: 'rolled_back' })
  expect((await pool.query('select * from hookport_receipts')).rows).toEqual([])
})

describe('an apply that ends the transaction itself', () => {
  /** As a helper of the application may do it, with a connection that it takes for its own. */
  const endings: [how: string, end: (tx: { query(text: string): Promise<unknown> }) => Promise<unknown>][] = [
    ['by ROLLBACK', (tx) => tx.query('rollback')],
    ['by COMMIT', (tx) => tx.query('commit')],
    ['by a transaction of its own that fails', (tx) => tx.query('begin').then(() => tx.query('rollback'))],
    ['by a transaction of its own', (tx) => tx.query('begin').then(() => tx.query('commit'))],
    ['and begins another', (tx) => tx.query('commit').then(() => tx.query('begin'))],
  ]

  test.each(endings)('%s is told of', async (_, end) => {
    const handler = onceIn(pool)('save', async ({ id }, __, { tx }) => {
      await tx.query('insert into effects values ($1)', [id])
      await end(tx)
    })
    await expect(handler(eventOf(), contextOf())).rejects.toMatchObject({ code: 'transaction_ended' })
  })

  test('may use savepoints', async () => {
    const handler = onceIn(pool)('save', async ({ id }, _, { tx }) => {
      await tx.query('savepoint mine')
      await tx.query('insert into nowhere values (1)').catch(() => {})
      await tx.query('rollback to savepoint mine')
      await tx.query('insert into effects values ($1)', [id])
    })
    await handler(eventOf(), contextOf())
    expect((await pool.query('select * from effects')).rows).toHaveLength(1)
  })
})

test('who waits for a receipt that is being written waits no longer than handlerTimeout', async () => {
  const other = await pool.connect()
  await other.query('begin')
  await other.query("insert into hookport_receipts (event, handler) values ('acme:evt_1', 'save')")
  const handler = onceIn(pool)('save', () => {})
  await expect(handler(eventOf(), contextOf({ handlerTimeout: 200 }))).rejects.toMatchObject({
    code: '57014',
  })
  await other.query('rollback')
  other.release()
})

test('who has no time left when there is a connection sends nothing on it, as it may be dead', async () => {
  const single = closedWithTest(poolOf(server.url, { max: 1 }))
  const held = await single.connect()
  const aborting = new AbortController()
  const handling = onceIn(single)('save', () => {})(eventOf(), contextOf({ signal: aborting.signal }))
  await vi.waitFor(() => expect(single.waitingCount).toBe(1), 10_000)
  aborting.abort(new Error('too late'))
  const sent = vi.spyOn(held, 'query')
  held.release()
  await expect(handling).rejects.toThrow('too late')
  expect(sent).not.toHaveBeenCalled()
  expect(single.idleCount).toBe(1)
})

test('whatever text a key is made of, it is the same in every statement', async () => {
  const strange = 'acme:it\'s \\ "$1" ?1 -- ; 😀'
  const handler = onceIn(pool)('save', ({ key }, _, { tx }) =>
    tx.query('insert into effects values ($1)', [key]),
  )
  const looking = onceIn(pool)('save', {
    load: () => Promise.reject(new Error('not again')),
    apply: () => {},
  })
  for (const run of [handler, handler, looking]) await run(eventOf({ key: strange }), contextOf())
  expect((await pool.query('select id from effects')).rows).toEqual([{ id: strange }])
})

test('without load, it takes a round trip less than a receipt that is written by hand', async () => {
  const proxy = await startPostgresProxy(server.port)
  const counted = poolOf(proxy.url, { max: 1 })
  onTestFinished(async () => {
    await counted.end()
    await proxy.stop()
  })
  const handler = onceIn(counted)('save', ({ id }, _, { tx }) =>
    tx.query('insert into effects values ($1)', [id]),
  )
  await handler(eventOf({ id: 'first' }), contextOf())
  const roundTrips = async (run: () => Promise<unknown>) => {
    const before = proxy.roundTrips
    await run()
    return proxy.roundTrips - before
  }
  await counted.query('select 1') // the first effect has old receipts looked for
  expect(await roundTrips(() => handler(eventOf(), contextOf()))).toBe(3)
})

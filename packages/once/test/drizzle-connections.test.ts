import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { onceIn } from '@hookport/once/drizzle'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { contextOf, eventOf } from './support/handling.ts'
import { uncaughtExceptions } from './support/uncaught.ts'

const table = pgTable('effects', { id: text() })

/** The only connection of a pool that was used before `once` was made. */
async function onOneConnection() {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url, max: 1 })
  const db = drizzle(pool)
  await db.execute('create table effects (id text)')
  const once = onceIn(db)
  await once.migrate()
  onTestFinished(async () => {
    await pool.end()
    await server.stop()
  })
  const effects = async () => (await db.execute('select id from effects')).rows
  const write = once('write', (event, _, { tx }) => tx.insert(table).values({ id: event.id }))
  return { pool, once, effects, write }
}

test('a connection that is lost as the transaction begins is not kept from the pool', async () => {
  const { pool, write, effects } = await onOneConnection()
  pool.once('acquire', (client) => {
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection
    setImmediate(() => stream.destroy())
  })
  await expect(write(eventOf(), contextOf())).rejects.toThrow()
  await write(eventOf(), contextOf())
  expect(await effects()).toEqual([{ id: 'evt_1' }])
}, 60_000)

test('a handler on Postgres that is aborted lets go of its connection at once, whatever apply waits for, and effects leave no listener', async () => {
  const { pool, once, write, effects } = await onOneConnection()
  const aborting = new AbortController()
  const left: unknown[] = []
  const hangs = once('hang', async (_, __, { tx }) => {
    await tx.insert(table).values({ id: 'hung' })
    aborting.abort(new Error('too late'))
    await write(eventOf(), contextOf())
    await tx.insert(table).values({ id: 'late' })
  })
  await hangs(eventOf(), contextOf({ signal: aborting.signal })).catch((error) => left.push(error))
  expect(left).toHaveLength(1)
  expect(await effects()).toEqual([{ id: 'evt_1' }])
  const client = await pool.connect()
  const listeners = client.listenerCount('error')
  client.release()
  const { signal } = new AbortController()
  for (const id of ['a', 'b', 'c']) await write(eventOf({ id }), contextOf({ signal }))
  expect(getEventListeners(signal, 'abort')).toEqual([])
  await pool.connect().then((again) => {
    expect(again.listenerCount('error')).toBe(listeners)
    again.release()
  })
}, 60_000)

test('a handler that fails, or is aborted while it waits for a connection, costs the pool none', async () => {
  const { pool, once, write, effects } = await onOneConnection()
  const removed = vi.fn()
  pool.on('remove', removed)
  const fails = once('fail', () => Promise.reject(new Error('no plan')))
  await expect(fails(eventOf(), contextOf())).rejects.toThrow('no plan')
  const aborting = new AbortController()
  const busy = await pool.connect()
  const waiting = write(eventOf(), contextOf({ signal: aborting.signal }))
  await vi.waitFor(() => expect(pool.waitingCount).toBe(1))
  aborting.abort(new Error('too late'))
  busy.release()
  await expect(waiting).rejects.toThrow('too late')
  expect(await effects()).toEqual([])
  expect(removed).not.toHaveBeenCalled()
}, 60_000)

test('a connection of before that Postgres ends while it is in use does not end the process', async () => {
  const { once } = await onOneConnection()
  const uncaught = uncaughtExceptions()
  const cutOff = once('cut off', async (_, __, { tx }) => {
    await tx.execute("set local idle_in_transaction_session_timeout = '1ms'")
    await sleep(200)
  })
  await expect(cutOff(eventOf(), contextOf())).rejects.toThrow()
  expect(uncaught).not.toHaveBeenCalled()
}, 60_000)

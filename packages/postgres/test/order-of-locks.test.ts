import { type Inbox, noProgress } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import type pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { OrderLines } from '../src/events/order-lines.ts'
import { Layout } from '../src/layout/layout.ts'
import type { Ask, Statement } from '../src/layout/stored-statement.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
const event = sampleEvent('evt_1', { orderKey: 'acme:run-1' })

/** One ordered event at rest. */
async function keptAtRest(inbox: Inbox, rest: 'dead' | 'handled'): Promise<void> {
  await inbox.put(event, rest === 'dead' ? { ...remembered, failure } : remembered)
  if (rest === 'dead') return
  const consumer = inbox.consume(
    async () => ({ outcome: 'done', progress: noProgress, keepMs: 60_000 }),
    consuming(),
  )
  await vi.waitUntil(async () => (await inbox.counts()).handled === 1, 10_000)
  await consumer.stop()
}

/** Locks the line of the event, in a transaction that lasts until it is told to commit. */
async function holdLine(pool: pg.Pool, schema: string): Promise<Ask> {
  const holder = await pool.connect()
  onTestFinished(() => holder.release())
  const ask = async <Row>(statement: Statement, values: unknown[] = []) =>
    (await holder.query(statement as string, values)).rows as Row[]
  await ask('BEGIN')
  await new OrderLines(new Layout(schema, 'hookport')).lock(ask, [
    { source: 'acme', order_key: 'acme:run-1' },
  ])
  return ask
}

async function oneWaits(): Promise<void> {
  const waiters = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
  await vi.waitUntil(async () => (await database.ask(waiters)).length === 1, 5_000)
}

test.each(['delivery', 'reconciled'] as const)(
  'a put (%s) waits for who changes its order key at the time: two that see nothing of each other would both be in front',
  async (origin) => {
    const schema = newSchema()
    const pool = database.pool()
    const inbox = postgresInbox({ pool, schema })
    await inbox.counts()
    const ask = await holdLine(pool, schema)
    const put = inbox.put({ ...event, origin }, remembered)
    await oneWaits()
    await ask('COMMIT')
    expect(await put).toEqual({ outcome: 'accepted' })
    await inbox.close()
  },
)

test.each([
  { what: 'redrive', rest: 'dead', operate: (inbox: Inbox) => inbox.redrive(event.key) },
  { what: 'replay', rest: 'handled', operate: (inbox: Inbox) => inbox.replay(event.key, { id: 'again' }) },
  { what: 'discard', rest: 'dead', operate: (inbox: Inbox) => inbox.discard(event.key) },
] as const)(
  'a $what that waits for an order key has locked no row: none waits for who waits for it',
  async ({ rest, operate }) => {
    const schema = newSchema()
    const pool = database.pool()
    const inbox = postgresInbox({ pool, schema })
    await keptAtRest(inbox, rest)
    const ask = await holdLine(pool, schema)
    const operated = operate(inbox)
    await oneWaits()
    const unlocked = await ask(`SELECT key FROM ${schema}.events FOR UPDATE SKIP LOCKED`)
    await ask('COMMIT')
    expect(await operated).toBe(true)
    expect(unlocked).toEqual([{ key: event.key }])
    await inbox.close()
  },
)

test('what waited for a handler, and was handled elsewhere while its order key was waited for, is not handed out again', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  await inbox.put(event, remembered)
  await database.ask(`UPDATE ${schema}.events SET rest = 'parked', rested_at = due_at, due_at = NULL`)
  const ask = await holdLine(pool, schema)
  const turns: string[] = []
  inbox.consume(async ({ event: { id }, progress }) => {
    turns.push(id)
    return { outcome: 'done', progress }
  }, consuming())
  await oneWaits()
  await ask(`UPDATE ${schema}.events SET rest = 'handled'`)
  await ask('COMMIT')
  await inbox.put(sampleEvent('evt_2', { orderKey: event.orderKey }), remembered)
  await expect.poll(() => turns).toContain('evt_2')
  expect(turns).toEqual(['evt_2'])
  await inbox.close()
})

test('an event that is being taken while an earlier one of its key is put stays in front, and the earlier one waits behind it', async () => {
  const [schema, pool] = [newSchema(), database.pool()]
  const inbox = postgresInbox({ pool, schema })
  await inbox.put(sampleEvent('later', { orderKey: 'acme:run-1', createdAt: 2 }), remembered)
  const taker = await pool.connect()
  onTestFinished(() => taker.release())
  await taker.query('BEGIN')
  await taker.query(
    `UPDATE ${schema}.events SET lease_token = gen_random_uuid(), due_at = due_at + 60000, begun = true`,
  )
  const putting = inbox.put(sampleEvent('earlier', { orderKey: 'acme:run-1', createdAt: 1 }), remembered)
  const waiting = () => database.ask(`SELECT FROM pg_stat_activity WHERE wait_event = 'transactionid'`)
  await expect.poll(waiting).toHaveLength(1)
  await taker.query('COMMIT')
  expect(await putting).toEqual({ outcome: 'accepted' })
  expect(await database.ask(`SELECT id, rest FROM ${schema}.events ORDER BY id`)).toEqual([
    { id: 'earlier', rest: 'behind' },
    { id: 'later', rest: null },
  ])
  await inbox.close()
})

import { type Inbox, noProgress } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, test, vi } from 'vitest'
import { OrderLines } from '../src/events/order-lines.ts'
import { Layout } from '../src/layout/layout.ts'
import type { Statement } from '../src/layout/stored-statement.ts'
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
    const holder = await pool.connect()
    const ask = async <Row>(statement: Statement, values: unknown[] = []) =>
      (await holder.query(statement as string, values)).rows as Row[]
    await ask('BEGIN')
    await new OrderLines(new Layout(schema, 'hookport')).lock(ask, [
      { source: 'acme', order_key: 'acme:run-1' },
    ])
    const operated = operate(inbox)
    const waiters = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    await vi.waitUntil(async () => (await database.ask(waiters)).length === 1, 5_000)
    const unlocked = await ask(`SELECT key FROM ${schema}.events FOR UPDATE SKIP LOCKED`)
    await ask('COMMIT')
    holder.release()
    expect(await operated).toBe(true)
    expect(unlocked).toEqual([{ key: event.key }])
    await inbox.close()
  },
)

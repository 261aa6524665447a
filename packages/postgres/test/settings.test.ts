import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { Connections } from '../src/connection/connections.ts'
import { Database } from '../src/connection/database.ts'
import { Layout } from '../src/layout/layout.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const failure = { handler: null, code: 'error', message: 'broken', at: 0 }

test('what the inbox sets on a connection of the application is over when it gives that back', async () => {
  const pool = database.pool({ max: 1 })
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.put(sampleEvent('dead', { orderKey: 'line' }), { ...remembered, failure })
  await inbox.put(sampleEvent('one'), remembered)
  await inbox.claim(sampleEvent('claimed'), { ...remembered, leaseMs: 60_000 })
  expect((await inbox.list({ state: 'dead' })).items).toHaveLength(1)
  expect(await inbox.redrive('acme:dead')).toBe(true)
  const consumer = inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), consuming())
  await consumer.idle()
  await inbox.close()
  const { rows } = await pool.query(`SELECT name, setting FROM pg_settings WHERE source = 'session'`)
  expect(rows).toEqual([])
})

test('a put that waits for a row that another transaction has locked is refused, and waits no longer in the server either', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await inbox.put(sampleEvent('one'), remembered)
  const other = await database.pool().connect()
  await other.query(`BEGIN; SELECT FROM ${schema}.ids FOR UPDATE`)
  const waiters = () => database.ask(`SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)
  try {
    await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow('postgresInbox')
    await expect.poll(waiters).toEqual([])
  } finally {
    await other.query('ROLLBACK')
    other.release()
  }
  await inbox.close()
})

test('a process that is frozen within a transaction holds its locks for less time than a sender waits: the server ends it', async () => {
  const layout = new Layout(newSchema(), 'hookport')
  const inbox = new Database(new Connections(database.pool()), layout)
  const limits = await inbox.transaction(
    (ask) =>
      ask<{ ms: number }>(
        `SELECT setting::integer AS ms FROM pg_settings WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout')`,
      ),
    { urgent: true },
  )
  expect(limits).toHaveLength(2)
  for (const { ms } of limits) {
    expect(ms).toBeGreaterThan(0)
    expect(ms).toBeLessThanOrEqual(2_000)
  }
})

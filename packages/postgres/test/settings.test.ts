import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
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

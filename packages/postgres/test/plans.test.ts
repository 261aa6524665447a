import { postgresInbox } from '@hookport/postgres'
import pg from 'pg'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const handledBefore = 10_000
const events = 256

test('an ANALYZE that finds the queue empty, and full of dead rows: events are still found by index, and not by reading all of it', async () => {
  const schema = newSchema()
  await handle(schema, handledBefore, 'before')
  await database.ask(`ALTER TABLE "${schema}".events SET (autovacuum_enabled = off)`)
  await database.ask(`ANALYZE "${schema}".events`)
  const before = await entriesRead(schema)
  await handle(schema, events, 'after')
  const read = (await entriesRead(schema)) - before
  expect(read).toBeLessThan(16 * events) // one taking that reads all of the index would exceed it
}, 60_000)

/** Its connections are ended, so that the server has counted what they read. */
async function handle(schema: string, count: number, name: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: database.server.url, max: 4, application_name: schema })
  const inbox = postgresInbox({ pool, schema })
  const consumer = inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), consuming())
  for (let sent = 0; sent < count; sent += 64)
    await Promise.all(
      Array.from({ length: 64 }, (_, index) => inbox.put(sampleEvent(`${name}_${sent + index}`), remembered)),
    )
  await consumer.idle()
  await inbox.close()
  await pool.end()
  const backends = () => database.ask('SELECT FROM pg_stat_activity WHERE application_name = $1', [schema])
  await expect.poll(backends, { timeout: 30_000 }).toEqual([])
}

async function entriesRead(schema: string): Promise<number> {
  const [row] = await database.ask<{ read: string }>(
    `SELECT sum(idx_tup_read) AS read FROM pg_stat_all_indexes WHERE schemaname = $1 AND relname = 'events' AND indexrelname = 'events_pkey'`,
    [schema],
  )
  return Number(row?.read)
}

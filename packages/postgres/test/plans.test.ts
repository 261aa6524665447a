import type { EventRecord } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import pg from 'pg'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const handledBefore = 6_400
const handledAfter = 256

type EventsOf = (id: string, index: number) => EventRecord[]

/** What is put for an id, in this order. */
const kinds: [name: string, eventsOf: EventsOf][] = [
  ['events', (id) => [sampleEvent(id)]],
  ['events of 64 order keys', (id, index) => [sampleEvent(id, { orderKey: `key_${index % 64}` })]],
  [
    'reconciled events and their deliveries',
    (id) => [
      sampleEvent(`listed_${id}`, { origin: 'reconciled', aliases: [`acme:${id}`] }),
      sampleEvent(id),
      sampleEvent(`listed_${id}`, { origin: 'reconciled', aliases: [`acme:${id}`] }),
    ],
  ],
  [
    'deliveries that name what is reconciled later',
    (id) => [
      sampleEvent(id, { aliases: [`acme:listed_${id}`] }),
      sampleEvent(`listed_${id}`, { origin: 'reconciled' }),
    ],
  ],
]

test.for(kinds)(
  'an ANALYZE that finds the queue empty, and full of dead rows: %s are still found by index, and not by reading all of a table',
  { timeout: 60_000 },
  async ([, eventsOf]) => {
    const schema = newSchema()
    await handle(schema, eventsOf, handledBefore, 'before')
    for (const table of ['events', 'ids', 'aliases', 'newest']) {
      await database.ask(`ALTER TABLE "${schema}".${table} SET (autovacuum_enabled = off)`)
      await database.ask(`ANALYZE "${schema}".${table}`)
    }
    const before = await entriesRead(schema)
    await handle(schema, eventsOf, handledAfter, 'after')
    const read = (await entriesRead(schema)) - before
    expect(read).toBeLessThan(32 * handledAfter) // a single statement that reads all of an index would exceed it
  },
)

/** Its connections are ended, so that the server has counted what they read. */
async function handle(schema: string, eventsOf: EventsOf, count: number, name: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: database.server.url, max: 4, application_name: schema })
  const inbox = postgresInbox({ pool, schema })
  const consumer = inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), consuming())
  const put = async (index: number) => {
    for (const event of eventsOf(`${name}_${index}`, index)) await inbox.put(event, remembered)
  }
  for (let sent = 0; sent < count; sent += 64)
    await Promise.all(Array.from({ length: 64 }, (_, index) => put(sent + index)))
  await consumer.idle()
  await inbox.close()
  await pool.end()
  const backends = () => database.ask('SELECT FROM pg_stat_activity WHERE application_name = $1', [schema])
  await expect.poll(backends, { timeout: 30_000 }).toEqual([])
}

/** Entries of indexes, and rows that were read without one. */
async function entriesRead(schema: string): Promise<number> {
  const rows = await database.ask<{ read: string }>(
    `SELECT idx_tup_read AS read FROM pg_stat_all_indexes WHERE schemaname = $1
     UNION ALL SELECT seq_tup_read FROM pg_stat_all_tables WHERE schemaname = $1`,
    [schema],
  )
  return rows.reduce((sum, { read }) => sum + Number(read), 0)
}

import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test.each([
  [1, 'without order keys'],
  [12, 'without order keys'],
  [1, 'each of an order key'],
])(
  'what has waited for a handler is handed out in the order of the puts, %d at a time, whatever was parked first: %s',
  async (concurrency, keys) => {
    const schema = newSchema()
    const inbox = postgresInbox({ pool: database.pool(), schema })
    const ids = Array.from({ length: 12 }, (_, index) => `evt_${index}`)
    for (const [index, id] of ids.entries())
      await inbox.put(
        sampleEvent(id, {
          type: `order.${index % 3}`,
          ...(keys === 'each of an order key' && { orderKey: `line of ${id}` }),
        }),
        remembered,
      )
    for (const id of ids.toReversed())
      await database.ask(
        `UPDATE ${schema}.events SET rest = 'parked', rested_at = due_at, due_at = NULL WHERE id = $1`,
        [id],
      )
    const turns: string[] = []
    const consumer = inbox.consume(async ({ event, progress }) => {
      turns.push(event.id)
      return { outcome: 'done', progress }
    }, consuming({ concurrency }))
    await consumer.idle()
    await expect.poll(() => turns.length).toBe(12)
    expect(turns).toEqual(ids)
    await inbox.close()
  },
)

test('what waits for a handler, and has an order key, stays where it is where only other types have one, or another source', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  for (const type of ['order.other', 'order.paid'])
    await inbox.put(sampleEvent(type, { type, orderKey: `line of ${type}` }), remembered)
  await inbox.put(sampleEvent('elsewhere', { source: 'other', orderKey: 'line' }), remembered)
  await database.ask(`UPDATE ${schema}.events SET rest = 'parked', rested_at = due_at, due_at = NULL`)
  const turns: string[] = []
  const consumer = inbox.consume(
    async ({ event, progress }) => {
      turns.push(event.type)
      return { outcome: 'done', progress }
    },
    consuming({ wanted: () => ({ types: ['order.paid'], others: 'park' }) }),
  )
  await expect.poll(() => turns).toContain('order.paid')
  await consumer.idle()
  expect(turns).toEqual(['order.paid'])
  expect(await inbox.counts()).toMatchObject({ parked: 2 })
  await inbox.close()
})

test('a consumer is idle once it has seen all that waits for its handlers, however much of it has to wait for another of its order key', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  const ids = ['front', '1', '2', '3', '4', '5', 'free']
  for (const id of ids)
    await inbox.put(sampleEvent(id, { orderKey: id === 'free' ? 'other line' : 'line' }), remembered)
  const events = `${schema}.events`
  await database.ask(`UPDATE ${events} SET due_at = due_at + 3600000 WHERE id = 'front'`)
  await database.ask(
    `UPDATE ${events} SET rest = 'parked', rested_at = coalesce(rested_at, due_at), due_at = NULL WHERE id <> 'front'`,
  )
  const turns: string[] = []
  const consumer = inbox.consume(
    async ({ event, progress }) => {
      turns.push(event.id)
      return { outcome: 'done', progress }
    },
    consuming({ concurrency: 2 }),
  )
  await consumer.idle()
  expect(turns).toEqual(['free'])
  expect(await inbox.counts()).toMatchObject({ parked: 0, scheduled: 1, pending: 5 })
  await inbox.close()
})

test('a dead letter that is the only one of its order key is handed out once it is redriven', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
  await inbox.put(sampleEvent('one', { orderKey: 'line' }), { ...remembered, failure })
  expect(await inbox.redrive('acme:one')).toBe(true)
  const turns: string[] = []
  inbox.consume(async ({ event, progress }) => {
    turns.push(event.id)
    return { outcome: 'done', progress }
  }, consuming())
  await expect.poll(() => turns).toEqual(['one'])
  await inbox.close()
})

test.each([null, 'order'])(
  'what waits is found without going through all that is kept, one after another: order key %s',
  async (orderKey) => {
    const schema = newSchema()
    const maker = postgresInbox({ pool: database.pool(), schema })
    await maker.counts()
    await maker.close()
    await keepMany(schema, 'dead', 4_000, "'t' || n % 60")
    await keepMany(schema, 'parked', 3_000, "'t' || n % 60", orderKey)
    await database.ask(`VACUUM ANALYZE ${schema}.events`)
    const pool = database.pool({ application_name: schema })
    const inbox = postgresInbox({ pool, schema })
    let handled = 0
    const consumer = inbox.consume(
      async ({ progress }) => {
        handled += 1
        return { outcome: 'done', progress }
      },
      consuming({ wanted: () => ({ types: ['t1', 't2'], others: 'park' }) }),
    )
    await expect.poll(() => handled, { timeout: 30_000 }).toBe(100)
    await consumer.stop()
    await inbox.close()
    await pool.end()
    const backends = () => database.ask('SELECT FROM pg_stat_activity WHERE application_name = $1', [schema])
    await expect.poll(backends, { timeout: 10_000 }).toEqual([]) // a backend that ends tells what it has read
    const [row] = await database.ask<{ read: number }>(
      `SELECT idx_tup_read::integer AS read FROM pg_stat_user_indexes WHERE schemaname = $1 AND indexrelname = 'events_pkey'`,
      [schema],
    )
    expect(row?.read).toBeLessThan(10_000)
  },
)

/** Keeps events at rest, one after another, each of a line of its own. */
async function keepMany(
  schema: string,
  rest: string,
  count: number,
  type: string,
  orderKey: string | null = null,
): Promise<void> {
  await database.ask(
    `INSERT INTO ${schema}.events (sequence, key, source, id, type, created_at, received_at, fingerprint, rest, rested_at, raw_body, order_key)
     SELECT nextval('${schema}.events_sequence'), 'acme:${rest}' || n, 'acme', n, ${type}, n, n, 1, '${rest}', extract(epoch FROM now()) * 1000, '{}', $1::text || n
     FROM generate_series(1, ${count}) AS n`,
    [orderKey],
  )
}

import { postgresInbox } from '@hookport/postgres'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { takeSql } from '../src/consume/take-sql.ts'
import { Layout } from '../src/layout/layout.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { sentOn } from './support/sent-on.ts'
import { testServer } from './support/test-server.ts'

const database = testServer({ autovacuum: 'off' })

test('a taking reads the first few of a backlog along the index, whether Postgres knows of the backlog, of the empty table before it, or of nothing', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  const sql = takeSql(new Layout(schema, 'hookport'), 'park')
  const planOfPicked = async () => {
    const values = ['acme', 16, [], null, '6ff0bd1c-6a43-4b29-8ac6-8a1d5f3f3c1e', 30_000, false]
    const rows = await database.ask<{ 'QUERY PLAN': string }>(`EXPLAIN (COSTS OFF) ${sql}`, values)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    return plan.slice(plan.indexOf('CTE picked'), plan.indexOf('CTE taken'))
  }
  const put = (from: number, to: number) =>
    database.ask(
      `INSERT INTO ${schema}.events (sequence, key, source, id, type, created_at, received_at, fingerprint, due_at, raw_body)
       SELECT n, n, 'acme', n, 'order.paid', 1, 1, 1, n, convert_to(repeat('x', 400), 'UTF8') FROM generate_series($1::bigint, $2::bigint) n`,
      [from, to],
    )
  await inbox.counts()
  await put(1, 20_000)
  const plans = [await planOfPicked()]
  await database.ask(`DELETE FROM ${schema}.events; ANALYZE ${schema}.events`)
  await put(20_001, 40_000)
  plans.push(await planOfPicked())
  await database.ask(`ANALYZE ${schema}.events`)
  plans.push(await planOfPicked())
  for (const plan of plans) {
    expect(plan).toContain('Index Scan using events_by_due_at')
    expect(plan).not.toContain('Sort')
  }
  await inbox.close()
}, 60_000)

test('what is done is told with the next taking: a statement for each `concurrency` events', async () => {
  const pool = database.pool()
  const statements = sentOn(pool)
  const inbox = postgresInbox({ pool, schema: newSchema(), pollMs: 60_000 })
  await Promise.all(
    Array.from({ length: 200 }, (_, index) => inbox.put(sampleEvent(`evt_${index}`), remembered)),
  )
  statements.length = 0
  const consumer = inbox.consume(
    async ({ progress }) => ({ outcome: 'done', progress }),
    consuming({ concurrency: 10 }),
  )
  await consumer.idle()
  expect((await inbox.counts()).pending).toBe(0)
  expect(statements.filter((statement) => statement.includes('tell_and_take')).length).toBeGreaterThanOrEqual(
    20,
  )
  expect(statements.length).toBeLessThan(30) // and looks at what is parked, twice a second, and at what is forgotten
  await inbox.close()
})

const twice = 'interruptions = 2, until_wanted = true, due_at = due_at + 3600000'
const parkedAsItLapsed = `interruptions = 1, lease_token = gen_random_uuid(), rest = 'parked', rested_at = due_at, due_at = NULL`

test.each([
  ['was interrupted twice and waits', 1, twice],
  ['was interrupted twice and waits', 2, twice],
  ['was parked as its second lease was over, and waits', 2, parkedAsItLapsed],
])(
  'an event that %s for a handler runs alone where a process has one, for up to %d at a time, and keeps no other from it',
  async (_, concurrency, state) => {
    const schema = newSchema()
    const inbox = postgresInbox({ pool: database.pool(), schema })
    for (const id of ['suspect', 'neighbour']) await inbox.put(sampleEvent(id), remembered)
    await database.ask(`UPDATE ${schema}.events SET suspect = true, ${state} WHERE id = 'suspect'`)
    await database.ask(
      `UPDATE ${schema}.events SET until_wanted = true, due_at = due_at + 3600000 WHERE id = 'neighbour'`,
    )
    const turns: string[] = []
    let running = 0
    inbox.consume(
      async ({ event, interruptions, progress }) => {
        running += 1
        turns.push(`${event.id} ${interruptions}, of ${running}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
        running -= 1
        return { outcome: 'done', progress }
      },
      consuming({ concurrency, wanted: () => ({ types: ['order.paid'], others: 'park' }) }),
    )
    await expect.poll(() => turns.toSorted()).toEqual(['neighbour 0, of 1', 'suspect 2, of 1'])
    await inbox.close()
  },
)

test('an event of an order key that has waited for a handler is not overtaken by what comes after it was found', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema, pollMs: 60_000 })
  await inbox.put(sampleEvent('waited', { orderKey: 'its key' }), remembered)
  await database.ask(`UPDATE ${schema}.events SET until_wanted = true, due_at = due_at + 3600000`)
  await inbox.put(sampleEvent('first'), remembered)
  const turns: string[] = []
  const consumer = inbox.consume(
    async ({ event, progress }) => {
      turns.push(event.id)
      if (event.id === 'first') {
        await expect.poll(async () => (await inbox.get('acme:waited'))?.state).toBe('pending')
        for (const id of ['later', 'last']) await inbox.put(sampleEvent(id), remembered)
      }
      return { outcome: 'done', progress }
    },
    consuming({ concurrency: 1 }),
  )
  await consumer.idle()
  expect(turns).toEqual(['first', 'waited', 'later', 'last'])
  await inbox.close()
}, 30_000)

test('without limits on what is parked, takings work from the first one on', async () => {
  const { logger, lines } = recordedLogger()
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  const parking = { keepMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }
  const consumer = inbox.consume(
    async ({ progress }) => ({ outcome: 'done', progress }),
    consuming({ parking, logger }),
  )
  await consumer.idle()
  await inbox.close()
  expect(lines).toEqual([])
})

test('a taking that parks as many as it may goes on at once: idle waits for all that is due', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema(), pollMs: 60_000 })
  for (let index = 0; index < 50; index++) await inbox.put(sampleEvent(`evt_${index}`), remembered)
  const consumer = inbox.consume(
    async ({ progress }) => ({ outcome: 'done', progress }),
    consuming({ concurrency: 20, wanted: () => ({ types: [], others: 'park' }) }),
  )
  await consumer.idle()
  expect(await inbox.counts()).toMatchObject({ parked: 50, pending: 0 })
  await inbox.close()
})

test.each([
  ['due at the same time is handed out in the order of the puts', 'due_at = 1', (ids: string[]) => ids],
  ['due is handed out by when it was due', 'due_at = 1000 - sequence', (ids: string[]) => ids.toReversed()],
])('what is %s', async (_, change, inOrder) => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  const ids = Array.from({ length: 12 }, (_, index) => `evt_${index}`)
  for (const id of ids) await inbox.put(sampleEvent(id), remembered)
  await database.ask(`UPDATE ${schema}.events SET ${change}`)
  const turns: string[] = []
  const consumer = inbox.consume(
    async ({ event, progress }) => {
      turns.push(event.id)
      return { outcome: 'done', progress }
    },
    consuming({ concurrency: ids.length }),
  )
  await consumer.idle()
  expect(turns).toEqual(inOrder(ids))
  await inbox.close()
})

test.each([
  ['due', 'due_at = 1'],
  ['waiting for a handler', `rest = 'parked', rested_at = due_at, due_at = NULL`],
])(
  'an event that another transaction has locked keeps none of the others that are %s from being taken',
  async (_, change) => {
    const schema = newSchema()
    const inbox = postgresInbox({ pool: database.pool(), schema })
    for (const id of ['locked', 'two', 'three']) await inbox.put(sampleEvent(id), remembered)
    await database.ask(`UPDATE ${schema}.events SET ${change}`)
    const other = await database.pool().connect()
    await other.query(`BEGIN; SELECT FROM ${schema}.events WHERE id = 'locked' FOR UPDATE`)
    const { logger, lines } = recordedLogger()
    const turns: string[] = []
    inbox.consume(async ({ event, progress }) => {
      turns.push(event.id)
      return { outcome: 'done', progress }
    }, consuming({ logger }))
    try {
      await expect.poll(() => turns.toSorted()).toEqual(['three', 'two'])
    } finally {
      await other.query('ROLLBACK')
      other.release()
    }
    await expect.poll(() => turns).toContain('locked')
    await inbox.close()
    expect(lines).toEqual([])
  },
)

import type { EventSummary, Inbox, ListFilter } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, onTestFinished, test } from 'vitest'
import { alongIndexes, listSql } from '../src/events/event-list.ts'
import { countSql } from '../src/events/kept-events.ts'
import { tablesIn } from '../src/layout/tables.ts'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { sentOn } from './support/sent-on.ts'
import { testServer } from './support/test-server.ts'

const database = testServer({ autovacuum: 'off' })

test.each(['dead', 'parked', 'handled'] as const)(
  'a page of what is %s is read along its index, whatever Postgres knows of the table: a replay of a million reads each once',
  async (state) => {
    const schema = newSchema()
    const inbox = postgresInbox({ pool: database.pool(), schema })
    await inbox.counts()
    const client = await database.pool().connect()
    onTestFinished(() => client.release())
    await client.query(alongIndexes.replaceAll('LOCAL', ''))
    const put = (from: number, to: number, rest: string | null) => putRows(schema, from, to, rest)
    const plans = async () => {
      const found: string[] = []
      for (const newestFirst of [false, true]) {
        const values = ['9000', newestFirst ? '0' : '99999', 101, 'acme', null, null, 1, 30_000, null]
        const sql = listSql(tablesIn(schema), { state, newestFirst })
        const { rows } = await client.query(`EXPLAIN (COSTS OFF) ${sql}`, values)
        found.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
      }
      return found
    }
    await put(1, 20_000, state)
    const all = await plans()
    await database.ask(`ANALYZE ${schema}.events`)
    all.push(...(await plans()))
    for (const plan of all) {
      expect(plan).toMatch(/Limit\n +-> +Index Scan (Backward )?using/)
      expect(plan).not.toContain('Sort')
    }
    await database.ask(`DELETE FROM ${schema}.events WHERE sequence <= 19900`)
    await put(20_001, 40_000, null)
    await database.ask(`ANALYZE ${schema}.events`)
    for (const plan of await plans())
      expect(plan).toMatch(/Limit\n +-> +Index Scan (Backward )?using events_listed/)
    await inbox.close()
  },
  60_000,
)

test('a search looks at 5,000 events in a call: a page may find nothing, and leads on to what is meant', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await inbox.counts()
  await putRows(schema, 1, 10_001, 'handled')
  await database.ask(`UPDATE ${schema}.events SET tenant = 'north' WHERE sequence = 10001`)
  const meant = [expect.objectContaining({ id: '10001' })]
  expect(await pagesOf(inbox, { tenant: 'north' })).toEqual([[], [], meant])
  expect(await pagesOf(inbox, { tenant: 'north', newestFirst: true })).toEqual([meant, [], []])
  expect(await pagesOf(inbox, { state: 'handled', idIncludes: 'nothing' })).toEqual([[], [], []])
  await database.ask(`UPDATE ${schema}.events SET rest = 'dead' WHERE sequence = 10001`)
  expect(await pagesOf(inbox, { state: 'dead', source: 'acme' })).toEqual([meant]) // by the index of what is dead
  await inbox.close()
})

test.each([
  ['pending', 'due_at = 1, rest = NULL, rested_at = NULL'],
  ['pending', "rest = 'behind'"],
  ['scheduled', 'due_at = 1e15, rest = NULL, rested_at = NULL'],
  ['active', 'due_at = 1e15, rest = NULL, rested_at = NULL, lease_token = gen_random_uuid()'],
] as const)(
  'what is %s is found without looking at all that was handled between: %s',
  async (state, change) => {
    const schema = newSchema()
    const inbox = postgresInbox({ pool: database.pool(), schema })
    await inbox.counts()
    await putRows(schema, 1, 60_000, 'handled')
    await database.ask(`UPDATE ${schema}.events SET ${change} WHERE sequence IN (20000, 20001, 40000)`)
    for (const source of ['acme', undefined]) {
      const filter = source === undefined ? { state } : { state, source }
      const pages = await pagesOf(inbox, filter)
      expect(pages.flat().map(({ id }) => id)).toEqual(['20000', '20001', '40000'])
      const latest = await pagesOf(inbox, { ...filter, newestFirst: true })
      expect(latest.flat().map(({ id }) => id)).toEqual(['40000', '20001', '20000'])
      expect([pages.length, latest.length]).toEqual([5, 5]) // of 12 stretches: the first, those with something, and one after each
    }
    expect(await pagesOf(inbox, { state, source: 'other' })).toEqual([[]])
    await inbox.close()
  },
)

test('each list asks for a plan along indexes, for itself alone', async () => {
  const pool = database.pool()
  const sent = sentOn(pool)
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  for (const state of ['dead', 'pending', undefined] as const) {
    sent.length = 0
    await inbox.list(state && { state })
    expect(sent.slice(0, 2)).toEqual([expect.stringContaining('BEGIN'), alongIndexes])
  }
  await inbox.close()
})

test('the last page of a list names none after it, however full it is', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  for (const id of ['one', 'two']) await inbox.put(sampleEvent(id), remembered)
  const { cursor = '' } = await inbox.list({ limit: 1 })
  expect(await inbox.list({ limit: 1, cursor })).toEqual({ items: [expect.objectContaining({ id: 'two' })] })
  await inbox.close()
})

test('a cursor that is no sequence of Postgres is refused as such, and is not asked for', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  await expect(inbox.list({ cursor: '9'.repeat(19) })).rejects.toThrow('list: cursor is')
  await inbox.close()
})

test('a dead letter that was redriven is listed without the failures of before', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
  await inbox.put(sampleEvent('one'), { ...remembered, failure })
  expect((await inbox.list()).items).toMatchObject([{ state: 'dead', failures: [failure] }])
  expect(await inbox.redrive('acme:one')).toBe(true)
  expect((await inbox.list()).items).toMatchObject([{ state: 'pending', failures: [] }])
  await inbox.close()
})

test('counts read what is at rest from its index, and no kept bodies: health() asks for them again and again', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await inbox.counts()
  await putRows(schema, 1, 20_000, 'handled')
  await database.ask(`VACUUM ANALYZE ${schema}.events`)
  const plan = await database.ask(`EXPLAIN (COSTS OFF) ${countSql(tablesIn(schema))}`, ['acme'])
  expect(JSON.stringify(plan)).toContain('Index Only Scan using events_by_rest')
  expect(JSON.stringify(plan)).not.toContain('Seq Scan')
  expect(await inbox.counts({ source: 'acme' })).toMatchObject({ handled: 20_000 })
  await inbox.close()
})

/** Events of one source, with a body each. `rest` null: they are due. */
function putRows(schema: string, from: number, to: number, rest: string | null) {
  return database.ask(
    `INSERT INTO ${schema}.events (sequence, key, source, id, type, created_at, received_at, fingerprint, due_at, rest, rested_at, raw_body)
     SELECT n, n, 'acme', n, 'order.paid', n, n, 1, CASE WHEN $3::text IS NULL THEN n END, $3, CASE WHEN $3::text IS NOT NULL THEN n END,
       convert_to(repeat('x', 400), 'UTF8') FROM generate_series($1::bigint, $2::bigint) n`,
    [from, to, rest],
  )
}

async function pagesOf(inbox: Inbox, filter: ListFilter): Promise<EventSummary[][]> {
  const pages: EventSummary[][] = []
  let cursor: string | undefined
  do {
    const page = await inbox.list(cursor === undefined ? filter : { ...filter, cursor })
    pages.push([...page.items])
    cursor = page.cursor
  } while (cursor !== undefined)
  return pages
}

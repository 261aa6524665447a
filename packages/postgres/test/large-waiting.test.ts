import type { TakeRequest } from '@hookport/core/inbox-kit'
import { postgresInbox } from '@hookport/postgres'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Connections } from '../src/connection/connections.ts'
import { Database } from '../src/connection/database.ts'
import { ParkedLimits } from '../src/consume/parked-limits.ts'
import { WaitingLines } from '../src/consume/waiting-lines.ts'
import { waitingSql } from '../src/consume/waiting-sql.ts'
import { Layout } from '../src/layout/layout.ts'
import { newSchema } from './support/new-schema.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const howMany = 20_000

/** Very many events of ten types that are parked, of which the statistics know nothing. */
async function manyParked() {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  onTestFinished(() => inbox.close())
  await inbox.counts() // makes the tables
  await database.ask(`ALTER TABLE ${schema}.events SET (autovacuum_enabled = off)`)
  await database.ask(
    `INSERT INTO ${schema}.events (sequence, key, source, id, type, created_at, received_at, fingerprint, rest, rested_at, raw_body)
     SELECT n, 'acme:' || n, 'acme', n, 'type.' || n % 10, 1, 1, 1, 'parked', n, 'x' FROM generate_series(1, $1::bigint) n`,
    [howMany],
  )
  return { schema, pool }
}

interface Node {
  readonly Plans?: readonly Node[]
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
}

function rowsRead({ Plans = [], ...node }: Node): number {
  const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
  return Math.max(rows, ...Plans.map(rowsRead))
}

test.for([
  ['one type', ['type.1']],
  ['any type', null],
] as const)(
  'of very many events that wait for %s and have no order key, a taking reads about a thousand, whatever the statistics say',
  async ([, types]) => {
    const { schema } = await manyParked()
    const names = { source: '$1', limit: '$2', running: '$3', types: '$4' }
    const [row] = await database.ask<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${waitingSql(`${schema}.events`, names, false)}`,
      ['acme', 10, [], types],
    )
    const read = rowsRead(row?.['QUERY PLAN'][0].Plan as Node)
    expect(read).toBeGreaterThan(1_000)
    expect(read).toBeLessThan(1_100)
  },
)

test('of very many with an order key and of any type, the oldest are found, so that a later one comes to no line before an earlier one', async () => {
  const { schema } = await manyParked()
  await database.ask(`UPDATE ${schema}.events SET order_key = 'key'`)
  const names = { source: '$1', limit: '$2', running: '$3', types: '$4' }
  const found = await database.ask<{ sequence: string }>(
    `SELECT sequence FROM (${waitingSql(`${schema}.events`, names, true)}) found ORDER BY sequence`,
    ['acme', 10, [], null],
  )
  expect(found.slice(0, 1_000).map(({ sequence }) => Number(sequence))).toEqual(
    Array.from({ length: 1_000 }, (_, index) => index + 1),
  )
})

test('those with an order key are looked for a twentieth of the time at most, and at once where more were found or other types are wanted', async () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(0)
  onTestFinished(() => now.mockRestore())
  const found: object[][] = []
  const ask = vi.fn(async () => {
    now.mockReturnValue(performance.now() + 100)
    return found.pop() ?? []
  })
  const writeTransaction = vi.fn()
  const { layout } = new Database(new Connections(database.pool()), new Layout('none', 'hookport'), [])
  const lines = new WaitingLines({ layout, ask, writeTransaction } as unknown as Database)
  const request = { source: 'acme', limit: 1, running: [] } as unknown as TakeRequest
  found.push([{ sequence: '1', source: 'acme', order_key: 'key' }])
  expect(await lines.lineUp(request, ['one'])).toBe(true)
  expect(writeTransaction).toHaveBeenCalledTimes(1)
  expect(await lines.lineUp(request, ['one'])).toBe(false)
  expect(ask).toHaveBeenCalledTimes(2)
  now.mockReturnValue(200 + 1_999)
  await lines.lineUp(request, ['one'])
  expect(ask).toHaveBeenCalledTimes(2)
  await lines.lineUp(request, ['one', 'other'])
  await lines.lineUp(request, null)
  expect(ask).toHaveBeenCalledTimes(4)
  now.mockReturnValue(performance.now() + 2_000)
  await lines.lineUp(request, null)
  expect(ask).toHaveBeenCalledTimes(5)
  expect(writeTransaction).toHaveBeenCalledTimes(1)
})

test('where very many parked events are too old, a step adds up no bodies: it reads those that it drops', async () => {
  const { schema, pool } = await manyParked()
  const asked: [string, unknown[]][] = []
  const statements = new Database(new Connections(pool), new Layout(schema, 'hookport'), [])
  const limits = new ParkedLimits(
    {
      layout: statements.layout,
      write: (sql: string, values: unknown[]) => {
        asked.push([sql, values])
        return statements.write(sql, values)
      },
    } as unknown as Database,
    'acme',
  )
  expect(await limits.expire({ keepMs: 1, maxBytes: 1 })).toHaveLength(64)
  const [sql, values] = asked[0] ?? ['', []]
  const [row] = await database.ask<{ 'QUERY PLAN': [{ Plan: Node }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
    values,
  )
  expect(rowsRead(row?.['QUERY PLAN'][0].Plan as Node)).toBeLessThan(1_000)
})

import { postgresInbox } from '@hookport/postgres'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Connections } from '../src/connection/connections.ts'
import { Database } from '../src/connection/database.ts'
import { ParkedLimits } from '../src/consume/parked-limits.ts'
import { Layout } from '../src/layout/layout.ts'
import { newSchema } from './support/new-schema.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const noLimits = { keepMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }

/** Events that are parked, the last one first. Their bodies have a byte each. */
async function parkedEvents(count: number) {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  onTestFinished(() => inbox.close())
  await inbox.counts() // makes the tables
  await database.ask(
    `INSERT INTO ${schema}.events (sequence, key, source, id, type, created_at, received_at, fingerprint, rest, rested_at, raw_body)
     SELECT n, 'acme:' || n, 'acme', n, 'order.paid', 1, 1, 1, 'parked', 1000 - n, 'x' FROM generate_series(1, $1::bigint) n`,
    [count],
  )
  const limits = new ParkedLimits(
    new Database(new Connections(pool), new Layout(schema, 'hookport'), []),
    'acme',
  )
  const expire = async (given: Partial<typeof noLimits>) => {
    const reports = await limits.expire({ ...noLimits, ...given })
    return reports.map(({ event }) => Number(event.id))
  }
  return { schema, inbox, expire }
}

const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index)

test('what is parked beyond the limits is dropped in steps, one right after the other, what was parked first before the rest', async () => {
  const { inbox, expire } = await parkedEvents(70)
  expect(await expire({ maxBytes: 3 })).toEqual(down(70, 7))
  expect(await expire({ maxBytes: 3 })).toEqual(down(6, 4))
  expect((await inbox.counts()).parked).toBe(3)
})

test('a parked event that another transaction has locked keeps none of the others from being dropped', async () => {
  const { schema, expire } = await parkedEvents(3)
  const other = await database.pool().connect()
  await other.query(`BEGIN; SELECT FROM ${schema}.events WHERE sequence = 3 FOR UPDATE`)
  try {
    expect(await expire({ keepMs: 0 })).toEqual([2, 1])
  } finally {
    await other.query('ROLLBACK')
    other.release()
  }
})

test('while anything is parked, it is looked at again after half a second', async () => {
  const { expire } = await parkedEvents(1)
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  expect(await expire({})).toEqual([])
  vi.advanceTimersByTime(500)
  expect(await expire({ keepMs: 0 })).toEqual([1])
})

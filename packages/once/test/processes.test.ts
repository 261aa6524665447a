import { setTimeout as sleep } from 'node:timers/promises'
import { onceIn } from '@hookport/once/pg'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { contextOf, eventOf } from './support/handling.ts'
import { startEffects } from './support/start-effects.ts'

let server: PostgresServer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres()
  pool = new pg.Pool({ connectionString: server.url })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  await pool.query('create table effects (id text, process int, at timestamptz default clock_timestamp())')
  await onceIn(pool).migrate()
}, 60_000)
beforeEach(() => pool.query('truncate effects, hookport_receipts'))
afterAll(async () => {
  await pool.end()
  await server.stop()
})

async function rowsOf(
  statement: string,
  parameters?: unknown[],
): Promise<readonly Record<string, unknown>[]> {
  return (await pool.query(statement, parameters)).rows
}

async function effects(): Promise<readonly { id: string; process: number }[]> {
  return (await pool.query('select id, process from effects order by id')).rows
}

test('two processes that handle the same events at once have one effect for each', async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `evt_${100 + index}`)
  const both = [ids, ids.toReversed()].map((ids) => startEffects({ url: server.url, ids, holdMs: 5 }))
  await Promise.all(both.map(({ ended }) => ended))
  for (const { lines } of both) expect(lines.filter((line) => line.startsWith('handled'))).toHaveLength(100)
  expect((await effects()).map(({ id }) => id)).toEqual(ids)
})

test('a process stopped within its transaction holds it for handlerTimeout: another has the effect, and it commits nothing when it wakes', async () => {
  const options = { url: server.url, ids: ['evt_1'], handlerTimeout: 3_000 }
  const frozen = startEffects({ ...options, holdMs: 'frozen' })
  await frozen.said('written')
  const [held] = await rowsOf(
    "select state_change::text as since from pg_stat_activity where state = 'idle in transaction'",
  )
  const other = startEffects(options)
  await other.ended
  const [effect] = await rowsOf('select extract(epoch from at - $1) * 1000 as ms from effects', [held?.since])
  expect(Number(effect?.ms)).toBeGreaterThanOrEqual(3_000)
  expect(await effects()).toEqual([{ id: 'evt_1', process: other.process.pid }])
  frozen.process.kill('SIGCONT')
  await frozen.ended
  expect(frozen.lines.at(-1)).toBe('handled evt_1') // its next attempt found the receipt
  expect(frozen.lines.filter((line) => line.startsWith('failed'))).toHaveLength(1)
  expect(await effects()).toEqual([{ id: 'evt_1', process: other.process.pid }])
})

test.each(['begun', 'written', 'committing'] as const)(
  'Postgres killed and restarted when the transaction is %s: the effect takes place once',
  async (when) => {
    let isFirst = true
    const handler = onceIn(pool)('save', async ({ id }, _, { tx }) => {
      const dies = isFirst
      isFirst = false
      if (dies && when === 'begun') await server.kill()
      await tx.query('insert into effects values ($1)', [id])
      if (dies && when === 'written') await server.kill()
      if (dies && when === 'committing') setImmediate(() => server.kill()) // the COMMIT is on its way by then
    })
    const handled = async () => {
      for (;;) {
        try {
          return await handler(eventOf(), contextOf())
        } catch {
          await sleep(50)
        }
      }
    }
    const handling = handled()
    while (server.process.signalCode === null) await sleep(5)
    await server.restart()
    await handling
    expect(await effects()).toHaveLength(1)
  },
  60_000,
)

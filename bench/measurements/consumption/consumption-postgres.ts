import { postgresInbox } from '@hookport/postgres'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { Logger, run } from 'graphile-worker'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { signedDelivery, usualBodyBytes } from '../../load/sign.ts'
import {
  type ConsumptionResult,
  type Contenders,
  concurrency,
  countDown,
  type Drain,
  fillInbox,
  takeTurns,
} from './consume-in-turns.ts'

/** Of each contender's pool: what `pg` has unless told otherwise. */
const connections = 10

/** On one Postgres as it comes, which syncs every commit. */
export async function measurePostgresConsumption(events: number): Promise<ConsumptionResult[]> {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url, max: connections })
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {})) // graphile-worker asks for both
  try {
    return await takeTurns(contendersFor(events, pool, server.url), events)
  } finally {
    await pool.end()
    await server.stop()
  }
}

/** Batches as their documentation advises: of graphile-worker, the size to start from, and that which its own figures are of. */
function contendersFor(events: number, pool: pg.Pool, url: string): Contenders {
  return {
    [`graphile-worker, localQueue ${concurrency + 1}`]: (round) =>
      fillGraphile(pool, `graphile_${round}`, events, concurrency + 1),
    'graphile-worker, localQueue 500': (round) => fillGraphile(pool, `graphile_big_${round}`, events, 500),
    'pg-boss': (round) => fillBoss(url, `boss_${round}`, events),
    'hookport, Postgres': (round) => fillInbox(postgresInbox({ pool, schema: `hookport_${round}` }), events),
  }
}

async function fillGraphile(pool: pg.Pool, schema: string, events: number, size: number): Promise<Drain> {
  const countdown = countDown(events)
  const silent = new Logger(() => () => {})
  const options = { pgPool: pool, schema, logger: silent, noHandleSignals: true }
  const handle = async () => {
    countdown.next()
  }
  const filler = await run({ ...options, concurrency: 1, taskList: { none: handle } })
  await filler.stop()
  for (const payloads of inThousands(events)) {
    await pool.query(
      `SELECT count(*) FROM ${schema}.add_jobs(ARRAY(SELECT json_populate_record(NULL::${schema}.job_spec, spec) FROM json_array_elements($1::json) AS spec))`,
      [JSON.stringify(payloads.map((payload) => ({ identifier: 'event', payload, job_key: payload.id })))],
    )
  }
  return async () => {
    const runner = await run({
      ...options,
      taskList: { event: handle },
      preset: {
        worker: {
          concurrentJobs: concurrency,
          localQueue: { size },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
    })
    await countdown.atZero
    await runner.stop()
  }
}

async function fillBoss(connectionString: string, schema: string, events: number): Promise<Drain> {
  const countdown = countDown(events)
  const boss = new PgBoss({ connectionString, schema, max: connections })
  await boss.start()
  await boss.createQueue('events')
  for (const payloads of inThousands(events))
    await boss.insert(
      'events',
      payloads.map((data) => ({ data, singletonKey: data.id })),
    )
  return async () => {
    const options = { batchSize: concurrency, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }
    await boss.work('events', options, async (jobs) => {
      for (const _ of jobs) countdown.next()
    })
    await countdown.atZero
    await boss.stop({ graceful: true })
  }
}

/** What senders have delivered. */
function* inThousands(events: number): Generator<{ id: string }[]> {
  for (let left = events; left > 0; left -= 1_000) {
    const count = Math.min(left, 1_000)
    yield Array.from({ length: count }, () => JSON.parse(signedDelivery('sematryx', usualBodyBytes).body))
  }
}

import { onceIn } from '@hookport/once/pg'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { pairedRatio, type Ratio } from '../statistics/paired-ratio.ts'
import { median } from '../statistics/percentile.ts'
import { benchEvent } from './bench-events.ts'

export interface OnceResult {
  readonly name: string
  readonly effectsPerSecond: number
  readonly cpuMicrosPerEffect: number
  /** How many times as fast as by hand, and how many times its CPU time: above 1 is better, with 95% confidence. */
  readonly throughputRatio: Ratio
  readonly cpuRatio: Ratio
}

const slices = 60
const effectsPerSlice = 200
const concurrency = 8

type Handle = (key: string) => Promise<unknown>

/** A handler that writes one row: with `once`, and with a receipt written by hand in the same transaction. */
export async function measureOnce(): Promise<OnceResult[]> {
  return [
    ...(await takeTurns('synchronous_commit on', 'on')),
    ...(await takeTurns('synchronous_commit off', 'off')), // a disk that syncs hides what else takes time
  ]
}

async function takeTurns(setting: string, synchronousCommit: 'on' | 'off'): Promise<OnceResult[]> {
  const server = await startPostgres({ synchronous_commit: synchronousCommit })
  const pool = new pg.Pool({ connectionString: server.url, max: concurrency })
  try {
    await pool.query('create table plans (id text primary key, name text)')
    await pool.query(
      'create table processed (event text, handler text, at timestamptz not null default now(), primary key (event, handler))',
    )
    const contenders = { 'by hand': byHand(pool), 'hookport, once on pg': await withOnce(pool) }
    const measured = Object.entries(contenders).map(([name, handle]) => ({
      name,
      handle,
      rates: [] as number[],
      micros: [] as number[],
    }))
    for (let slice = -10; slice < slices; slice++) {
      for (const { name, handle, rates, micros } of slice % 2 === 0 ? measured : measured.toReversed()) {
        const { ms, cpuMicros } = await runSlice(handle, `${name} ${slice}`)
        if (slice < 0) continue // to warm up
        rates.push((effectsPerSlice / ms) * 1000)
        micros.push(cpuMicros / effectsPerSlice)
      }
    }
    const [rival] = measured
    return measured.map(({ name, rates, micros }) => ({
      name: `${name}, ${setting}`,
      effectsPerSecond: median(rates),
      cpuMicrosPerEffect: median(micros),
      throughputRatio: pairedRatio(rates, rival?.rates ?? []),
      cpuRatio: pairedRatio(rival?.micros ?? [], micros),
    }))
  } finally {
    await pool.end()
    await server.stop()
  }
}

function byHand(pool: pg.Pool): Handle {
  return async (key) => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      const receipt = 'insert into processed (event, handler) values ($1, $2) on conflict do nothing'
      const { rowCount } = await client.query(receipt, [key, 'save-plan'])
      if (rowCount === 1) await savePlan(client, key)
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
}

async function withOnce(pool: pg.Pool): Promise<Handle> {
  const once = onceIn(pool)
  await once.migrate()
  const handler = once('save-plan', ({ key }, _, { tx }) => savePlan(tx, key))
  const { signal } = new AbortController()
  const ignore = () => {}
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const context = {
    attempt: 1,
    signal,
    logger,
    provider: 'bench',
    handler: 'save-plan',
    handlerTimeout: 25_000,
  }
  const { createdAt: _, aliases: __, tenant, ...record } = benchEvent()
  return (key) => {
    const event = {
      ...record,
      key,
      tenant,
      aliases: [],
      createdAt: new Date(),
      data: {},
      payload: {},
      fetch: async () => {},
    }
    return handler({ ...event, rawBody: new Uint8Array() }, { ...context, replay: undefined })
  }
}

function savePlan(client: pg.ClientBase, key: string): Promise<unknown> {
  return client.query('insert into plans values ($1, $2)', [key, 'a plan'])
}

async function runSlice(handle: Handle, prefix: string): Promise<{ ms: number; cpuMicros: number }> {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  let next = 0
  const hand = async () => {
    while (next < effectsPerSlice) await handle(`${prefix} ${next++}`)
  }
  await Promise.all(Array.from({ length: concurrency }, hand))
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ms: performance.now() - startedAt, cpuMicros: user + system }
}

import type { Inbox } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { postgresCpuMicros } from '../load/store-cpu.ts'
import { benchEvent, consumeBenchEvents } from './bench-events.ts'

export interface IdleResult {
  readonly consumers: number
  readonly seconds: number
  /** CPU milliseconds of the database for each second, by itself and with the consumers. */
  readonly aloneMs: number
  readonly consumedMs: number
}

const consumers = 10
/** A consumer that has had work asks ever more seldom, and has come to its longest pause by then. */
const settleMs = 5_000

/** What an idle Postgres pays for ten consumers with nothing to do, each with a pool of its own, as in ten processes. */
export async function measureIdle(seconds: number): Promise<IdleResult[]> {
  const server = await startPostgres()
  const pools: pg.Pool[] = []
  const inboxes: Inbox[] = []
  const cpuMsPerSecond = async () => {
    const before = await postgresCpuMicros(server.process.pid as number)
    const startedAt = performance.now()
    await pause(seconds * 1000)
    const after = await postgresCpuMicros(server.process.pid as number)
    return (after - before) / (performance.now() - startedAt) // microseconds for a millisecond, as milliseconds for a second
  }
  try {
    await pause(settleMs)
    const aloneMs = await cpuMsPerSecond()
    for (let index = 0; index < consumers; index++) {
      const pool = new pg.Pool({ connectionString: server.url })
      pools.push(pool)
      const inbox = postgresInbox({ pool })
      inboxes.push(inbox)
      await inbox.put(benchEvent(), { rememberMs: 60_000 })
      await consumeBenchEvents(inbox).idle()
    }
    await pause(settleMs)
    return [{ consumers, seconds, aloneMs, consumedMs: await cpuMsPerSecond() }]
  } finally {
    await Promise.all(inboxes.map((inbox) => inbox.close()))
    await Promise.all(pools.map((pool) => pool.end()))
    await server.stop()
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

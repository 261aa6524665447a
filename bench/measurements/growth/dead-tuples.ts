import { postgresInbox } from '@hookport/postgres'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { postgresCpuMicros } from '../../load/store-cpu.ts'
import { benchEvent, consumeBenchEvents } from '../bench-events.ts'

/** How the tables of a Postgres inbox stand after so many events, put and handled at a steady rate. */
export interface DeadTuplesResult {
  readonly seconds: number
  readonly events: number
  /** Of the table of events, as the server counts it. */
  readonly deadRows: number
  readonly vacuums: number
  readonly eventsBytes: number
  readonly eventsIndexBytes: number
  /** With its indexes. It remembers all events. */
  readonly idsBytes: number
  /** Of the database, for each event since the line before. */
  readonly cpuMicrosPerEvent: number
}

const perSecond = 2_000
const tickMs = 20
const samples = 20

const sizes = `select n_dead_tup::integer as dead, autovacuum_count::integer as vacuums, pg_relation_size(e.relid)::float8 as table,
    pg_indexes_size(e.relid)::float8 as indexes, pg_total_relation_size('hookport.ids')::float8 as ids
  from pg_stat_user_tables e where schemaname = 'hookport' and relname = 'events'`

/** With Postgres's own settings: autovacuum looks once a minute. Takes a second for each 2,000 events. */
export async function measureDeadTuples(events: number): Promise<DeadTuplesResult[]> {
  const server = await startPostgres()
  const pool = new pg.Pool({ connectionString: server.url, max: 10 })
  const inbox = postgresInbox({ pool })
  const results: DeadTuplesResult[] = []
  try {
    const consumer = consumeBenchEvents(inbox)
    const startedAt = performance.now()
    let put = 0
    let cpuBefore = await postgresCpuMicros(server.process.pid as number)
    for (let sample = 1; sample <= samples; sample++) {
      const before = put
      const until = Math.round((events * sample) / samples)
      while (put < until) {
        const due = Math.min(until, Math.floor(((performance.now() - startedAt) / 1000) * perSecond))
        const fresh = Array.from({ length: Math.max(0, due - put) }, benchEvent)
        put += fresh.length
        await Promise.all(fresh.map((event) => inbox.put(event, { rememberMs: 3 * 24 * 3600_000 })))
        await new Promise((resolve) => setTimeout(resolve, tickMs))
      }
      const { rows } = await pool.query(sizes)
      const cpuMicros = await postgresCpuMicros(server.process.pid as number)
      results.push({
        seconds: Math.round((performance.now() - startedAt) / 1000),
        events: put,
        deadRows: rows[0].dead,
        vacuums: rows[0].vacuums,
        eventsBytes: rows[0].table,
        eventsIndexBytes: rows[0].indexes,
        idsBytes: rows[0].ids,
        cpuMicrosPerEvent: (cpuMicros - cpuBefore) / (put - before),
      })
      cpuBefore = cpuMicros
    }
    await consumer.idle()
    return results
  } finally {
    await inbox.close()
    await pool.end()
    await server.stop()
  }
}

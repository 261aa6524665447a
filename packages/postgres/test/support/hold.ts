import { once } from 'node:events'
import type { Verdict } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import pg from 'pg'
import { consuming } from './sample-event.ts'

/** Takes four events under a lease of a second, holds them until it is told to go on, then tells its verdicts and leaves. */
const [connectionString = '', schema = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString })
const inbox = postgresInbox({ pool, schema, leaseMs: 1_000, pollMs: 50 })
const toldToGoOn = once(process, 'message')
inbox.consume(
  async ({ event, progress }): Promise<Verdict> => {
    process.send?.({ holds: event.id })
    await toldToGoOn
    if (event.id.startsWith('done')) return { outcome: 'done', progress }
    return { outcome: 'retry', delayMs: 0, progress, failures: [], attemptUsed: true }
  },
  consuming({ concurrency: 4 }),
)
await toldToGoOn
await inbox.close()
await pool.end()
process.disconnect()

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { postgresInbox } from '@hookport/postgres'
import pg from 'pg'
import { consuming, remembered, sampleEvent } from './sample-event.ts'

/** Once told to, puts 300 events that other processes put, too, and handles up to four at a time, telling its parent of each. */
const [connectionString = '', schema = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString })
const inbox = postgresInbox({ pool, schema, leaseMs: 1_000, pollMs: 50 })
await inbox.counts()
process.send?.({ ready: true })
await once(process, 'message')
const events = Array.from({ length: 300 }, (_, index) => sampleEvent(`evt_${index}`))
const results = await Promise.all(events.map((event) => inbox.put(event, remembered)))
process.send?.({ accepted: results.filter(({ outcome }) => outcome === 'accepted').length })
inbox.consume(
  async ({ event, interruptions, progress }) => {
    await sleep(5)
    process.send?.({ handled: event.id, interruptions })
    return { outcome: 'done', progress }
  },
  consuming({ concurrency: 4 }),
)
process.once('message', async () => {
  await inbox.close()
  await pool.end()
  process.disconnect()
})

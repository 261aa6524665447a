import { postgresInbox } from '@hookport/postgres'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const leaseMs = 200

test('a process that stands still for longer than a lease between two steps of a taking: no event is handed out by both', async () => {
  const schema = newSchema()
  const nobody = postgresInbox({ pool: database.pool(), schema })
  const parking = nobody.consume(
    async () => Promise.reject(new Error('nothing is wanted')),
    consuming({ wanted: () => ({ types: [], others: 'park' }) }),
  )
  const ids = Array.from({ length: 12 }, (_, index) => `event_${index}`)
  for (const id of ids) await nobody.put(sampleEvent(id), remembered)
  await expect.poll(async () => (await nobody.counts()).parked, { timeout: 10_000 }).toBe(ids.length)
  await parking.stop()

  const pool = database.pool()
  const pauses = pauseAfterWaiting(pool)
  const inbox = postgresInbox({ pool, schema, leaseMs })
  const turns: string[] = []
  const consumer = inbox.consume(async ({ event, progress }) => {
    turns.push(event.id)
    return { outcome: 'done', progress }
  }, consuming())
  await expect.poll(async () => (await nobody.counts()).parked, { timeout: 10_000 }).toBe(0)
  await consumer.idle()
  expect(pauses.count, 'a step came after waiting events were taken').toBeGreaterThan(0)
  expect(turns.toSorted()).toEqual(ids.toSorted())
  await inbox.close()
  await nobody.close()
}, 60_000)

/** Statements after one that has taken waiting events are late, by more than a lease. */
function pauseAfterWaiting(pool: pg.Pool): { count: number } {
  const pauses = { count: 0 }
  let hasTakenWaiting = false
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const patched = new WeakSet<pg.PoolClient>()
  pool.connect = async () => {
    const client = await connect()
    if (patched.has(client)) return client
    patched.add(client)
    const query = client.query.bind(client) as (...parameters: unknown[]) => Promise<unknown>
    client.query = (async (...parameters: unknown[]) => {
      const text = JSON.stringify(parameters[0])
      if (hasTakenWaiting && text.includes('take_')) {
        hasTakenWaiting = false
        pauses.count += 1
        await new Promise((resolve) => setTimeout(resolve, 3 * leaseMs))
      }
      if (text.includes('has_to_be_alone')) hasTakenWaiting = true
      return query(...parameters)
    }) as typeof client.query
    return client
  }
  return pauses
}

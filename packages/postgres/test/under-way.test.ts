import { setTimeout as sleep } from 'node:timers/promises'
import { postgresInbox } from '@hookport/postgres'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'
import { textOf } from './support/text-of.ts'

const database = testServer()

/** The first query on the next connection that the pool gives is refused. */
function refuseOnce(pool: pg.Pool, code: string): { refusals: number } {
  const counted = { refusals: 0 }
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const refusing = async () => {
    pool.connect = connect as typeof pool.connect
    const client = await connect()
    const { query } = client
    client.query = (() => {
      counted.refusals += 1
      client.query = query
      return Promise.reject(Object.assign(new Error('of Postgres'), { code }))
    }) as typeof query
    return client
  }
  pool.connect = refusing as typeof pool.connect
  return counted
}

test.each([
  ['a serialization failure', '40001'],
  ['a deadlock', '40P01'],
  ['the end of its connection', '57P01'],
])('a put that meets %s is sent again, and accepted', async (_, code) => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  const counted = refuseOnce(pool, code)
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  expect(counted.refusals).toBe(1)
  await inbox.close()
})

test('an inbox is closed once the puts that it has sent are written', async () => {
  const pool = database.pool()
  const schema = newSchema()
  const inbox = postgresInbox({ pool, schema })
  await inbox.counts()
  const lock = await pool.connect()
  await lock.query(`BEGIN; LOCK TABLE "${schema}".events`)
  const order: string[] = []
  const putting = inbox.put(sampleEvent('one'), remembered)
  await sleep(50)
  const closing = inbox.close().then(() => order.push('closed'))
  await sleep(50)
  order.push('it can be written')
  await lock.query('ROLLBACK')
  lock.release()
  await closing
  expect(order).toEqual(['it can be written', 'closed'])
  expect(await putting).toEqual({ outcome: 'accepted' })
})

test('large events that are put at once share no statement of more than a megabyte', async () => {
  const pool = database.pool()
  const sent: number[] = []
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => never
    client.query = (...given: unknown[]) => {
      const [keys] = (given[1] ?? []) as unknown[]
      if (/\.put_/.test(textOf(given[0])) && Array.isArray(keys)) sent.push(keys.length)
      return query(...given)
    }
  })
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts() // makes the tables
  const rawBody = Buffer.alloc(300_000, 'x')
  const ids = Array.from({ length: 8 }, (_, index) => `large_${index}`)
  await Promise.all(ids.map((id) => inbox.put(sampleEvent(id, { rawBody }), remembered)))
  expect(sent.toSorted()).toEqual([2, 3, 3])
  await inbox.close()
})

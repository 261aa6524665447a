import { postgresInbox } from '@hookport/postgres'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

const leftOpen = [
  ['that has not failed', 'SELECT 1'],
  ['that has failed', 'SELECT 1 / 0'],
] as const

/** Puts an event over the only connection of a pool, which the application has given back in the midst of a transaction. */
async function putAfterBegin(pool: pg.Pool, statement: string): Promise<unknown> {
  const schema = newSchema()
  const inbox = postgresInbox({ pool, schema })
  await inbox.counts()
  const client = await pool.connect()
  await client.query('BEGIN')
  await client.query(statement).catch(() => {})
  client.release()
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
  return database.ask(`SELECT id FROM ${schema}.events`)
}

test.each(leftOpen)(
  'what is put is stored, where the application has given the connection back in a transaction %s',
  async (_, statement) => {
    expect(await putAfterBegin(database.pool({ max: 1 }), statement)).toEqual([{ id: 'one' }])
  },
)

test.each(leftOpen)(
  'so it is with a pg before 8.21, and with that of Neon, which can not tell of a transaction %s',
  async (_, statement) => {
    const pool = database.pool({ max: 1 })
    pool.on('connect', (client) => Object.assign(client, { getTransactionStatus: undefined }))
    expect(await putAfterBegin(pool, statement)).toEqual([{ id: 'one' }])
  },
)

test('so it is with a connection that such a pool had before the inbox, once that has used it', async () => {
  const pool = database.pool({ max: 1 })
  const client = await pool.connect()
  Object.assign(client, { getTransactionStatus: undefined })
  client.release()
  expect(await putAfterBegin(pool, 'SELECT 1')).toEqual([{ id: 'one' }])
})

test('so it is with a failed one on a client of which nothing is heard, as that of pg-native: it is given up', async () => {
  const pool = database.pool({ max: 1 })
  const client = await pool.connect()
  const { connection } = client as unknown as { connection: { on: () => unknown } }
  connection.on = () => connection
  Object.assign(client, { getTransactionStatus: undefined })
  client.release()
  expect(await putAfterBegin(pool, 'SELECT 1 / 0')).toEqual([{ id: 'one' }])
})

test.each(['COMMIT', 'ROLLBACK'])(
  'a %s that the application has sent, and not waited for, is not cut off: the connection is used once it is answered',
  async (end) => {
    const pool = database.pool({ max: 1 })
    const inbox = postgresInbox({ pool, schema: newSchema() })
    await inbox.counts()
    const client = await pool.connect()
    await client.query('BEGIN')
    const ended = client.query(end)
    client.release()
    const counts = inbox.counts()
    expect(await ended).toMatchObject({ command: end })
    await counts
    const same = await pool.connect()
    same.release()
    expect(same).toBe(client)
    await inbox.close()
  },
)

test('a client that has no answer to whether it is in a transaction is used', async () => {
  const pool = database.pool({ max: 1 })
  const getTransactionStatus = () => {
    throw new TypeError('getTransactionStatus is not a function')
  }
  pool.on('connect', (client) => Object.assign(client, { getTransactionStatus }))
  const inbox = postgresInbox({ pool, schema: newSchema() })
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

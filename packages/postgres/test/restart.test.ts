import { once } from 'node:events'
import { noProgress } from '@hookport/core'
import { postgresInbox, postgresSchema } from '@hookport/postgres'
import { expect, test, vi } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'
import { textOf } from './support/text-of.ts'

const database = testServer()

test('a Postgres killed under load and restarted: what was accepted is handled, what was refused is accepted later, nothing is handled twice', async () => {
  const { server } = database
  const inbox = postgresInbox({ pool: database.pool({ max: 8 }), schema: newSchema(), leaseMs: 60_000 })
  await inbox.counts()
  const handled: string[] = []
  const consumer = inbox.consume(async ({ event, progress }) => {
    handled.push(event.id)
    return { outcome: 'done', progress }
  }, consuming())
  const refused: string[] = []
  const accepted: string[] = []
  let isOver = false
  const sender = async (name: string) => {
    for (let index = 0; !isOver; index++) {
      const id = `${name}_${index}`
      await Promise.resolve(inbox.put(sampleEvent(id), remembered)).then(
        () => accepted.push(id),
        () => refused.push(id),
      )
    }
  }
  const senders = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(sender))
  await expect.poll(() => handled.length, { timeout: 30_000 }).toBeGreaterThan(20)
  await server.kill()
  await expect.poll(() => refused.length, { timeout: 30_000 }).toBeGreaterThan(5)
  await server.restart()
  const before = accepted.length
  await expect.poll(() => accepted.length - before, { timeout: 30_000 }).toBeGreaterThan(20)
  isOver = true
  await senders
  for (const id of refused) await inbox.put(sampleEvent(id), remembered)
  await consumer.idle()
  const all = [...accepted, ...refused]
  await expect.poll(() => new Set(handled).size, { timeout: 30_000 }).toBe(all.length)
  expect(handled.length).toBe(all.length)
  expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0, scheduled: 0 })
  await inbox.close()
}, 120_000)

test('a verdict that finds no Postgres is told when it is back, and the event is not handled again', async () => {
  const { server } = database
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema(), leaseMs: 60_000 })
  let turns = 0
  const consumer = inbox.consume(async () => {
    turns += 1
    await server.kill()
    setTimeout(() => void server.restart(), 300)
    return { outcome: 'done', progress: noProgress }
  }, consuming())
  await inbox.put(sampleEvent('one'), remembered)
  await expect.poll(() => turns, { timeout: 30_000 }).toBe(1)
  const answers = async () => {
    try {
      return (await inbox.get('acme:one')) ?? 'none'
    } catch {
      return 'away'
    }
  }
  await expect.poll(answers, { timeout: 60_000 }).toBe('none')
  await consumer.idle()
  expect(await inbox.get('acme:one')).toBeUndefined()
  expect(turns).toBe(1)
  await inbox.close()
}, 120_000)

test('connections that the server has ended cost no refusal, and the error that the pool emits ends no process', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  await inbox.put(sampleEvent('one'), remembered)
  await database.ask(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $1',
    ['client backend'],
  )
  expect(await inbox.put(sampleEvent('two'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('a connection that ends between two statements of a transaction costs no refusal', async () => {
  const pool = database.pool()
  let ended = 0
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
    client.query = (async (...args: unknown[]) => {
      const answer = await query(...args)
      if (ended === 0 && /pg_advisory_xact_lock\(lock\)/.test(textOf(args[0]))) {
        ended += 1
        const lost = once(client, 'error')
        await database.ask('SELECT pg_terminate_backend($1)', [(client as { processID?: number }).processID])
        await lost
      }
      return answer
    }) as never
  })
  const inbox = postgresInbox({ pool, schema: newSchema() })
  const event = sampleEvent('one', { orderKey: 'acme:order' })
  expect(await inbox.put(event, remembered)).toEqual({ outcome: 'accepted' })
  expect(ended).toBe(1)
  await inbox.close()
})

test.each([
  ['the name of the host could not be found for a moment', 'EAI_AGAIN'],
  ['a transaction took longer than the server allows', '25P04'],
  ['a connection has rested for longer than the server allows', '57P05'],
])('a put is sent again on a new connection, where %s', async (_, code) => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  vi.spyOn(pool, 'connect').mockRejectedValueOnce(Object.assign(new Error('lost'), { code }) as never)
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('a connection that can only read, as one to a server that is a standby since a failover, is given up for a new one', async () => {
  const schema = newSchema()
  await database.ask(postgresSchema({ schema }))
  const pool = database.pool()
  pool.once('connect', (client) => void client.query('SET default_transaction_read_only = on'))
  const inbox = postgresInbox({ pool, schema })
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow('the database is read-only')
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('a connection that the server ends in the moment in which the pool hands it out ends no process', async () => {
  const pool = database.pool()
  const unheard: unknown[] = []
  const connect = pool.connect.bind(pool)
  const connectAndEnd = () =>
    new Promise((resolve, reject) => {
      connect((error, client) => {
        if (!client) return reject(error)
        resolve(client)
        try {
          client.emit('error', new Error('terminating connection due to administrator command'))
        } catch (error) {
          unheard.push(error) // it is thrown where the socket is read
        }
      })
    })
  const inbox = postgresInbox({ pool: Object.assign(pool, { connect: connectAndEnd }), schema: newSchema() })
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  expect(unheard).toEqual([])
  await inbox.close()
}, 60_000)

import { setTimeout as sleep } from 'node:timers/promises'
import { type Lease, noProgress } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { deferred } from '@hookport/testkit/deferred'
import { expect, onTestFinished, test, vi } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

/** A timer and not a measured time: on a busy machine it is as late as the timers of the inbox. */
const senderHangsUp = () => sleep(2_950, 'too late', { ref: false })

test('never more than half of the pool is used, whatever is asked at a time', async () => {
  const pool = database.pool({ max: 6 })
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  let most = 0
  pool.on('acquire', () => {
    most = Math.max(most, pool.totalCount - pool.idleCount)
  })
  const consumers = ['a', 'b', 'c', 'd', 'e'].map((source) =>
    inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), consuming({ source })),
  )
  const events = Array.from({ length: 400 }, (_, index) =>
    sampleEvent(`evt_${index}`, { source: 'abcde'[index % 5] as string }),
  )
  await Promise.all([
    ...events.map((event) => inbox.put(event, remembered)),
    ...events.map(({ key }) => inbox.get(key)),
    ...Array.from({ length: 20 }, () => inbox.counts()),
  ])
  await Promise.all(consumers.map((consumer) => consumer.idle()))
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(3)
  await inbox.close()
})

test('no connection is held while a handler runs', async () => {
  const pool = database.pool({ max: 4 })
  const inbox = postgresInbox({ pool, schema: newSchema(), pollMs: 60_000 })
  let began = 0
  const gate = deferred()
  inbox.consume(
    async ({ progress }) => {
      began += 1
      await gate.promise
      return { outcome: 'done', progress }
    },
    consuming({ concurrency: 8 }),
  )
  for (let index = 0; index < 8; index++) await inbox.put(sampleEvent(`evt_${index}`), remembered)
  await expect.poll(() => began).toBe(8)
  await expect.poll(() => pool.totalCount - pool.idleCount).toBe(0)
  gate.resolve()
  await inbox.close()
})

test('a put is refused in time where the application has all of the pool’s connections, and what it waited for is not lost to the pool', async () => {
  const pool = database.pool({ max: 2 })
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  const taken = await Promise.all([pool.connect(), pool.connect()])
  await expect(Promise.race([inbox.put(sampleEvent('one'), remembered), senderHangsUp()])).rejects.toThrow(
    /the pool had no connection to give within \d+ ms/,
  )
  for (const client of taken) client.release()
  expect(await inbox.put(sampleEvent('two'), remembered)).toEqual({ outcome: 'accepted' })
  await expect.poll(() => pool.idleCount).toBe(pool.totalCount)
  await inbox.close()
})

test('a put that was refused as other work had the inbox’s only connection takes none afterwards', async () => {
  const pool = database.pool({ max: 2 })
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  const taken = await Promise.all([pool.connect(), pool.connect()])
  const counting = inbox.counts() // is more patient than a sender
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow(
    /none of the 1 connections that the inbox may use was free within \d+ ms/,
  )
  for (const client of taken) client.release()
  await counting
  expect(await inbox.put(sampleEvent('two'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('what a sender waits for does not wait for other work: one connection is its own', async () => {
  const pool = database.pool({ max: 4 })
  const schema = newSchema()
  const inbox = postgresInbox({ pool, schema })
  const options = { ...remembered, leaseMs: 60_000 }
  const claim = async (id: string) => {
    const claimed = await inbox.claim(sampleEvent(id), options)
    return claimed.outcome === 'claimed' ? claimed.lease : expect.fail(claimed.outcome)
  }
  const ids = ['released', 'confirmed', 'buried', 'parked'] as const
  const [released, confirmed, buried, parked] = await Promise.all(ids.map(claim))
  const lock = await pool.connect()
  await lock.query(`BEGIN; LOCK TABLE "${schema}".notes`)
  const reading = [inbox.notes?.read('x'), inbox.notes?.read('y')] // the one has the connection of work, the other waits for it
  const burial = { ...remembered, progress: noProgress, failures: [] }
  const answers: Record<string, () => unknown> = {
    put: () => inbox.put(sampleEvent('put'), remembered),
    claim: () => inbox.claim(sampleEvent('claimed'), options),
    renew: () => inbox.renew(released as Lease, 60_000),
    release: () => inbox.release(released as Lease, noProgress, true),
    confirm: () => inbox.confirm(confirmed as Lease, sampleEvent('confirmed'), remembered),
    bury: () => inbox.bury(buried as Lease, sampleEvent('buried'), burial),
    park: () => inbox.park(parked as Lease, sampleEvent('parked'), burial),
  }
  for (const [name, ask] of Object.entries(answers)) {
    const answer = await Promise.race([ask(), sleep(1_000, 'waits')])
    expect(answer, name).not.toBe('waits')
  }
  await lock.query('ROLLBACK')
  lock.release()
  await Promise.all(reading)
  await inbox.close()
})

test('a put is refused in time where a table is locked, waits pile up neither here nor in the server, and the next is held once that is over', async () => {
  const schema = newSchema()
  const pool = database.pool({ max: 8 })
  const inbox = postgresInbox({ pool, schema })
  await inbox.counts()
  const locker = await database.pool({ max: 1 }).connect()
  onTestFinished(() => locker.release())
  await locker.query(`BEGIN; LOCK TABLE ${schema}.ids IN ACCESS EXCLUSIVE MODE`)
  for (let round = 0; round < 3; round++) {
    const hungUp = senderHangsUp()
    const puts = [1, 2, 3].map((index) =>
      Promise.resolve(inbox.put(sampleEvent(`${round}_${index}`), remembered)).then(
        () => 'accepted',
        () => 'refused',
      ),
    )
    expect(await Promise.race([Promise.all(puts), hungUp])).toEqual(['refused', 'refused', 'refused'])
  }
  const [{ waiting } = { waiting: -1 }] = await database.ask<{ waiting: number }>(
    `SELECT count(*)::integer AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
  )
  expect(waiting).toBeLessThanOrEqual(2)
  await locker.query('ROLLBACK')
  expect(await inbox.put(sampleEvent('later'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('nor do waits pile up in the server where the pool gives up a statement before the inbox does', async () => {
  const schema = newSchema()
  const maker = postgresInbox({ pool: database.pool(), schema }) // which may take longer than the next one has
  await maker.counts()
  await maker.close()
  const pool = database.pool({ max: 8, query_timeout: 200 })
  const inbox = postgresInbox({ pool, schema })
  const locker = await database.pool({ max: 1 }).connect()
  onTestFinished(() => locker.release())
  await locker.query(`BEGIN; LOCK TABLE ${schema}.ids IN ACCESS EXCLUSIVE MODE`)
  for (let round = 0; round < 8; round++)
    await expect(inbox.put(sampleEvent(`${round}`), remembered)).rejects.toThrow('Query read timeout')
  const waiting = async () => {
    const [row] = await database.ask<{ waiting: number }>(
      `SELECT count(*)::integer AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
    )
    return row?.waiting
  }
  await expect.poll(waiting, { timeout: 5_000, interval: 200 }).toBeLessThanOrEqual(1)
  await locker.query('ROLLBACK')
  expect(await inbox.put(sampleEvent('later'), remembered)).toEqual({ outcome: 'accepted' })
  await inbox.close()
})

test('the pool is the application’s: closing the inbox does not end it', async () => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.put(sampleEvent('one'), remembered)
  await inbox.close()
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await expect(inbox.put(sampleEvent('two'), remembered)).rejects.toMatchObject({ code: 'inbox_closed' })
})

test('a transaction that was refused as it began leaves none on the connection', async () => {
  const pool = database.pool({ max: 1 })
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await inbox.counts()
  const client = await pool.connect()
  client.release()
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
  const sent = vi.spyOn(client, 'query').mockImplementationOnce((async () => {
    await query('BEGIN')
    return query('SELECT 1 / 0')
  }) as never)
  await expect(inbox.discard('acme:none')).rejects.toThrow('division by zero')
  sent.mockRestore()
  expect(client.getTransactionStatus()).toBe('I')
  await inbox.close()
})

test('where the server has no connection left for a second statement, it waits for the one that there is, and nothing is refused', async () => {
  const schema = newSchema()
  await database.ask(
    'CREATE ROLE only_one LOGIN CONNECTION LIMIT 1; GRANT CREATE ON DATABASE postgres TO only_one',
  )
  const pool = database.pool({ connectionString: database.server.url.replace('postgres@', 'only_one@') })
  const inbox = postgresInbox({ pool, schema })
  await inbox.counts()
  const events = Array.from({ length: 300 }, (_, index) => sampleEvent(`evt_${index}`)) // three statements
  const results = await Promise.all(events.map((event) => inbox.put(event, remembered)))
  expect(results).toEqual(events.map(() => ({ outcome: 'accepted' })))
  await inbox.close()
})

test('a server that has no connection left is asked a few times a second, as each attempt costs it a process', async () => {
  await database.ask('CREATE ROLE crowded LOGIN CONNECTION LIMIT 0')
  const pool = database.pool({ connectionString: database.server.url.replace('postgres@', 'crowded@') })
  const connect = vi.spyOn(pool, 'connect')
  const inbox = postgresInbox({ pool, schema: newSchema() })
  await expect(inbox.put(sampleEvent('one'), remembered)).rejects.toThrow(
    'the database has no connection left',
  )
  expect(connect.mock.calls.length).toBeGreaterThan(4)
  expect(connect.mock.calls.length).toBeLessThan(40)
  await inbox.close()
})

import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test('a delivery that comes while what was reconciled of it is being put waits, and is a duplicate', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  await inbox.counts()
  const reconciling = await pool.connect()
  await reconciling.query(`BEGIN; LOCK TABLE ${schema}.gate IN EXCLUSIVE MODE`)
  const putting = Promise.resolve(inbox.put(sampleEvent('delivered'), remembered))
  const claiming = Promise.resolve(
    inbox.claim(sampleEvent('claimed', { aliases: ['acme:listed'] }), { ...remembered, leaseMs: 1_000 }),
  )
  await expect
    .poll(() => database.ask(`SELECT 1 AS one FROM pg_stat_activity WHERE wait_event_type = 'Lock'`))
    .toHaveLength(2)
  await reconciling.query(
    `INSERT INTO ${schema}.ids (key, fingerprint, forgotten_at, prune_at, reconciled) VALUES ('acme:listed', 1, 'infinity', 'infinity', true)`,
  )
  await reconciling.query(
    `INSERT INTO ${schema}.aliases (name, key) VALUES ('acme:delivered', 'acme:listed')`,
  )
  await reconciling.query('COMMIT')
  reconciling.release()
  expect(await putting).toEqual({ outcome: 'duplicate', conflict: false })
  expect(await claiming).toEqual({ outcome: 'duplicate', conflict: false })
  await inbox.close()
})

test('what was reconciled and what is delivered of one order key do not wait for each other', async () => {
  const schema = newSchema()
  const [delivering, reconciling] = [database.pool(), database.pool()].map((pool) =>
    postgresInbox({ pool, schema }),
  )
  if (!delivering || !reconciling) return expect.unreachable()
  await delivering.counts()
  const ordered = { orderKey: 'acme:run' }
  const startedAt = performance.now()
  for (let round = 0; round < 60; round++) {
    const [one, two] = await Promise.all([
      delivering.put(sampleEvent(`delivered_${round}`, ordered), remembered),
      reconciling.put(sampleEvent(`listed_${round}`, { ...ordered, origin: 'reconciled' }), remembered),
    ])
    expect([one.outcome, two.outcome]).toEqual(['accepted', 'accepted'])
  }
  const [{ deadlocks } = { deadlocks: -1 }] = await database.ask<{ deadlocks: number }>(
    'SELECT sum(deadlocks)::integer AS deadlocks FROM pg_stat_database',
  )
  expect(deadlocks).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(30_000)
  for (const inbox of [delivering, reconciling]) await inbox.close()
})

test('what was reconciled waits for deliveries that are being put', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  await inbox.put(sampleEvent('other'), remembered)
  const delivering = await pool.connect()
  await delivering.query('BEGIN')
  await delivering.query(`SELECT FROM ${schema}.gate FOR KEY SHARE`)
  const reconciling = Promise.resolve(
    inbox.put(sampleEvent('listed', { origin: 'reconciled', aliases: ['acme:delivered'] }), remembered),
  )
  await expect
    .poll(() => database.ask(`SELECT 1 AS one FROM pg_stat_activity WHERE wait_event_type = 'Lock'`))
    .toHaveLength(1)
  await delivering.query(
    `INSERT INTO ${schema}.ids (key, fingerprint, forgotten_at, prune_at, reconciled) VALUES ('acme:delivered', 1, 'infinity', 'infinity', false)`,
  )
  await delivering.query('COMMIT')
  delivering.release()
  expect(await reconciling).toEqual({ outcome: 'duplicate', conflict: false })
  await inbox.close()
})

test('what a claim had reached is forgotten with it: an event of its key that comes later is handled from the beginning', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  const claim = await inbox.claim(sampleEvent('one'), { ...remembered, leaseMs: 60_000 })
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
  await inbox.release(claim.lease, { completed: ['mail'], abandoned: [] }, true)
  await database.ask(`UPDATE ${schema}.ids SET forgotten_at = 1`)
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  expect((await inbox.get('acme:one'))?.progress).toEqual({ completed: [], abandoned: [] })
  await inbox.close()
})

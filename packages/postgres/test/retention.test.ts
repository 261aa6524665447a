import type { EventRecord, Inbox } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Housekeeping } from '../src/housekeeping.ts'
import { newSchema } from './support/new-schema.ts'
import { refuse } from './support/refuse.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { sentOn } from './support/sent-on.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

/** What stands in line for long is refused, as on a busy machine thousands at once would. */
async function putAll(inbox: Inbox, events: readonly EventRecord[]): Promise<void> {
  for (let at = 0; at < events.length; at += 250)
    await Promise.all(events.slice(at, at + 250).map((event) => inbox.put(event, remembered)))
}

const failure = { handler: null, code: 'error', message: 'broken', at: 0 }

test('what is forgotten leaves the tables, by and by; what is remembered or kept stays', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const first = postgresInbox({ pool, schema })
  const old = Array.from({ length: 1_500 }, (_, index) =>
    sampleEvent(`old_${index}`, { aliases: [`acme:name_${index}`] }),
  )
  await putAll(first, [...old, sampleEvent('new')])
  await first.put(sampleEvent('dead'), { ...remembered, failure })
  await database.ask(`DELETE FROM ${schema}.events WHERE rest IS NULL`)
  await database.ask(`UPDATE ${schema}.ids SET forgotten_at = 1, prune_at = 1 WHERE key <> 'acme:new'`)
  await first.claim(sampleEvent('claimed'), { rememberMs: 1, leaseMs: 1 })
  await first.close()
  const second = postgresInbox({ pool, schema })
  await second.put(sampleEvent('other'), remembered)
  await expect
    .poll(() => database.ask(`SELECT key FROM ${schema}.ids ORDER BY key`), { timeout: 15_000 })
    .toEqual([{ key: 'acme:dead' }, { key: 'acme:new' }, { key: 'acme:other' }])
  expect(await database.ask(`SELECT * FROM ${schema}.aliases`)).toEqual([])
  expect(await second.put(sampleEvent('dead'), remembered)).toEqual({ outcome: 'duplicate', conflict: false })
  await second.close()
})

test('so it does where events are claimed, and none is put', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const first = postgresInbox({ pool, schema })
  await first.put(sampleEvent('old'), remembered)
  await database.ask(`DELETE FROM ${schema}.events`)
  await database.ask(`UPDATE ${schema}.ids SET forgotten_at = 1, prune_at = 1`)
  await first.close()
  const second = postgresInbox({ pool, schema })
  await second.claim(sampleEvent('claimed'), { ...remembered, leaseMs: 60_000 })
  await expect
    .poll(() => database.ask(`SELECT key FROM ${schema}.ids`), { timeout: 15_000 })
    .toEqual([{ key: 'acme:claimed' }])
  await second.close()
})

test('dead letters are deleted after keepDeadFor, and their ids stay remembered', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const first = postgresInbox({ pool, schema })
  for (let index = 0; index < 40; index++)
    await first.put(sampleEvent(`old_${index}`), { ...remembered, failure })
  await database.ask(`UPDATE ${schema}.events SET rested_at = rested_at - 60000`)
  await first.put(sampleEvent('young'), { ...remembered, failure })
  await first.close()
  const second = postgresInbox({ pool, schema, keepDeadFor: 30_000 })
  await second.put(sampleEvent('other'), remembered)
  await expect.poll(async () => (await second.counts()).dead, { timeout: 15_000 }).toBe(1)
  expect((await second.get('acme:young'))?.state).toBe('dead')
  expect(await second.put(sampleEvent('old_1'), remembered)).toEqual({
    outcome: 'duplicate',
    conflict: false,
  })
  await second.close()
})

test('where ids can not be deleted, dead letters are all the same', async () => {
  const schema = newSchema()
  const first = postgresInbox({ pool: database.pool(), schema })
  await first.put(sampleEvent('dead'), { ...remembered, failure })
  await first.put(sampleEvent('old'), { rememberMs: 1 })
  await first.discard('acme:old')
  await database.ask(`UPDATE ${schema}.events SET rested_at = rested_at - 60000`)
  await first.close()
  const pool = database.pool()
  const refusal = refuse(pool, /DELETE FROM \S*ids/)
  refusal.isOn = true
  const second = postgresInbox({ pool, schema, keepDeadFor: 30_000 })
  await second.put(sampleEvent('other'), remembered)
  await expect.poll(async () => (await second.counts()).dead, { timeout: 15_000 }).toBe(0)
  expect(refusal.count).toBeGreaterThan(0)
  await second.close()
})

test('a lease that is renewed beyond the time of its id is not tidied away', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const first = postgresInbox({ pool, schema })
  const claim = await first.claim(sampleEvent('renewed'), { rememberMs: 1, leaseMs: 300 })
  if (claim.outcome !== 'claimed') throw new Error(`${claim.outcome} in place of claimed`)
  expect(await first.renew(claim.lease, 60_000)).toBe(true)
  await first.put(sampleEvent('old'), { rememberMs: 300 })
  await first.close()
  await database.ask(`DELETE FROM ${schema}.events`)
  await database.ask('SELECT pg_sleep(0.4)')
  const second = postgresInbox({ pool, schema })
  await second.put(sampleEvent('other'), remembered)
  await expect
    .poll(() => database.ask(`SELECT key FROM ${schema}.ids ORDER BY key`), { timeout: 15_000 })
    .toEqual([{ key: 'acme:other' }, { key: 'acme:renewed' }])
  expect(await second.renew(claim.lease, 60_000)).toBe(true)
  await second.close()
})

test('looking for what is forgotten does not read what is remembered', async () => {
  const schema = newSchema()
  const putting = database.pool()
  const inbox = postgresInbox({ pool: putting, schema })
  const events = Array.from({ length: 3_000 }, (_, index) => sampleEvent(`remembered_${index}`))
  await putAll(inbox, events)
  await inbox.close()
  await putting.end() // a backend that ends tells what it has read
  await database.ask(`VACUUM ANALYZE ${schema}.ids`)
  const told = async () => {
    const [row] = await database.ask<{ looks: number; read: number }>(
      `SELECT looks.idx_scan::integer AS looks, (t.seq_tup_read + t.idx_tup_fetch)::integer AS read
       FROM pg_stat_user_tables t JOIN pg_stat_user_indexes looks USING (relid)
       WHERE t.schemaname = '${schema}' AND indexrelname = 'ids_by_prune_at'`,
    )
    return row ?? { looks: 0, read: 0 }
  }
  await pause(1_000)
  const before = await told()
  const pool = database.pool()
  const later = postgresInbox({ pool, schema })
  await later.put(sampleEvent('other'), remembered)
  await pause(1_000) // it tidies beside
  await later.close()
  await pool.end()
  await expect.poll(async () => (await told()).looks, { timeout: 10_000 }).toBeGreaterThan(before.looks)
  expect((await told()).read - before.read).toBeLessThan(1_000)
})

test.each([undefined, 24 * 3600_000])(
  'nor does it read all dead letters, where keepDeadFor is %s',
  async (keepDeadFor) => {
    const schema = newSchema()
    const maker = postgresInbox({ pool: database.pool(), schema })
    await maker.put(sampleEvent('dead'), { ...remembered, failure })
    await maker.close()
    const columns = 'id, type, created_at, received_at, fingerprint, rest, rested_at, raw_body'
    await database.ask(
      `INSERT INTO ${schema}.events (sequence, key, source, ${columns})
     SELECT 10 + n, 'acme:' || n, 'source_' || n % 3, ${columns} FROM ${schema}.events, generate_series(1, 3000) AS n`,
    )
    await database.ask(`VACUUM ANALYZE ${schema}.events`)
    const pool = database.pool({ application_name: schema })
    const sent = sentOn(pool)
    const inbox = postgresInbox({ pool, schema, ...(keepDeadFor && { keepDeadFor }) })
    await inbox.put(sampleEvent('other'), remembered)
    await expect.poll(() => sent.filter((text) => text.includes('is_any'))).toHaveLength(1)
    await inbox.close()
    await pool.end()
    const backends = () => database.ask('SELECT FROM pg_stat_activity WHERE application_name = $1', [schema])
    await expect.poll(backends, { timeout: 10_000 }).toEqual([]) // a backend that ends tells what it has read
    const [row] = await database.ask<{ read: number }>(
      `SELECT (seq_tup_read + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid))::integer AS read
     FROM pg_stat_user_tables t WHERE schemaname = '${schema}' AND relname = 'events'`,
    )
    expect(row?.read).toBeLessThan(1_000)
  },
)

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

test('what was handled is deleted when its time is over, also where nothing more is put', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const tidying = vi.spyOn(Housekeeping.prototype, 'tick').mockReturnValue() // of the put
  onTestFinished(() => tidying.mockRestore())
  const first = postgresInbox({ pool, schema })
  await first.put(sampleEvent('handled'), remembered)
  tidying.mockRestore()
  await database.ask(`UPDATE ${schema}.events SET rest = 'handled', rested_at = 1, due_at = NULL`)
  await first.close()
  const second = postgresInbox({ pool, schema })
  second.consume(() => Promise.reject(new Error('there is nothing to handle')), consuming())
  await expect.poll(async () => (await second.counts()).handled, { timeout: 15_000 }).toBe(0)
  await second.close()
})

test('all that was handled and is old is deleted at once, however much it is', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const first = postgresInbox({ pool, schema })
  await putAll(
    first,
    Array.from({ length: 300 }, (_, index) => sampleEvent(`handled_${index}`)),
  )
  await database.ask(`UPDATE ${schema}.events SET rest = 'handled', rested_at = 1, due_at = NULL`)
  await first.close()
  const second = postgresInbox({ pool, schema })
  await second.put(sampleEvent('other'), remembered)
  await expect.poll(async () => (await second.counts()).handled, { timeout: 8_000 }).toBe(0) // the next tidying is after 10 s
  await second.close()
})

test('what verdicts have left to an order key is deleted when its time is over, all at once, and of its source alone', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const first = postgresInbox({ pool, schema })
  await first.put(sampleEvent('one'), remembered)
  await first.close()
  await database.ask(
    `INSERT INTO ${schema}.newest SELECT source, 'cart_' || number, '{}', CASE source WHEN 'acme' THEN 1 ELSE 1e15 END
     FROM generate_series(1, 1500) AS number, (VALUES ('acme'), ('other')) AS sources (source)`,
  )
  const second = postgresInbox({ pool, schema })
  await second.put(sampleEvent('two'), remembered)
  await expect
    .poll(
      () => database.ask(`SELECT source, count(*)::integer AS count FROM ${schema}.newest GROUP BY source`),
      { timeout: 8_000 },
    )
    .toEqual([{ source: 'other', count: 1_500 }])
  await second.close()
})

test('a forgotten id whose event is still kept is looked at again in an hour, and not at once', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const first = postgresInbox({ pool, schema })
  await first.put(sampleEvent('dead'), { ...remembered, failure })
  await first.close()
  await database.ask(`UPDATE ${schema}.ids SET forgotten_at = 1, prune_at = 1`)
  const second = postgresInbox({ pool, schema })
  await second.put(sampleEvent('other'), remembered)
  const later = `SELECT round((prune_at - extract(epoch FROM now()) * 1000) / 60000)::integer AS minutes FROM ${schema}.ids WHERE key = 'acme:dead'`
  await expect.poll(() => database.ask(later), { timeout: 8_000 }).toEqual([{ minutes: 60 }])
  await second.close()
})

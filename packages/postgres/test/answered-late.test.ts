import { type Inbox, type Lease, noProgress } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { asking, storeOn } from './support/store-on.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

/** From now on, what changes a row of these tables is only committed once nobody holds this lock. */
async function commitBehindLock(schema: string): Promise<void> {
  await database.ask(`CREATE FUNCTION ${schema}.wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$`)
  for (const table of ['events', 'ids'])
    await database.ask(`CREATE CONSTRAINT TRIGGER wait AFTER UPDATE OR DELETE ON ${schema}.${table}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.wait()`)
}

function isWaitingFor(lock: string): Promise<unknown[]> {
  return database.ask(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = $1`, [
    lock,
  ])
}

/** Cuts the connections of the pool while the server is about to commit. It commits once the statement was sent again, and waits for that. */
async function cutWhileCommitting<Answer>(pool: pg.Pool, act: () => Promise<Answer>): Promise<Answer> {
  const holder = await database.pool({ max: 1 }).connect()
  await holder.query('SELECT pg_advisory_lock(1)')
  const cuts: (() => void)[] = []
  pool.on('acquire', (client) => {
    const { connection } = client as unknown as { connection: { stream: { destroy(): void } } }
    cuts.push(() => connection.stream.destroy())
  })
  const answer = act()
  await expect.poll(() => isWaitingFor('advisory')).toHaveLength(1)
  for (const cut of cuts.splice(0)) cut()
  await expect.poll(() => isWaitingFor('transactionid')).toHaveLength(1)
  await holder.query('SELECT pg_advisory_unlock(1)')
  holder.release()
  return answer
}

const retry = {
  outcome: 'retry',
  delayMs: 60_000,
  progress: noProgress,
  failures: [],
  attemptUsed: true,
} as const
const replace = { outcome: 'replace', event: sampleEvent('two'), ...remembered } as const

test.each([{ outcome: 'done', progress: noProgress } as const, retry, replace])(
  'a verdict that is sent again while the first send is being committed is not told to be void: $outcome',
  async (verdict) => {
    const [schema, pool] = [newSchema(), database.pool()]
    const inbox = postgresInbox({ pool, schema })
    await inbox.put(sampleEvent('one'), remembered)
    await commitBehindLock(schema)
    const store = storeOn(pool, schema)
    const [taken] = (await store.take(() => asking())).events
    expect(await cutWhileCommitting(pool, () => store.conclude(taken as never, verdict))).toBe(true)
    await inbox.close()
  },
)

const event = sampleEvent('one')
const burial = { ...remembered, progress: noProgress, failures: [] }
const endings: [string, (inbox: Inbox, lease: Lease) => boolean | Promise<boolean>][] = [
  ['confirmed', (inbox, lease) => inbox.confirm(lease, event, remembered)],
  ['released', (inbox, lease) => inbox.release(lease, noProgress, true)],
  ['buried', (inbox, lease) => inbox.bury(lease, event, burial)],
]

test.each(endings)('nor is a claim that is %s then told to be lost', async (_, end) => {
  const [schema, pool] = [newSchema(), database.pool()]
  const inbox = postgresInbox({ pool, schema })
  const claim = await inbox.claim(event, { ...remembered, leaseMs: 60_000 })
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
  await commitBehindLock(schema)
  expect(await cutWhileCommitting(pool, async () => end(inbox, claim.lease))).toBe(true)
  await inbox.close()
})

test('nor is an event that is discarded then told to be none', async () => {
  const [schema, pool] = [newSchema(), database.pool()]
  const inbox = postgresInbox({ pool, schema })
  await inbox.put(event, remembered)
  await commitBehindLock(schema)
  expect(await cutWhileCommitting(pool, async () => inbox.discard(event.key))).toBe(true)
  await inbox.close()
})

import {
  type EventRecord,
  type Inbox,
  type Lease,
  type Notes,
  noProgress,
  type Verdict,
} from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { Connections } from '../src/connection/connections.ts'
import { Database } from '../src/connection/database.ts'
import { KeptEvents } from '../src/events/kept-events.ts'
import { Layout } from '../src/layout/layout.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'
import { textOf } from './support/text-of.ts'

const database = testServer()

/** Has the answer to the next statement that matches lost: it takes place, and then the connection breaks. */
function loseAnswer(pool: pg.Pool, statement: RegExp): { lost: number } {
  const count = { lost: 0 }
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
    client.query = (async (...args: unknown[]) => {
      const answer = await query(...args)
      if (count.lost > 0 || !statement.test(textOf(args[0]))) return answer
      count.lost += 1
      throw new Error('Connection terminated unexpectedly')
    }) as never
  })
  return count
}

test('a put whose answer was lost is put again, and found to be held', async () => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema() })
  const count = loseAnswer(pool, /^SELECT .*put_/)
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'duplicate', conflict: false })
  expect(count.lost).toBe(1)
  expect((await inbox.get('acme:one'))?.state).toBe('pending')
  await inbox.close()
})

test('a claim whose answer was lost is made again, and is the same claim', async () => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema() })
  const count = loseAnswer(pool, /^SELECT .*claim_/)
  const claim = await inbox.claim(sampleEvent('one'), { ...remembered, leaseMs: 60_000 })
  expect(count.lost).toBe(1)
  expect(claim).toMatchObject({ outcome: 'claimed', lease: { attempt: 1 } })
  await inbox.close()
})

function notesOf(pool: pg.Pool) {
  const inbox = postgresInbox({ pool, schema: newSchema() })
  return { notes: inbox.notes as Notes, close: () => inbox.close() }
}

const burial = { ...remembered, progress: { completed: ['mail'], abandoned: [] }, failures: [] }

const endings: [string, RegExp, (inbox: Inbox, lease: Lease, event: EventRecord) => unknown][] = [
  ['confirmed', /^SELECT .*confirm_/, (inbox, lease, event) => inbox.confirm(lease, event, remembered)],
  ['released', /claim_until = 0/, (inbox, lease) => inbox.release(lease, burial.progress, true)],
  ['buried', /SELECT ended/, (inbox, lease, event) => inbox.bury(lease, event, burial)],
  ['parked', /SELECT ended/, (inbox, lease, event) => inbox.park(lease, event, burial)],
]

test.each(endings)(
  'a claim that was %s by a statement whose answer was lost is not told to be lost',
  async (_, statement, end) => {
    const pool = database.pool()
    const inbox = postgresInbox({ pool, schema: newSchema() })
    const event = sampleEvent('one')
    const count = loseAnswer(pool, statement)
    const claim = await inbox.claim(event, { ...remembered, leaseMs: 60_000 })
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
    expect(await end(inbox, claim.lease, event)).toBe(true)
    expect(count.lost).toBe(1)
    expect(await end(inbox, claim.lease, event)).toBe(false)
    await inbox.close()
  },
)

test('a note that was written by a statement whose answer was lost is told to be written, the first time and later', async () => {
  for (const [earlier, statement] of [
    [undefined, /INSERT INTO \S*notes/],
    ['before', /UPDATE \S*notes/],
  ] as const) {
    const pool = database.pool()
    const count = loseAnswer(pool, statement)
    const { notes, close } = notesOf(pool)
    if (earlier) await notes.write('place', earlier, undefined)
    expect(await notes.write('place', 'now', (await notes.read('place'))?.version)).toBe(true)
    expect(count.lost).toBe(1)
    expect((await notes.read('place'))?.text).toBe('now')
    await close()
  }
})

test('an event whose redrive, replay or discarding was not answered is told to be redriven, replayed or discarded', async () => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema() })
  const count = loseAnswer(pool, /^COMMIT/)
  count.lost = 1
  const failure = { handler: null, code: 'error', message: 'no', at: 1 } as const
  await inbox.put(sampleEvent('one'), { ...remembered, failure })
  count.lost = 0
  expect(await inbox.redrive('acme:one')).toBe(true)
  expect(count.lost).toBe(1)
  expect(await inbox.redrive('acme:one')).toBe(false)
  const consumer = inbox.consume(
    async ({ progress }) => ({ outcome: 'done', progress, keepMs: 60_000 }),
    consuming(),
  )
  await expect.poll(async () => (await inbox.counts()).handled).toBe(1)
  await consumer.stop()
  count.lost = 0
  expect(await inbox.replay('acme:one', { id: 'again' })).toBe(true)
  expect(count.lost).toBe(1)
  count.lost = 0
  expect(await inbox.discard('acme:one')).toBe(true)
  expect(count.lost).toBe(1)
  expect(await inbox.discard('acme:one')).toBe(false)
  await inbox.close()
})

test('a discarding that was not answered still tells whose turn it may be now', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  await inbox.put(sampleEvent('front', { orderKey: 'line' }), remembered)
  const pool = database.pool()
  const count = loseAnswer(pool, /^COMMIT/)
  count.lost = 1
  const kept = new KeptEvents(new Database(new Connections(pool), new Layout(schema, 'hookport'), []))
  await kept.count({}) // finds the tables
  count.lost = 0
  expect(await kept.discard('acme:front')).toEqual([{ source: 'acme', order_key: 'line' }])
  expect(count.lost).toBe(1)
  await inbox.close()
})

const inOrder = { orderKey: 'acme:order', orderRank: 0 }
const inTransactions: [string, Partial<EventRecord>, Verdict][] = [
  ['ends its turn in order', inOrder, { outcome: 'done', progress: noProgress }],
  ['buries it in order', inOrder, { outcome: 'dead', progress: noProgress, failures: [] }],
  [
    'replaces it',
    { type: 'unreadable', unreadable: true },
    { outcome: 'replace', event: sampleEvent('read'), ...remembered },
  ],
]

test.each(inTransactions)(
  'a verdict that %s, and whose answer was lost, is told once: nothing is said of another process',
  async (_, more, verdict) => {
    const pool = database.pool()
    const inbox = postgresInbox({ pool, schema: newSchema() })
    const count = loseAnswer(pool, /^COMMIT/)
    count.lost = 1
    await inbox.put(sampleEvent('one', more), remembered)
    const begun: string[] = []
    const warnings: string[] = []
    const warn = (_: object, message: string) => void warnings.push(message)
    const consumer = inbox.consume(
      async ({ event: { id } }) => {
        if (begun.push(id) === 1) count.lost = 0
        return id === 'one' ? verdict : { outcome: 'done', progress: noProgress }
      },
      consuming({ logger: { ...consuming().logger, warn, error: warn } }),
    )
    await expect.poll(() => count.lost, { timeout: 10_000 }).toBe(1)
    await consumer.idle()
    expect(begun).toEqual(verdict.outcome === 'replace' ? ['one', 'read'] : ['one'])
    expect(warnings).toEqual([])
    await inbox.close()
  },
)

test('what was taken by an answer that was lost is handed out again at once, as no interruption', async () => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema(), leaseMs: 10 * 60_000 })
  for (let index = 0; index < 5; index++) await inbox.put(sampleEvent(`evt_${index}`), remembered)
  await endConnections()
  const count = loseAnswer(pool, /^SELECT .*take_/)
  await expectAllOnce(inbox, 5)
  expect(count.lost).toBe(1)
  await inbox.close()
})

test('so is what waited for a handler, where its answer was lost after other events were taken', async () => {
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema: newSchema(), leaseMs: 10 * 60_000 })
  for (let index = 0; index < 3; index++) await parkEvent(inbox, `parked_${index}`)
  for (let index = 0; index < 2; index++) await inbox.put(sampleEvent(`evt_${index}`), remembered)
  await endConnections()
  const count = loseAnswer(pool, /AS has_to_be_alone/)
  await expectAllOnce(inbox, 5)
  expect(count.lost).toBe(1)
  await inbox.close()
})

test('an event that was interrupted once, and whose taking was not answered, need not run alone', async () => {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema, leaseMs: 10 * 60_000 })
  await inbox.put(sampleEvent('one'), remembered)
  await database.ask(`UPDATE ${schema}.events SET interruptions = 1`)
  await endConnections()
  const count = loseAnswer(pool, /^SELECT .*take_/)
  const turns: unknown[] = []
  inbox.consume(async ({ progress }) => {
    turns.push(...(await database.ask(`SELECT interruptions, alone FROM ${schema}.events`)))
    return { outcome: 'done', progress }
  }, consuming())
  await expect.poll(() => turns).toEqual([{ interruptions: 1, alone: false }])
  expect(count.lost).toBe(1)
  await inbox.close()
})

/** So that the next statements go over connections whose answers can be lost. */
async function endConnections(): Promise<void> {
  await database.ask(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $1',
    ['client backend'],
  )
}

async function parkEvent(inbox: Inbox, id: string): Promise<void> {
  const event = sampleEvent(id)
  const claim = await inbox.claim(event, { ...remembered, leaseMs: 60_000 })
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
  const progress = { completed: [], abandoned: [] }
  expect(await inbox.park(claim.lease, event, { ...remembered, progress, failures: [] })).toBe(true)
}

/** Handles what is there: each event once, and none as one that was interrupted. */
async function expectAllOnce(inbox: Inbox, count: number): Promise<void> {
  const turns: { id: string; interruptions: number }[] = []
  const consumer = inbox.consume(async ({ event, interruptions, progress }) => {
    turns.push({ id: event.id, interruptions })
    return { outcome: 'done', progress }
  }, consuming())
  await expect.poll(() => turns.length, { timeout: 15_000 }).toBe(count)
  await consumer.idle()
  expect(new Set(turns.map(({ id }) => id)).size).toBe(count)
  expect(turns.every(({ interruptions }) => interruptions === 0)).toBe(true)
}

import type { Attempt, Inbox } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { refuse } from './support/refuse.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const patience = { timeout: 10_000 }
const longLease = { leaseMs: 10 * 60_000 }

async function park(inbox: Inbox, ids: readonly string[]): Promise<void> {
  const consumer = inbox.consume(
    async () => Promise.reject(new Error('nothing is wanted')),
    consuming({ wanted: () => ({ types: [], others: 'park' }) }),
  )
  for (const id of ids) await inbox.put(sampleEvent(id), remembered)
  await expect.poll(async () => (await inbox.counts()).parked, patience).toBe(ids.length)
  await consumer.stop()
}

const waitingStep = /has_to_be_alone/
const lineUpStep = /order_key IS NOT NULL/

test.each([
  ['be taken', waitingStep],
  ['be put in line', lineUpStep],
])(
  'while waiting events can not %s, due ones are handled, and the failure is logged',
  async (_, step) => {
    const schema = newSchema()
    const first = postgresInbox({ pool: database.pool(), schema })
    await park(first, ['waiting_1', 'waiting_2'])
    const pool = database.pool()
    const refusal = refuse(pool, step)
    refusal.isOn = true
    const inbox = postgresInbox({ pool, schema, ...longLease })
    const turns: Attempt[] = []
    const { logger, lines } = recordedLogger()
    const consumer = inbox.consume(async (turn) => {
      turns.push(turn)
      return { outcome: 'done', progress: turn.progress }
    }, consuming({ logger }))
    for (let index = 0; index < 20; index++) {
      await first.put(sampleEvent(`due_${index}`), remembered)
      consumer.wake()
    }
    await expect.poll(() => turns.length, patience).toBe(20)
    expect(refusal.count).toBeGreaterThan(0)
    await expect
      .poll(() => lines.map(({ message }) => message), patience)
      .toContain('the inbox can not be asked for work')
    refusal.isOn = false
    await expect.poll(() => turns.length, patience).toBe(22)
    expect(new Set(turns.map(({ event }) => event.id)).size).toBe(22)
    expect(turns.every(({ interruptions }) => interruptions === 0)).toBe(true)
    await inbox.close()
    await first.close()
  },
  60_000,
)

test('what a taking took before it failed is handed out again at once, as no interruption', async () => {
  const pool = database.pool()
  const refusal = refuse(pool, /SELECT source, order_key, handlers/)
  const inbox = postgresInbox({ pool, schema: newSchema(), ...longLease })
  for (const id of ['one', 'two']) await inbox.put(sampleEvent(id, { orderKey: `key of ${id}` }), remembered)
  refusal.isOn = true
  const turns: Attempt[] = []
  const consumer = inbox.consume(async (turn) => {
    turns.push(turn)
    return { outcome: 'done', progress: turn.progress }
  }, consuming())
  await expect.poll(() => refusal.count, patience).toBeGreaterThan(1)
  expect(turns).toEqual([])
  refusal.isOn = false
  await expect.poll(() => turns.map(({ event }) => event.id).toSorted(), patience).toEqual(['one', 'two'])
  expect(turns.every(({ interruptions }) => interruptions === 0)).toBe(true)
  await consumer.idle()
  await inbox.close()
}, 60_000)

test('events that a failed taking has parked are reported with the next one', async () => {
  const schema = newSchema()
  const first = postgresInbox({ pool: database.pool(), schema })
  await park(first, ['waiting'])
  const pool = database.pool()
  const refusal = refuse(pool, waitingStep)
  refusal.isOn = true
  const inbox = postgresInbox({ pool, schema })
  const reported: string[] = []
  const types = ['order.paid']
  const consumer = inbox.consume(
    async (turn) => ({ outcome: 'done', progress: turn.progress }),
    consuming({
      wanted: () => ({ types, others: 'park' }),
      report: ({ event, outcome }) => reported.push(`${outcome} ${event.key}`),
    }),
  )
  await first.put(sampleEvent('other', { type: 'order.other' }), remembered)
  await expect.poll(async () => (await first.counts()).parked, patience).toBe(2)
  expect(reported).toEqual([])
  refusal.isOn = false
  await expect.poll(() => reported, patience).toEqual(['parked acme:other'])
  await expect.poll(async () => (await first.counts()).parked, patience).toBe(1)
  await consumer.stop()
  await inbox.close()
  await first.close()
}, 60_000)

test('a taking that is refused for what it is given, and has no verdicts with it, is not sent again at once, and is told of', async () => {
  const pool = database.pool()
  const refusal = refuse(pool, /has_to_be_alone|\.take/, '54000')
  const inbox = postgresInbox({ pool, schema: newSchema(), ...longLease })
  await inbox.put(sampleEvent('one'), remembered)
  refusal.isOn = true
  const handled: string[] = []
  const { logger, lines } = recordedLogger()
  inbox.consume(async ({ event, progress }) => {
    handled.push(event.id)
    return { outcome: 'done', progress }
  }, consuming({ logger }))
  await expect
    .poll(() => lines.map(({ message }) => message), { timeout: 3_000 })
    .toContain('the inbox can not be asked for work')
  expect(refusal.count).toBeLessThan(5)
  refusal.isOn = false
  await expect.poll(() => handled, patience).toEqual(['one'])
  await inbox.close()
}, 60_000)

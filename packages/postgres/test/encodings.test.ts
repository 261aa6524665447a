import { postgresInbox } from '@hookport/postgres'
import { consumeRecorded, dead } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { sendRow, toPutRow } from '../src/put/put-row.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const server = testServer()
const rememberMs = 60_000

beforeAll(async () => {
  await server.ask("CREATE DATABASE old ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
})

function inboxInOldDatabase() {
  const url = new URL(server.server.url)
  url.pathname = '/old'
  const inbox = postgresInbox({ pool: server.pool({ connectionString: url.href }), schema: newSchema() })
  onTestFinished(() => inbox.close())
  return inbox
}

test('what fails for another reason than the encoding is not sent again', async () => {
  const send = vi.fn(() => Promise.reject(new Error('the database is gone')))
  await expect(sendRow(toPutRow(eventRecord(), { rememberMs }), send)).rejects.toThrow('the database is gone')
  expect(send).toHaveBeenCalledOnce()
})

test('an event whose id, type and tenant the encoding of the database lacks is kept, once, and read as it was', async () => {
  const inbox = inboxInOldDatabase()
  const event = eventRecord({ id: 'ü 🦖 "\\', type: '🦖.paid', tenant: '你好', key: 'acme:~1' })
  const puts = [event, eventRecord({ id: 'plain' })].map((one) => inbox.put(one, { rememberMs }))
  expect(await Promise.all(puts)).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }])
  expect(await inbox.put(event, { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  const { id, type, tenant } = event
  expect(await inbox.get(event.key)).toMatchObject({ id, type, tenant })
  const { attempts, consumer } = consumeRecorded(inbox)
  await vi.waitFor(() => expect(attempts).toHaveLength(2), 10_000)
  expect(attempts.map((one) => one.event.id).sort()).toEqual(['plain', id])
  await consumer.stop()
})

test('an event whose order key the encoding of the database lacks is refused, and those beside it are kept', async () => {
  const inbox = inboxInOldDatabase()
  const events = ['🦖', 'plain'].map((orderKey, index) =>
    eventRecord({ id: `of ${orderKey}`, key: `acme:${index}`, orderKey }),
  )
  const puts = await Promise.allSettled(events.map((event) => inbox.put(event, { rememberMs })))
  expect(puts).toMatchObject([{ reason: { code: '22P05' } }, { value: { outcome: 'accepted' } }])
  expect((await inbox.list()).items.map(({ id }) => id)).toEqual(['of plain'])
})

const foreign = { id: 'ü 🦖', type: '🦖.paid', tenant: '你好' }

test.each(['bury', 'park'] as const)(
  'an event that the encoding of the database lacks can be claimed, and then: %s',
  async (step) => {
    const inbox = inboxInOldDatabase()
    const event = eventRecord({ ...foreign, key: `acme:${step}` })
    const claim = await inbox.claim(event, { rememberMs, leaseMs: 60_000 })
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
    const burial = { rememberMs, progress: { completed: [], abandoned: [] }, failures: [] }
    expect(await inbox[step](claim.lease, event, burial)).toBe(true)
    expect(await inbox.get(event.key)).toMatchObject(foreign)
  },
)

test('an event that the encoding of the database lacks replaces the one that could not be read', async () => {
  const inbox = inboxInOldDatabase()
  await inbox.put(eventRecord({ id: 'unread', unreadable: true, source: 'other' }), { rememberMs })
  const event = eventRecord({ ...foreign, key: 'other:read', source: 'other' })
  const turns: string[] = []
  const consumer = inbox.consume(
    async ({ event: { key }, progress }) => {
      turns.push(key)
      return key === event.key ? { outcome: 'done', progress } : { outcome: 'replace', event, rememberMs }
    },
    consuming({ source: 'other' }),
  )
  await vi.waitFor(() => expect(turns).toContain(event.key), 5_000)
  await consumer.stop()
})

test('a handler of a type that the encoding of the database lacks is given its events, and the others theirs', async () => {
  const inbox = inboxInOldDatabase()
  const types = ['🦖.paid', 'é.paid', 'order.paid']
  for (const type of types)
    for (const id of ['plain', '🦖'])
      await inbox.put(
        eventRecord({ id, type, key: `third:${id.length}.${types.indexOf(type)}`, source: 'third' }),
        { rememberMs },
      )
  const taken: string[] = []
  const consumer = inbox.consume(
    async ({ event: { type }, progress }) => {
      taken.push(type)
      return { outcome: 'done', progress }
    },
    consuming({ source: 'third', wanted: () => ({ types, others: 'drop' }) }),
  )
  await vi.waitFor(() => expect(taken.toSorted()).toEqual([...types, ...types].toSorted()), 5_000)
  await consumer.stop()
})

test('an error whose text the encoding of the database lacks ends its turn as any other', async () => {
  const inbox = inboxInOldDatabase()
  await inbox.put(eventRecord({ id: 'fails' }), { rememberMs })
  const message = 'kaputt: 🦖'
  const { consumer } = consumeRecorded(inbox, async () => ({
    ...dead,
    failures: [{ handler: null, code: 'error', message, at: 1 }],
  }))
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1, active: 0 }), 10_000)
  const { items } = await inbox.list({ state: 'dead' })
  expect(items[0]?.failures).toMatchObject([{ message }])
  await consumer.stop()
})

test('a handler whose name the encoding of the database lacks leaves to later events of the key that it was done, and the next one is handled', async () => {
  const inbox = inboxInOldDatabase()
  for (const [index, id] of ['one', 'two'].entries())
    await inbox.put(
      eventRecord({ id, key: `fourth:${id}`, source: 'fourth', orderKey: 'line', createdAt: index + 1 }),
      { rememberMs },
    )
  const newest: Record<string, { createdAt: number; rank: number }> = { '🦖': { createdAt: 1, rank: 0 } }
  const left: unknown[] = []
  const consumer = inbox.consume(
    async (attempt) => {
      left.push(attempt.newest)
      const { progress } = attempt
      await attempt.checkpoint(progress, { newest, rememberMs })
      return { outcome: 'done', progress, legacy: { newest, rememberMs } }
    },
    consuming({ source: 'fourth' }),
  )
  await vi.waitFor(() => expect(left).toEqual([undefined, newest]), 5_000)
  await consumer.stop()
})

test('what the encoding of the database lacks is told at start', async () => {
  expect(await inboxInOldDatabase().findRisks?.()).toEqual([expect.stringContaining('encoded in LATIN1')])
})

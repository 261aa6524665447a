import { noProgress, type Verdict } from '@hookport/core'
import { retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { SqliteStore } from '../src/consume/sqlite-store.ts'
import { isAnythingDue } from '../src/consume/taking.ts'
import type { LeasedEvent } from '../src/kept/leased-events.ts'
import type { FileAccess } from '../src/open/file-access.ts'
import { leaseMs, oneProcess, parkedTotal, takingAll, wantingNone } from './support/one-process.ts'

const hour = 3_600_000
const unwanted = (count: number) =>
  eventRecords(count, 'unwanted').map((event) => ({ ...event, type: 'nobody.wants' }))
const wanted = { types: ['order.paid'], others: 'park' } as const

test('one taking parks 256 events, and leaves the others to the next, so that it blocks nobody for long', () => {
  const { put, take } = oneProcess()
  put(...unwanted(300))
  expect(take({ wanted }).reports).toHaveLength(256)
  expect(take({ wanted }).reports).toHaveLength(44)
})

test('an event that waits behind many that nobody wants is taken with them', () => {
  const { put, taken } = oneProcess()
  put(...unwanted(20), eventRecord({ id: 'wanted' }))
  expect(taken({ wanted, limit: 4 })).toEqual(['wanted'])
})

test('no taking takes more than was asked for, whatever runs here and is parked on the way', () => {
  const { put, taken } = oneProcess()
  const running = eventRecords(2, 'running')
  put(...running, ...unwanted(2), ...eventRecords(10))
  const keys = new Set(running.map(({ key }) => key))
  expect(taken({ wanted, running: keys, limit: 4 })).toEqual(['evt_0', 'evt_1', 'evt_2', 'evt_3'])
})

test('a taking of many takes as many as were asked for, though some of the first run here', () => {
  const { put, taken } = oneProcess()
  const running = eventRecords(10, 'running')
  put(...running, ...eventRecords(400))
  expect(taken({ running: new Set(running.map(({ key }) => key)), limit: 300 })).toHaveLength(300)
})

test('a taking that asks for no event drops none either', () => {
  const { put, take } = oneProcess()
  put(...unwanted(3))
  take(wantingNone)
  const tooOld = { keepMs: 0, maxBytes: 0 }
  expect(take({ limit: 0, parking: tooOld }).reports).toEqual([])
  expect(take({ limit: 1, parking: tooOld }).reports).toHaveLength(3)
})

test('where nothing is due, a consumer only reads, and looks again within half a lease while something runs here', async () => {
  const { put, take, file } = oneProcess()
  put(eventRecord({ id: 'running' }))
  const running = new Set(take({ limit: 1 }).events.map(({ event }) => event.key))
  expect(take({ running }).nextDueMs).toBe(leaseMs / 2)
  const access = {
    isWriting: false,
    read: <Result>(look: (from: typeof file) => Result) => look(file),
    write: () => expect.unreachable('it has asked for the lock'),
  }
  const store = new SqliteStore(access, () => {})
  expect(await store.take(() => ({ ...takingAll, running }))).toMatchObject({
    events: [],
    nextDueMs: leaseMs / 2,
  })
})

test('with what has to run alone nothing else is taken, parked events included', () => {
  const { put, take, taken, database } = oneProcess()
  put(eventRecord({ id: 'parked' }))
  take(wantingNone)
  put(eventRecord({ id: 'suspect' }))
  database.exec("UPDATE events SET suspect = 1, interruptions = 2 WHERE id = 'suspect'")
  expect(taken({ alone: true, limit: 1 }, true)).toEqual(['suspect'])
  expect(taken()).toEqual(['parked'])
})

test('an event that was interrupted twice runs alone, also where a new handler ends its wait', async () => {
  const process = oneProcess()
  const { put, take, taken, time, inTransaction } = process
  put(eventRecord({ id: 'suspect' }))
  for (const interruptions of [0, 1]) {
    expect(take().events).toMatchObject([{ interruptions }])
    await time.advance(leaseMs)
  }
  const [alone] = take({ alone: true }).events as LeasedEvent[]
  if (!alone) expect.unreachable()
  const waits = retryIn(hour, { keepInterruptions: true, untilWanted: true })
  inTransaction((file) => expect(file.leased.conclude(alone, waits, file.now)).toBe(true))
  put(eventRecord({ id: 'neighbour' }))
  expect(take()).toMatchObject({ events: [{ event: { id: 'neighbour' } }], aloneIsDue: true })
  expect(taken({ alone: true })).toEqual(['suspect'])
  expect(parkedTotal(process)).toEqual({})
})

test('a parked event that has to run alone is parked no more as soon as a process has a handler for it', () => {
  const process = oneProcess()
  const { put, take, taken, database } = process
  put(eventRecord({ rawBody: Buffer.alloc(100) }))
  take(wantingNone)
  database.exec('UPDATE events SET suspect = 1, interruptions = 2')
  expect(take()).toMatchObject({ events: [], aloneIsDue: true })
  expect(parkedTotal(process)).toEqual({ events: 0, bytes: 0 })
  expect(taken({ alone: true })).toEqual(['evt_1'])
})

test('an idle process does not lock the file for events that nobody wants', () => {
  const { put, take, file } = oneProcess()
  put(...unwanted(3))
  take(wantingNone)
  const isDue = (more: object) => isAnythingDue(file, { ...takingAll, ...more }, file.time.now())
  expect(isDue(wantingNone)).toBe(false)
  expect(isDue({ ...wantingNone, source: 'other' })).toBe(false)
  expect(isDue({ ...wantingNone, parking: { keepMs: 0, maxBytes: hour } })).toBe(true)
  expect(isDue({ ...wantingNone, parking: { keepMs: hour, maxBytes: 1 } })).toBe(true)
  expect(isDue({ wanted: { types: ['nobody.wants'], others: 'park' } })).toBe(true)
})

test('parked events of several types are taken oldest first, so that no type starves another', () => {
  const { put, take, taken } = oneProcess()
  const events = eventRecords(12).map((event, index) => ({ ...event, type: 'abc'.charAt(index % 3) }))
  put(...events)
  take(wantingNone)
  const ids = events.map(({ id }) => id)
  expect(taken({ wanted: { types: ['c', 'b', 'a'], others: 'park' }, limit: 11 })).toEqual(ids.slice(0, 11))
})

/** Parked events of one order key whose first event is scheduled for later. */
function parkedBehind(count: number) {
  const { put, take, inTransaction, file } = oneProcess()
  const ordered = (id: string) => ({ ...eventRecord({ id, orderKey: 'k' }), type: 'later' })
  const conclude = (id: string, verdict: Verdict) => {
    const [taken] = take(wantingNone).events.filter(({ event }) => event.id === id)
    inTransaction(() => file.leased.conclude(taken as LeasedEvent, verdict, file.now))
  }
  for (let index = 0; index < count; index++) {
    put(ordered(`parked_${index}`))
    conclude(`parked_${index}`, { outcome: 'park', progress: noProgress })
  }
  put(ordered('scheduled'))
  conclude('scheduled', retryIn(hour))
  return { put, take }
}

test('a parked event is taken though more than were asked for have to wait for others of their order key', () => {
  const { put, take } = parkedBehind(5)
  put(eventRecord({ id: 'free', type: 'nobody.wants' }))
  take(wantingNone)
  const { events } = take({ wanted: { types: ['later', 'nobody.wants'], others: 'park' }, limit: 2 })
  expect(events.map(({ event }) => event.id)).toEqual(['free'])
})

test('one taking puts 256 parked events or a few more in line, and says that there are more', () => {
  const { take } = parkedBehind(300)
  const asked = { wanted: { types: ['later'], others: 'park' }, limit: 100 } as const
  expect(take(asked)).toMatchObject({ events: [], nextDueMs: 0 })
  expect(take(asked)).toMatchObject({ events: [], nextDueMs: hour })
})

test('parked events and others that are due come first by turns, so that neither waits for all of the other', async () => {
  const { put, take, inTransaction, file } = oneProcess()
  put(...eventRecords(2, 'parked'))
  take(wantingNone)
  put(...eventRecords(2, 'due'))
  const access: FileAccess = {
    isWriting: false,
    read: (look) => look(file),
    write: async (write) => inTransaction(() => write(file, file.now)),
  }
  const store = new SqliteStore(access, () => {})
  const next = async () => (await store.take(() => ({ ...takingAll, limit: 1 }))).events[0]?.event.id
  expect([await next(), await next(), await next(), await next()]).toEqual([
    'parked_0',
    'due_0',
    'parked_1',
    'due_1',
  ])
})

test('a report names the type as it is, and the tenant of an event that has one', () => {
  const { put, take } = oneProcess()
  const type = 'order.paid\0'
  put(eventRecord({ id: 'of all', type }), eventRecord({ id: 'of one', type, tenant: 'one' }))
  const name = { source: 'acme', type }
  expect(take(wantingNone).reports.map(({ event }) => event)).toStrictEqual([
    { ...name, id: 'of all', key: 'acme:of all' },
    { ...name, id: 'of one', key: 'acme:of one', tenant: 'one' },
  ])
})

test('an event is seen as due behind all that run here under leases that have run out', async () => {
  const { file, time, put, take } = oneProcess()
  put(...eventRecords(2, 'held'))
  const running = new Set(take().events.map(({ event }) => event.key))
  await time.advance(leaseMs)
  expect(isAnythingDue(file, { ...takingAll, running }, file.time.now())).toBe(false)
  await time.advance(1)
  put(eventRecord({ id: 'other' }))
  expect(running.size).toBe(2)
  expect(isAnythingDue(file, { ...takingAll, running }, file.time.now())).toBe(true)
})

test('what is parked is taken while an older event runs here whose lease ran out, and which another process has parked', async () => {
  const { file, time, put, take, taken } = oneProcess()
  put(eventRecord({ id: 'running' }))
  const running = new Set(take().events.map(({ event }) => event.key))
  await time.advance(leaseMs)
  put(eventRecord({ id: 'other' }))
  expect(take(wantingNone).reports).toHaveLength(2)
  const asked = { wanted, running, limit: 1 }
  expect(isAnythingDue(file, { ...takingAll, ...asked }, file.time.now())).toBe(true)
  expect(taken(asked)).toEqual(['other'])
})

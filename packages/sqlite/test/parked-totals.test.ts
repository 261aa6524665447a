import { StatementSync } from 'node:sqlite'
import type { Verdict } from '@hookport/core'
import { noProgress } from '@hookport/core'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { LeasedEvent } from '../src/kept/leased-events.ts'
import { leaseMs, oneProcess, parkedTotal, takingAll, wantingNone } from './support/one-process.ts'
import { handleAll, rememberMs, temporaryFile, testInbox, watchFile } from './support/test-inbox.ts'

const body = (bytes: number) => ({ rawBody: Buffer.alloc(bytes) })
const park: Verdict = { outcome: 'park', progress: noProgress }
const nothing = { events: 0, bytes: 0 }

test('an event that is parked under a lease counts as parked, and one that is dead does not', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const database = watchFile(path)
  const settle = async (id: string, how: 'park' | 'bury') => {
    const event = eventRecord({ id, ...body(3_000) })
    const claim = await inbox.claim(event, { rememberMs, leaseMs })
    if (claim.outcome !== 'claimed') expect.unreachable()
    await inbox[how](claim.lease, event, { progress: noProgress, failures: [], rememberMs })
  }
  await settle('parked', 'park')
  await settle('dead', 'bury')
  expect(parkedTotal({ database })).toEqual({ events: 1, bytes: 3_000 })
  await inbox.discard('acme:dead')
  expect(parkedTotal({ database })).toEqual({ events: 1, bytes: 3_000 })
  await inbox.discard('acme:parked')
  expect(parkedTotal({ database })).toEqual(nothing)
})

test('what happens to other events does not change what counts as parked', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const database = watchFile(path)
  await inbox.put(eventRecord({ id: 'parked', ...body(100) }), { rememberMs })
  await handleAll(inbox, async () => park)
  const verdicts = [retryIn(0), retryIn(0), dead]
  await inbox.put(eventRecord({ id: 'other', type: 'other', ...body(10) }), { rememberMs })
  const { attempts, consumer } = consumeRecorded(inbox, async () => verdicts.shift() ?? done, {
    wanted: () => ({ types: ['other'], others: 'park' }),
  })
  await expect.poll(() => attempts.length).toBe(3)
  await consumer.idle()
  await inbox.redrive('acme:other')
  await consumer.idle()
  expect(await inbox.counts()).toMatchObject({ parked: 1, dead: 0 })
  expect(parkedTotal({ database })).toEqual({ events: 1, bytes: 100 })
})

test('a parked event has no failures', async () => {
  const inbox = testInbox()
  await inbox.put(eventRecord(), { rememberMs })
  await handleAll(inbox, async () => park)
  expect(await inbox.get('acme:evt_1')).toMatchObject({ state: 'parked', failures: [] })
})

/** A process whose event, under a lease that has run out, was parked by another that has no handler for it. */
async function parkedMeanwhile() {
  const process = oneProcess()
  process.put(eventRecord(body(200)))
  const [holders] = process.take().events as LeasedEvent[]
  await process.time.advance(leaseMs)
  return { ...process, holders: holders ?? expect.unreachable() }
}

test.each<[string, Verdict]>([
  ['done', done],
  ['dead', dead],
  ['retry', retryIn(0)],
])(
  'the verdict %s on an event that another process has parked meanwhile takes it from there',
  async (_, verdict) => {
    const process = await parkedMeanwhile()
    process.take(wantingNone)
    expect(parkedTotal(process)).toEqual({ events: 1, bytes: 200 })
    process.inTransaction((file) => {
      expect(file.leased.conclude(process.holders, verdict, file.now)).toBe(true)
    })
    expect(parkedTotal(process)).toEqual(nothing)
  },
)

test('so does a verdict that is stored in the transaction that parks the event', async () => {
  const process = await parkedMeanwhile()
  const { inTransaction, file, holders } = process
  inTransaction(() => {
    expect(file.parkedTotals.mayHaveAny('acme')).toBe(false)
    file.parked.park(holders.sequence, 'acme', file.now)
    expect(file.leased.conclude(holders, done, file.now)).toBe(true)
  })
  expect(parkedTotal(process)).toEqual(nothing)
})

test('so does the verdict of a process that saw nothing parked before another process parked the event', async () => {
  const process = await parkedMeanwhile()
  const { file, holders, inTransaction } = process
  inTransaction(() => expect(file.parkedTotals.mayHaveAny('acme')).toBe(false))
  process.take(wantingNone, false, process.another())
  expect(parkedTotal(process)).toEqual({ events: 1, bytes: 200 })
  inTransaction(() => expect(file.leased.conclude(holders, done, file.now)).toBe(true))
  expect(parkedTotal(process)).toEqual(nothing)
})

test('a renewal takes it back, so that it is parked no more', async () => {
  const process = await parkedMeanwhile()
  process.take(wantingNone)
  process.inTransaction((file) => {
    expect(file.leased.renew(process.holders, leaseMs, file.now)).toBe(true)
  })
  expect(parkedTotal(process)).toEqual(nothing)
})

test('nothing counts as parked by a verdict that came too late', async () => {
  const process = await parkedMeanwhile()
  expect(process.taken()).toEqual(['evt_1'])
  process.inTransaction((file) => {
    expect(file.leased.conclude(process.holders, park, file.now)).toBe(false)
  })
  expect(parkedTotal(process)).toEqual({})
})

test('an event of an order key counts as parked until it is put in its line; one that is scheduled never does', () => {
  const process = oneProcess()
  const { put, take, taken, inTransaction } = process
  put(eventRecord({ id: 'parked', orderKey: 'one', ...body(300) }))
  put(eventRecord({ id: 'scheduled', orderKey: 'other', ...body(50) }))
  const held = take().events as LeasedEvent[]
  inTransaction((file) => {
    for (const one of held) {
      const verdict = one.event.id === 'parked' ? park : retryIn(leaseMs, { untilWanted: true })
      expect(file.leased.conclude(one, verdict, file.now)).toBe(true)
    }
  })
  expect(parkedTotal(process)).toEqual({ events: 1, bytes: 300 })
  expect([...taken({}, true), ...taken(takingAll)].toSorted()).toEqual(['parked', 'scheduled'])
  expect(parkedTotal(process)).toEqual(nothing)
})

test('a parked event without a body counts as one: it is dropped when its time is over', async () => {
  const process = oneProcess()
  const parking = { ...takingAll.parking, keepMs: leaseMs }
  process.put(eventRecord(body(0)))
  expect(process.take({ ...wantingNone, parking }).reports).toMatchObject([{ outcome: 'parked' }])
  expect(parkedTotal(process)).toEqual({ events: 1, bytes: 0 })
  await process.time.advance(leaseMs)
  expect(process.take({ ...wantingNone, parking }).reports).toMatchObject([{ outcome: 'expired' }])
  expect(parkedTotal(process)).toEqual(nothing)
})

test('takings look for the oldest parked event once a minute, and at once where it is too old or too much is parked: the look goes through what other sources have parked', async () => {
  const { put, take, time } = oneProcess()
  const all = vi.spyOn(StatementSync.prototype, 'all')
  onTestFinished(() => all.mockRestore())
  const looks = () => all.mock.contexts.splice(0).filter(isLook).length
  const parking = { keepMs: 600_000, maxBytes: 1_000 }
  const takeNone = (more = {}) => take({ ...wantingNone, parking: { ...parking, ...more } })
  const expired = (taking: ReturnType<typeof take>) => taking.reports.map(({ event: { id } }) => id)
  put(eventRecord({ id: 'one', ...body(100) }), eventRecord({ id: 'two', ...body(100) }))
  for (const _ of [1, 2, 3, 4]) takeNone()
  expect(looks()).toBe(1)
  await time.advance(60_000)
  takeNone()
  expect(looks()).toBe(1)
  expect(expired(takeNone({ maxBytes: 100 }))).toEqual(['one'])
  expect(expired(takeNone({ keepMs: 60_000 }))).toEqual(['two'])
  expect(looks()).toBe(2)
})

function isLook(statement: unknown): boolean {
  return (statement as StatementSync).sourceSQL.includes('ORDER BY rested_at')
}

import { type Clock, InboxFullError, noProgress } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, onTestFinished, test } from 'vitest'
import { HeldFile } from '../src/open/held-file.ts'
import { openDatabase } from '../src/open/open-database.ts'
import { OpenFile, openFile } from '../src/open/open-file.ts'
import { InboxInFile } from '../src/sqlite-inbox.ts'
import { resolveOptions } from '../src/sqlite-inbox-options.ts'
import { RoomInFile } from '../src/take-on/room-in-file.ts'
import { machine } from './support/machine.ts'
import { counts, handleAll, rememberMs, rowsOf, temporaryFile, testInbox } from './support/test-inbox.ts'

/** An inbox whose file can't grow beyond so many pages: what a full disk is to SQLite. */
function inboxOnSmallDisk({ clock = undefined as Clock | undefined, leaseMs = 30_000 } = {}) {
  const path = temporaryFile()
  const options = resolveOptions({ path, leaseMs, ...(clock && { clock }) })
  const database = openDatabase(options)
  const inbox = new InboxInFile(new HeldFile(() => new OpenFile(database, options)), options)
  onTestFinished(() => inbox.close())
  const setPages = (pages: number) => database.exec(`PRAGMA max_page_count = ${pages}`)
  const fill = () => setPages(Number(database.prepare('PRAGMA page_count').get()?.page_count))
  return { inbox, setPages, fill, rows: (table: string) => rowsOf(database, table) }
}

test('a full disk rejects puts, stores nothing by halves, and once there is room they are accepted', async () => {
  const { inbox, setPages, rows } = inboxOnSmallDisk()
  setPages(60)
  const events = eventRecords(200).map((event) => ({ ...event, rawBody: Buffer.alloc(2_100) }))
  const outcomes: string[] = []
  for (let start = 0; start < events.length; start += 10) {
    const puts = events.slice(start, start + 10).map((event) => inbox.put(event, { rememberMs }))
    const settled = await Promise.allSettled(puts)
    for (const result of settled) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(InboxFullError)
      outcomes.push(result.status)
    }
  }
  const accepted = outcomes.filter((outcome) => outcome === 'fulfilled').length
  expect(accepted).toBeGreaterThan(0)
  expect(accepted).toBeLessThan(events.length)
  expect([rows('ids'), rows('events'), rows('bodies')]).toEqual([accepted, accepted, accepted])

  setPages(10_000)
  const again = await Promise.all(events.map((event) => inbox.put(event, { rememberMs })))
  expect(again.map(({ outcome }) => outcome)).toEqual(
    outcomes.map((outcome) => (outcome === 'fulfilled' ? 'duplicate' : 'accepted')),
  )
})

test('beyond maxBytes puts are refused while handling goes on, and makes room', async () => {
  const inbox = testInbox({ maxBytes: 200_000 })
  const events = eventRecords(40).map((event) => ({ ...event, rawBody: Buffer.alloc(10_000) }))
  const results = await Promise.allSettled(events.map((event) => inbox.put(event, { rememberMs })))
  const refused = results.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(20)
  expect(refused[0]).toMatchObject({ reason: { code: 'inbox_full' } })
  const last = events.at(-1) ?? expect.unreachable()
  await expect(inbox.claim(last, { rememberMs, leaseMs: 1_000 })).rejects.toThrow(InboxFullError)

  await consumeRecorded(inbox).consumer.idle()
  expect(await inbox.put(last, { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('an event that was taken on is a duplicate though the file is full, and not refused', async () => {
  const inbox = testInbox({ maxBytes: 240_000 })
  const event = eventRecord({ id: 'big', rawBody: Buffer.alloc(120_000) })
  await inbox.put(event, { rememberMs })
  const other = eventRecord({ id: 'other', rawBody: event.rawBody })
  await expect(inbox.put(other, { rememberMs })).rejects.toThrow(InboxFullError)
  const duplicate = { outcome: 'duplicate', conflict: false }
  expect(await inbox.put(event, { rememberMs })).toEqual(duplicate)
  expect(await inbox.claim(event, { rememberMs, leaseMs: 1_000 })).toEqual(duplicate)
})

test('an event that is refused leaves the claim on it as it was, with its progress', async () => {
  const inbox = testInbox({ maxBytes: 200_000 })
  const event = eventRecord({ id: 'claimed', rawBody: Buffer.alloc(300_000) })
  const first = await inbox.claim(eventRecord({ id: 'claimed' }), { rememberMs, leaseMs: 60_000 })
  if (first.outcome !== 'claimed') return expect.unreachable()
  await expect(inbox.put(event, { rememberMs })).rejects.toThrow(InboxFullError)
  const progress = { completed: ['first'], abandoned: [] }
  expect(await inbox.release(first.lease, progress, true)).toBe(true)
  await expect(inbox.put(event, { rememberMs })).rejects.toThrow(InboxFullError)
  expect(await inbox.claim(eventRecord({ id: 'claimed' }), { rememberMs, leaseMs: 60_000 })).toMatchObject({
    lease: { attempt: 2, progress },
  })
})

test('an event that is too big for what is left does not keep smaller ones of its group out', async () => {
  const inbox = testInbox({ maxBytes: 200_000 })
  const big = inbox.put(eventRecord({ id: 'big', rawBody: Buffer.alloc(300_000) }), { rememberMs })
  const small = inbox.put(eventRecord({ id: 'small' }), { rememberMs })
  await expect(big).rejects.toThrow(InboxFullError)
  expect(await small).toEqual({ outcome: 'accepted' })
})

test('dead letters take up room until they are discarded', async () => {
  const inbox = testInbox({ maxBytes: 240_000 })
  await inbox.put(eventRecord({ id: 'dead', rawBody: Buffer.alloc(120_000) }), { rememberMs })
  await consumeRecorded(inbox, async () => dead).consumer.idle()
  const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(120_000) })
  await expect(inbox.put(next, { rememberMs })).rejects.toThrow(/dead letters/)
  await inbox.discard('acme:dead')
  expect(await inbox.put(next, { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('what is parked causes no refusal: it takes up no room of maxBytes', async () => {
  const inbox = testInbox({ maxBytes: 150_000 })
  const { consumer } = consumeRecorded(inbox, async () => done, {
    wanted: () => ({ types: [], others: 'park' }),
  })
  for (const [index, length] of [50, 400, 1_900, 3_000, 20_000, 120_000].entries()) {
    for (const event of eventRecords(Math.ceil(200_000 / (length + 330)))) {
      const id = `${index}_${event.id}`
      await inbox.put(eventRecord({ id, rawBody: Buffer.alloc(length) }), { rememberMs })
      await consumer.idle()
    }
  }
  const { parked } = await inbox.counts()
  expect(parked).toBeGreaterThan(750)
  await consumer.stop()
  const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(60_000) })
  expect(await inbox.put(next, { rememberMs })).toEqual({ outcome: 'accepted' })
  await expect(
    inbox.put(eventRecord({ id: 'too much', rawBody: Buffer.alloc(2_500_000) }), { rememberMs }),
  ).rejects.toThrow(InboxFullError)
})

test('an event that fits exactly is taken on, and one that is a byte longer is not', async () => {
  const path = temporaryFile()
  await testInbox({ path }).close()
  const file = openFile(resolveOptions({ path }))
  onTestFinished(() => file.close())
  const room = new RoomInFile({ path, maxBytes: file.space.usedBytes + 1_000 })
  const assertFor = (bytes: number) => room.assertFor(eventRecord({ rawBody: Buffer.alloc(bytes) }), file)
  expect(() => assertFor(1_000)).not.toThrow()
  expect(() => assertFor(1_001)).toThrow(InboxFullError)
})

test('beside what is parked, an event that fits exactly is taken on, and one that is a byte longer is not', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await inbox.put(eventRecord({ id: 'parked', rawBody: Buffer.alloc(20_000) }), { rememberMs })
  await handleAll(inbox, async () => ({ outcome: 'park', progress: noProgress }))
  await inbox.close()
  const file = openFile(resolveOptions({ path }))
  onTestFinished(() => file.close())
  expect(file.parkedTotals.usedBytes).toBeGreaterThan(20_000)
  const maxBytes = file.space.usedBytes - file.parkedTotals.usedBytes + 1_000
  const room = new RoomInFile({ path, maxBytes })
  const assertFor = (bytes: number) => room.assertFor(eventRecord({ rawBody: Buffer.alloc(bytes) }), file)
  expect(() => assertFor(1_000)).not.toThrow()
  expect(() => assertFor(1_001)).toThrow(InboxFullError)
})

test('handled events that are kept give way to new ones, however many it takes', async () => {
  const inbox = testInbox({ maxBytes: 800_000 })
  const kept = eventRecords(200).map((event) => ({ ...event, rawBody: Buffer.alloc(1_500) }))
  await Promise.all(kept.map((event) => inbox.put(event, { rememberMs })))
  await handleAll(inbox, async () => ({ outcome: 'done', progress: noProgress, keepMs: 3_600_000 }))
  expect(await inbox.counts()).toEqual(counts({ handled: 200 }))
  const big = eventRecord({ id: 'big', rawBody: Buffer.alloc(600_000) })
  expect(await inbox.put(big, { rememberMs })).toEqual({ outcome: 'accepted' })
  const { handled } = await inbox.counts()
  expect(handled).toBeLessThan(200 - 64)
})

test('a few handled events give way as well: the put for which they did is not refused', async () => {
  const inbox = testInbox({ maxBytes: 1_000_000 })
  const kept = eventRecords(5).map((event) => ({ ...event, rawBody: Buffer.alloc(100_000) }))
  await Promise.all(kept.map((event) => inbox.put(event, { rememberMs })))
  await handleAll(inbox, async () => ({ outcome: 'done', progress: noProgress, keepMs: 3_600_000 }))
  expect(await inbox.counts()).toEqual(counts({ handled: 5 }))
  const big = eventRecord({ id: 'big', rawBody: Buffer.alloc(600_000) })
  expect(await inbox.put(big, { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('a claim that goes on with an earlier one is not refused for want of room: it takes up none', async () => {
  const inbox = testInbox({ maxBytes: 150_000 })
  const event = eventRecord({ id: 'claimed' })
  const claim = await inbox.claim(event, { rememberMs, leaseMs: 1_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  await inbox.release(claim.lease, claim.lease.progress, true)
  const filling = eventRecords(20).map((one) => ({ ...one, rawBody: Buffer.alloc(10_000) }))
  await Promise.allSettled(filling.map((one) => inbox.put(one, { rememberMs })))
  const large = { ...event, rawBody: Buffer.alloc(10_000) }
  await expect(inbox.claim({ ...large, key: 'acme:new' }, { rememberMs, leaseMs: 1_000 })).rejects.toThrow(
    InboxFullError,
  )
  expect(await inbox.claim(large, { rememberMs, leaseMs: 1_000 })).toMatchObject({
    outcome: 'claimed',
    lease: { attempt: 2 },
  })
})

test('a disk that is full for longer than a lease costs no repetition: verdicts are told until they are held', async () => {
  const { time, process } = machine()
  const { inbox, fill, setPages, rows } = inboxOnSmallDisk({ clock: process(), leaseMs: 1_000 })
  const { logger, at } = recordedLogger()
  const gate = deferred()
  await Promise.all(eventRecords(10).map((event) => inbox.put(event, { rememberMs })))
  const effects: string[] = []
  const { attempts } = consumeRecorded(
    inbox,
    async ({ event }) => {
      await gate.promise
      effects.push(event.id)
      return retryIn(3_600_000, { progress: { completed: ['x'.repeat(9_000)], abandoned: [] } })
    },
    { logger },
  )
  await expect.poll(() => attempts.length).toBe(10)
  fill()
  gate.resolve()
  const untold = () => at('error').filter(({ message }) => /can't be told/.test(message))
  await expect.poll(() => untold().length).toBeGreaterThan(5) // where the machine is slow, writes rest between groups: by its time, not the test's
  for (let second = 0; second < 30; second++) await time.advance(1_000)
  expect(effects).toHaveLength(10)
  expect(new Set(untold().map(({ details }) => details.key)).size).toBe(untold().length) // once each, however often it is tried
  setPages(100_000)
  const countsASecondLater = () => time.advance(1_000).then(() => inbox.counts())
  await expect.poll(countsASecondLater).toEqual(counts({ scheduled: 10 }))
  expect([effects.length, rows('events')]).toEqual([10, 10])
})

import { type EventRecord, noProgress } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, dead } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test } from 'vitest'
import { FileSpace } from '../src/file/file-space.ts'
import { shortBodyBytes } from '../src/layout/event-row.ts'
import { stepLimits } from '../src/open/housekeeping.ts'
import { openDatabase } from '../src/open/open-database.ts'
import { openFile } from '../src/open/open-file.ts'
import { lookInto, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

const hour = 3_600_000
const day = 24 * hour

test.each([0, shortBodyBytes, shortBodyBytes + 1])(
  'a handled event of %d bytes leaves its id, and nothing else; its id goes when it is forgotten',
  async (bytes) => {
    const path = temporaryFile()
    const clock = manualClock()
    const inbox = testInbox({ path, clock })
    const { rows } = lookInto(path)
    await inbox.put(eventRecord({ id: 'first', rawBody: Buffer.alloc(bytes) }), { rememberMs })
    await consumeRecorded(inbox).consumer.idle()
    expect([rows('events'), rows('bodies'), rows('ids')]).toEqual([0, 0, 1])
    await clock.advance(rememberMs)
    await inbox.put(eventRecord({ id: 'second' }), { rememberMs })
    await expect.poll(() => rows('ids')).toBe(1)
  },
)

test('claims that nobody came back for are pruned', async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { rows } = lookInto(path)
  await inbox.claim(eventRecord(), { rememberMs, leaseMs: 1_000 })
  expect(rows('claims')).toBe(1)
  await clock.advance(rememberMs)
  await inbox.put(eventRecord({ id: 'other' }), { rememberMs })
  await expect.poll(() => rows('claims')).toBe(0)
})

test('a walk over all ids is followed by a rest, and the next one finds what was forgotten meanwhile', () => {
  const path = temporaryFile()
  const file = openFile({ path, synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => file.close())
  const { database, rows } = lookInto(path)
  database.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO ids (key, fingerprint, forgotten_at) SELECT 'acme:' || i, 1, 1e15 FROM n`)
  const stepsAt = (elapsed: number) => {
    for (let steps = 1; ; steps++) {
      file.begin()
      const isMoreToDo = file.forgotten.prune({ elapsed, steady: 1_000, wall: 1_000 }, stepLimits.ids)
      file.commit()
      if (!isMoreToDo) return steps
    }
  }
  const beganAt = performance.now()
  expect(stepsAt(0)).toBe(3)
  const tookMs = performance.now() - beganAt
  database.exec("INSERT INTO ids (key, fingerprint, forgotten_at) VALUES ('acme:late', 1, 1000)")
  expect(stepsAt(0)).toBe(1)
  expect(rows('ids')).toBe(5_001)
  expect(stepsAt(30 * tookMs)).toBe(4) // a stretch of which something was deleted is looked through again
  expect(rows('ids')).toBe(5_000)
})

test('one step gives back no more pages than it may', () => {
  const database = openDatabase({ path: temporaryFile(), synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => database.close())
  database.exec('INSERT INTO bodies VALUES (1, zeroblob(20000000)); DELETE FROM bodies')
  const pages = () => Number(database.prepare('PRAGMA page_count').get()?.page_count)
  const before = pages()
  expect(new FileSpace(database).giveBack(stepLimits.pages)).toBe(true)
  expect(before - pages()).toBe(stepLimits.pages)
})

test('free pages are kept for reuse while they are 1,024 at most, or a quarter of the file at most', () => {
  const database = openDatabase({ path: temporaryFile(), synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => database.close())
  const space = new FileSpace(database)
  const read = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])
  const freeIsFew = () => !space.giveBack(1)
  database.exec('CREATE TABLE held (data BLOB)')
  const hold = (megabytes: number) =>
    database.exec(`INSERT INTO held VALUES (zeroblob(${megabytes * 1_000_000}))`)
  const freeUp = (pages: number) => {
    database.exec(`CREATE TABLE spare AS SELECT zeroblob(4096 * ${pages + 8}) AS data; DROP TABLE spare`)
    while (read('freelist_count') > pages) database.exec('PRAGMA incremental_vacuum(1)')
    expect(read('freelist_count')).toBe(pages)
  }
  freeUp(1_024)
  expect(freeIsFew()).toBe(true)
  freeUp(1_025)
  expect(freeIsFew()).toBe(true) // of these it has given back one
  freeUp(1_026)
  expect(freeIsFew()).toBe(false)
  hold(4) // in pages that were free
  hold(13)
  freeUp(1_200)
  expect(1_200 / read('page_count')).toBeLessThan(0.25)
  expect(freeIsFew()).toBe(true)
  expect(read('freelist_count')).toBe(1_200)
})

test('dead letters are kept forever by default, and for keepDeadFor where that is set; their ids for their own time', async () => {
  const paths = [temporaryFile(), temporaryFile()]
  const clock = manualClock()
  const [keeping, forgetting] = paths.map((path, index) =>
    testInbox({ path, clock, ...(index === 1 ? { keepDeadFor: 2 * day } : {}) }),
  )
  for (const inbox of [keeping, forgetting]) {
    if (!inbox) expect.unreachable()
    await inbox.put(eventRecord({ id: 'dead' }), { rememberMs: 3 * day })
    const { consumer } = consumeRecorded(inbox, async () => dead)
    await consumer.idle()
    await consumer.stop()
  }
  const touch = async (id: string) => {
    for (const inbox of [keeping, forgetting])
      await inbox?.put(eventRecord({ id, source: 'other' }), { rememberMs })
  }
  await clock.advance(2 * day - 1)
  await touch('early')
  await clock.advance(0)
  expect(await forgetting?.counts()).toMatchObject({ dead: 1 })
  await clock.advance(10_001)
  await touch('late')
  await expect.poll(async () => (await forgetting?.counts())?.dead).toBe(0)
  expect(await forgetting?.put(eventRecord({ id: 'dead' }), { rememberMs })).toMatchObject({
    outcome: 'duplicate',
  })
  await clock.advance(300 * day)
  await touch('much later')
  expect(await keeping?.counts()).toMatchObject({ dead: 1 })
})

test('a dead letter that had no turn, as it was put as one or buried by the holder of its claim, is kept for keepDeadFor too', async () => {
  const clock = manualClock()
  const inbox = testInbox({ clock, keepDeadFor: 2 * day })
  const failure = { handler: null, code: 'unreadable', message: 'it is not JSON', at: clock.now() }
  await inbox.put(eventRecord({ id: 'put' }), { rememberMs, failure })
  const claimed = eventRecord({ id: 'claimed' })
  const claim = await inbox.claim(claimed, { leaseMs: hour, rememberMs })
  if (claim.outcome !== 'claimed') expect.unreachable()
  expect(
    await inbox.bury(claim.lease, claimed, { progress: noProgress, failures: [failure], rememberMs }),
  ).toBe(true)
  const touch = (id: string) => inbox.put(eventRecord({ id, source: 'other' }), { rememberMs })
  await clock.advance(2 * day - 1)
  await touch('early')
  await clock.advance(0)
  expect(await inbox.counts()).toMatchObject({ dead: 2 })
  await clock.advance(10_001)
  await touch('late')
  await expect.poll(async () => (await inbox.counts()).dead).toBe(0)
})

test.for([
  { stuck: 'ids', other: 'events', left: 1 },
  { stuck: 'events', other: 'ids', left: 2 }, // also that of the event that is still kept
  { stuck: 'claims', other: 'ids', left: 1 },
])('where old rows of $stuck can not be deleted, those of $other are', async ({ stuck, other, left }) => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock, keepDeadFor: hour })
  await inbox.put(eventRecord({ id: 'forgotten' }), { rememberMs: hour })
  const { consumer } = consumeRecorded(inbox)
  await consumer.idle()
  await consumer.stop()
  const failure = { handler: null, code: 'unreadable', message: 'it is not JSON', at: clock.now() }
  await inbox.put(eventRecord({ id: 'dead' }), { rememberMs: hour, failure })
  await inbox.claim(eventRecord({ id: 'claimed' }), { leaseMs: 1_000, rememberMs: 1_000 })
  const { database, rows } = lookInto(path)
  const before = rows(stuck)
  database.exec(`CREATE TRIGGER stuck BEFORE DELETE ON ${stuck} BEGIN SELECT RAISE(ABORT, 'stuck'); END`)
  await clock.advance(2 * hour)
  expect((await inbox.put(eventRecord({ id: 'new' }), { rememberMs })).outcome).toBe('accepted')
  await expect.poll(() => rows(other)).toBe(left)
  expect(rows(stuck)).toBeGreaterThanOrEqual(before)
})

test('what an order key has handled last is forgotten at its time, but not that of the same key of another source', () => {
  const file = openFile({ path: temporaryFile(), synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => file.close())
  const at = (steady: number) => ({ elapsed: steady, steady, wall: steady })
  const [soon, later] = ['acme', 'globex'].map((source) => eventRecord({ source, orderKey: 'ord_1' })) as [
    EventRecord,
    EventRecord,
  ]
  const newest = { save: { createdAt: 5, rank: 0 } }
  file.begin()
  file.lines.remember(soon, { newest, rememberMs: 1_000 }, at(0))
  file.lines.remember(later, { newest, rememberMs: 5_000 }, at(0))
  expect(file.lines.forget(at(1_000), stepLimits.ids)).toBe(1)
  file.commit()
  expect(file.lines.newestOf(soon, at(0))).toBeUndefined()
  expect(file.lines.newestOf(later, at(0))).toEqual(newest)
})

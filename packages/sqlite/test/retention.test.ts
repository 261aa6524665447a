import { statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventRecord, HandlerRun, Progress } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, dead, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test } from 'vitest'
import { FileSpace } from '../src/file/file-space.ts'
import { stepLimits } from '../src/open/housekeeping.ts'
import { openDatabase } from '../src/open/open-database.ts'
import { openFile } from '../src/open/open-file.ts'
import { rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

const hour = 3_600_000
const day = 24 * hour

/** Looks at the file from outside. */
function watchFile(path: string) {
  const database = new DatabaseSync(path)
  onTestFinished(() => database.close())
  return {
    database,
    rows: (table: string) => Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count),
    value: (sql: string, ...parameters: SQLInputValue[]) =>
      Number(Object.values(database.prepare(sql).get(...parameters) ?? {})[0]),
  }
}

test('a handled event leaves its id, and nothing else; its id goes when it is forgotten', async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { rows } = watchFile(path)
  await inbox.put(eventRecord({ id: 'first' }), { rememberMs })
  await consumeRecorded(inbox).consumer.idle()
  expect([rows('events'), rows('bodies'), rows('ids')]).toEqual([0, 0, 1])
  await clock.advance(rememberMs)
  await inbox.put(eventRecord({ id: 'second' }), { rememberMs })
  await expect.poll(() => rows('ids')).toBe(1)
})

test('a handled event that is kept takes up 1.1 KB beside its id, with a body of 500 bytes and two handlers', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const count = 2_000
  const names = ['save-plan', 'send-mail'].map((name) => `onEvent(optimization.completed):${name}`)
  const run: HandlerRun = { at: 1_767_225_600_000, durationMs: 12.3, outcome: 'completed' }
  const history = Object.fromEntries(names.map((name) => [name, [run]]))
  const progress: Progress = { completed: names, abandoned: [], history }
  const { value } = watchFile(path)
  const usedBytes = () =>
    value(
      'SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
    )
  const putAll = async (prefix: string, keepMs: number | undefined) => {
    const before = usedBytes()
    const event = (index: number) =>
      eventRecord({
        id: `${prefix}_01hzx5f1c9b7e6a4d3c2b1a0${index}`,
        type: 'optimization.completed',
        rawBody: Buffer.from('x'.repeat(500)),
      })
    await Promise.all(Array.from({ length: count }, (_, at) => inbox.put(event(at), { rememberMs })))
    const { consumer } = consumeRecorded(inbox, async () => ({ outcome: 'done', progress, keepMs }))
    await consumer.idle()
    await consumer.stop()
    return (usedBytes() - before) / count
  }
  const idBytes = await putAll('gone', undefined)
  const keptBytes = await putAll('kept', day)
  expect(await inbox.counts()).toMatchObject({ handled: count, pending: 0 })
  expect(keptBytes - idBytes).toBeGreaterThan(950)
  expect(keptBytes - idBytes).toBeLessThan(1_250)
})

test('claims that nobody came back for are pruned', async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { rows } = watchFile(path)
  await inbox.claim(eventRecord(), { rememberMs, leaseMs: 1_000 })
  expect(rows('claims')).toBe(1)
  await clock.advance(rememberMs)
  await inbox.put(eventRecord({ id: 'other' }), { rememberMs })
  await expect.poll(() => rows('claims')).toBe(0)
})

test('100,000 forgotten ids are pruned in small steps, between which puts are served', {
  timeout: 60_000,
}, async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { database, value } = watchFile(path)
  database.exec('PRAGMA synchronous = off; BEGIN')
  const insert = database.prepare('INSERT INTO ids (key, fingerprint, forgotten_at) VALUES (?, 1, ?)')
  for (let id = 0; id < 100_000; id++) {
    const [key, at] = [`acme:${(id * 2_654_435_761) % 2 ** 32}`, id % 1_000]
    insert.run(key, at)
  }
  database.exec('COMMIT')
  await clock.advance(10_000)

  const forgotten = () => value('SELECT count(*) FROM ids WHERE forgotten_at <= ?', clock.now())
  let puts = 0
  let before = forgotten()
  let largestStep = 0
  for (; before > 0; puts++) {
    expect(await inbox.put(eventRecord({ id: `new ${puts}` }), { rememberMs: day })).toEqual({
      outcome: 'accepted',
    })
    const now = forgotten()
    largestStep = Math.max(largestStep, before - now)
    before = now
  }
  expect(largestStep).toBeLessThanOrEqual(stepLimits.ids)
  expect(await inbox.counts()).toMatchObject({ pending: puts })
})

test('a walk over all ids is followed by a rest, and the next one finds what was forgotten meanwhile', () => {
  const path = temporaryFile()
  const file = openFile({ path, synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => file.close())
  const { database, rows } = watchFile(path)
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

/** In milliseconds, a little more than there is between two steps of tidying up. */
const pauseOfSteps = 6

test('a month of traffic ends with a bounded file', { timeout: 60_000 }, async () => {
  const path = temporaryFile()
  const clock = manualClock(Date.parse('2026-11-01'))
  const inbox = testInbox({ path, clock, pollMs: day, synchronous: 'normal', keepDeadFor: 2 * day })
  let handled = 0
  const { consumer } = consumeRecorded(inbox, async () => (++handled % 50 === 0 ? dead : done))
  const perHour = 60
  const sizes: number[] = []
  for (let hours = 0; hours < 30 * 24; hours++) {
    const puts = Array.from({ length: perHour }, (_, index) => {
      const id = `${hours}-${(index * 7919) % 997}`
      return inbox.put(eventRecord({ id, rawBody: Buffer.alloc(500, index) }), { rememberMs: 3 * day })
    })
    await Promise.all(puts)
    await consumer.idle()
    await clock.advance(hour)
    await sleep(pauseOfSteps) // what tidies up pauses by the machine's clock, and an hour has time for a step of it on any machine
    if (hours % 24 === 23) sizes.push(statSync(path).size + statSync(`${path}-wal`).size)
  }
  const { rows, value } = watchFile(path)
  expect(handled).toBe(30 * 24 * perHour)
  expect(rows('ids')).toBeLessThanOrEqual(3 * 24 * perHour + 10 * stepLimits.ids)
  expect(rows('events')).toBeLessThanOrEqual((2 * 24 * perHour) / 50 + 10 * stepLimits.deadLetters)
  expect(rows('bodies')).toBe(0) // short ones lie with their events
  const [fourthDay, lastDay] = [sizes[9] ?? Number.NaN, sizes.at(-1) ?? Number.NaN]
  expect(lastDay).toBeLessThanOrEqual(1.25 * fourthDay)
  expect(value('PRAGMA page_count') * value('PRAGMA page_size')).toBeLessThan(4 * 1024 * 1024)
})

test('after a burst the file shrinks', { timeout: 30_000 }, async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { value } = watchFile(path)
  const burst = Array.from({ length: 200 }, (_, id) =>
    eventRecord({ id: String(id), rawBody: Buffer.alloc(100_000) }),
  )
  await Promise.all(burst.map((event) => inbox.put(event, { rememberMs })))
  expect(value('PRAGMA page_count')).toBeGreaterThan(4_800)
  await consumeRecorded(inbox).consumer.idle()
  await clock.advance(10_000)
  await expect.poll(() => value('PRAGMA page_count'), { timeout: 20_000 }).toBeLessThan(1_200)
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
  const { database, rows } = watchFile(path)
  const before = rows(stuck)
  database.exec(`CREATE TRIGGER stuck BEFORE DELETE ON ${stuck} BEGIN SELECT RAISE(ABORT, 'stuck'); END`)
  await clock.advance(2 * hour)
  expect((await inbox.put(eventRecord({ id: 'new' }), { rememberMs })).outcome).toBe('accepted')
  await expect.poll(() => rows(other)).toBe(left)
  expect(rows(stuck)).toBeGreaterThanOrEqual(before)
})

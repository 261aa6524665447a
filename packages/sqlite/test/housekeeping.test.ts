import { type Legacy, noProgress } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, dead } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test } from 'vitest'
import { Housekeeping, type HousekeepingOptions, stepLimits } from '../src/open/housekeeping.ts'
import { openFile } from '../src/open/open-file.ts'
import { counts, handleAll, lookInto, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

const hour = 3_600_000

/** Counts the steps that it takes, each of which writes once for each kind. */
function counted(write: HousekeepingOptions['write']) {
  let [at, writes, ofFirst] = [0, 0, 0]
  const housekeeping = new Housekeeping({
    keepDeadFor: hour,
    elapsed: () => at,
    write(part) {
      writes += 1
      return write(part)
    },
  })
  onTestFinished(() => housekeeping.close())
  return {
    housekeeping,
    /** Says that there is activity, so long after the last. */
    async tick(afterMs: number) {
      at += afterMs
      housekeeping.tick()
      ofFirst ||= writes
      await new Promise(setImmediate)
      return writes / ofFirst
    },
  }
}

test('it tidies up at the first activity, and then at most every ten seconds', async () => {
  const { tick } = counted(async () => false)
  expect(await tick(0)).toBe(1)
  expect(await tick(0)).toBe(1)
  expect(await tick(9_999)).toBe(1)
  expect(await tick(1)).toBe(2)
  expect(await tick(-5_000)).toBe(3) // its clock began anew
})

test('while one step is still to be written, no other begins', async () => {
  const written = deferred<boolean>()
  const { tick } = counted(() => written.promise)
  await tick(0)
  expect(await tick(20_000)).toBe(1)
  written.resolve(false)
  await tick(0)
  expect(await tick(20_000)).toBe(2)
})

test('after close it writes no more', async () => {
  const { housekeeping, tick } = counted(async () => false)
  await tick(0)
  housekeeping.close()
  expect(await tick(20_000)).toBe(1)
})

const numbersTo = (last: number) =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${last})`

test.for([
  {
    what: 'handled events whose time is over',
    fill: `${numbersTo(2 * stepLimits.handled + 1)}
      INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, raw_body, rest, rested_at)
      SELECT i, 'acme:' || i, 'acme', i, 'x', 0, 0, 1, zeroblob(1), 'handled', 1 FROM n`,
    left: 'SELECT count(*) FROM events',
    atMost: 0,
  },
  {
    what: 'what order keys have handled last',
    fill: `${numbersTo(2 * stepLimits.ids + 1)}
      INSERT INTO newest (source, order_key, handlers, forgotten_at) SELECT 'acme', i, '{}', 1 FROM n`,
    left: 'SELECT count(*) FROM newest',
    atMost: 0,
  },
  {
    what: 'free pages',
    fill: 'INSERT INTO bodies VALUES (1, zeroblob(20000000)); DELETE FROM bodies',
    left: 'PRAGMA page_count',
    atMost: 1_100,
  },
])('one activity is enough to tidy up all $what, step by step', async ({ fill, left, atMost }) => {
  const path = temporaryFile()
  const file = openFile({ path, synchronous: 'normal', clock: manualClock(hour) })
  onTestFinished(() => file.close())
  const { database, value } = lookInto(path)
  database.exec(fill)
  expect(value(left)).toBeGreaterThan(atMost)
  const { tick } = counted(async (part) => {
    file.begin()
    const isMore = part(file, file.now)
    file.commit()
    return isMore
  })
  await tick(0)
  await expect.poll(() => value(left)).toBeLessThanOrEqual(atMost)
})

test('what an order key has handled last is forgotten with the next activity after its time', async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { rows } = lookInto(path)
  await inbox.put(eventRecord({ orderKey: 'line' }), { rememberMs })
  const legacy: Legacy = { newest: { save: { createdAt: 1, rank: 0 } }, rememberMs }
  await handleAll(inbox, async () => ({ outcome: 'done', progress: noProgress, legacy }))
  expect(rows('newest')).toBe(1)
  await clock.advance(rememberMs)
  await inbox.put(eventRecord({ id: 'other' }), { rememberMs })
  await expect.poll(() => rows('newest')).toBe(0)
})

test('a consumer that has nothing to do tidies up too', async () => {
  const clock = manualClock()
  const inbox = testInbox({ clock, keepDeadFor: hour })
  await inbox.put(eventRecord(), { rememberMs })
  const { consumer } = consumeRecorded(inbox, async () => dead)
  await consumer.idle()
  expect(await inbox.counts()).toEqual(counts({ dead: 1 }))
  await clock.advance(hour)
  await expect.poll(() => inbox.counts()).toEqual(counts({}))
})

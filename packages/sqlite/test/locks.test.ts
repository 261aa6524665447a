import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { GroupCommit } from '@hookport/core/inbox-kit'
import { manualClock } from '@hookport/core/testing'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test, vi } from 'vitest'
import { resultCode, resultCodeOf } from '../src/file/sqlite-errors.ts'
import { explainUse, openDatabase, withPatience } from '../src/open/open-database.ts'
import { openFiles } from './support/open-files.ts'
import { rejection, rememberMs, temporaryFile, testInbox, watchFile } from './support/test-inbox.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a write waits for another program that holds the lock for a moment', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const other = watchFile(path)
  other.exec('BEGIN IMMEDIATE')
  const put = inbox.put(eventRecord(), { rememberMs })
  await turn() // in which it asks for the lock
  await turn()
  other.exec('COMMIT')
  expect(await put).toEqual({ outcome: 'accepted' })
})

test('once a file is open, a statement leaves the event loop after 2 ms where another program holds the lock', () => {
  const database = openDatabase({ path: temporaryFile(), synchronous: 'full', clock: manualClock() })
  onTestFinished(() => database.close())
  expect(database.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 2 })
})

test('the log is cut back to 16 MiB after a burst', () => {
  const path = temporaryFile()
  const database = openDatabase({ path, synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => database.close())
  const logBytes = () => statSync(`${path}-wal`).size
  database.exec('CREATE TABLE burst (data BLOB); INSERT INTO burst VALUES (zeroblob(20000000))')
  expect(logBytes()).toBeGreaterThan(20_000_000)
  database.exec('INSERT INTO burst VALUES (NULL)')
  expect(logBytes()).toBe(16 * 1024 * 1024)
})

test('the log is copied into the file when it has 8 MiB, and begins anew', () => {
  const path = temporaryFile()
  const database = openDatabase({ path, synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => database.close())
  database.exec('CREATE TABLE rows (data BLOB)')
  for (let row = 0; row < 150; row++) database.exec('INSERT INTO rows VALUES (zeroblob(100000))')
  const logMiB = statSync(`${path}-wal`).size / 1024 / 1024
  expect(logMiB).toBeGreaterThan(7)
  expect(logMiB).toBeLessThan(9)
})

test('a file that is no database any more is not mistaken for one that is locked', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await inbox.put(eventRecord(), { rememberMs })
  const other = watchFile(path)
  other.exec('PRAGMA wal_checkpoint(truncate)')
  writeFileSync(path, Buffer.alloc(100, 0xa5), { flag: 'r+' })
  const refusal = await rejection(() => inbox.put(eventRecord({ id: 'other' }), { rememberMs }))
  expect(String(refusal)).toMatch(/is not a SQLite database|is damaged/)
  expect(refusal).toMatchObject({ cause: { code: 'ERR_SQLITE_ERROR' } })
})

const busy = Object.assign(new Error('database is locked'), { errcode: resultCode.busy })

test('a lock is asked for every 10 ms while opening, for as long as it may take, and no longer', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  let tries = 0
  const taking10Ms = () => {
    tries += 1
    vi.advanceTimersByTime(10)
    throw busy
  }
  expect(() => withPatience(taking10Ms, 50)).toThrow(busy)
  expect(tries).toBe(6)
})

test('between two tries the processor is left to others', () => {
  let tries = 0
  expect(() =>
    withPatience(() => {
      tries += 1
      throw busy
    }, 500),
  ).toThrow(busy)
  expect(tries).toBeGreaterThan(1)
  expect(tries).toBeLessThan(60)
})

test('any other error is not waited for', () => {
  const full = Object.assign(new Error('database or disk is full'), { errcode: resultCode.full })
  const fails = vi.fn(() => {
    throw full
  })
  expect(() => withPatience(fails)).toThrow(full)
  expect(fails).toHaveBeenCalledOnce()
})

test.each([undefined, null, 'a text', 7, new Error('of another kind'), { errcode: 'none' }])(
  'what did not come from SQLite is passed on as it is: %s',
  (thrown) => {
    expect(resultCodeOf(thrown)).toBe(0)
    expect(explainUse(thrown, 'inbox.db')).toBe(thrown)
  },
)

test('a file system without shared memory is named, and left', () => {
  const path = temporaryFile()
  const withoutSharedMemory = `file:${path}?vfs=unix-dotfile`
  const open = () => openDatabase({ path: withoutSharedMemory, synchronous: 'full', clock: manualClock() })
  expect(open).toThrow(expect.objectContaining({ problem: 'no_wal' }))
})

test.runIf(process.platform === 'linux')('a file that can not be used is not held open', async () => {
  const path = temporaryFile()
  await testInbox({ path }).close()
  const database = new DatabaseSync(path)
  database.exec('DROP INDEX events_by_due_at')
  database.close()
  expect(() => testInbox({ path })).toThrow(/tables of its version/)
  expect(openFiles(path)).toEqual([])
})

test('an error of SQLite is the cause of what is said, for whoever wants to know more', () => {
  const path = temporaryFile()
  mkdirSync(path)
  expect(() => testInbox({ path })).toThrow(
    expect.objectContaining({ problem: 'unreachable', cause: expect.objectContaining({ errcode: 14 }) }),
  )
  const full = Object.assign(new Error('database or disk is full'), { errcode: resultCode.full })
  expect(explainUse(full, path)).toMatchObject({ code: 'inbox_full', cause: full })
})

test('what a sender waits for stands in line for 2.5 s and is then refused, as the disk may be slow; what was done is told until it is stored', async () => {
  const run = vi.spyOn(GroupCommit.prototype, 'run')
  onTestFinished(() => run.mockRestore())
  const inbox = testInbox()
  const event = eventRecord()
  const claim = await inbox.claim(event, { leaseMs: 1_000, rememberMs })
  if (claim.outcome !== 'claimed') throw new Error('it was not claimed')
  await inbox.confirm(claim.lease, event, { rememberMs })
  await inbox.put(eventRecord({ id: 'other' }), { rememberMs })
  const limits = run.mock.calls.map(([, , mostWaitMs]) => mostWaitMs)
  expect(limits.filter((ms) => ms !== undefined)).toEqual([2_500, 2_500])
})

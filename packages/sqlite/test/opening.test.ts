import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isMainThread, Worker } from 'node:worker_threads'
import { type Clock, ConfigurationError } from '@hookport/core'
import { SqliteFileError, type SqliteInboxOptions, sqliteInbox } from '@hookport/sqlite'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrate, type Step, schemaVersion } from '../src/layout/schema.ts'
import { resolveOptions } from '../src/sqlite-inbox-options.ts'
import { rejection, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

function problemOf(path: string): SqliteFileError {
  try {
    void sqliteInbox({ path }).close()
  } catch (error) {
    if (error instanceof SqliteFileError) return error
    throw error
  }
  return expect.unreachable('the file was opened')
}

async function filledFile(): Promise<string> {
  const path = temporaryFile()
  const inbox = sqliteInbox({ path })
  await Promise.all(eventRecords(500).map((event) => inbox.put(event, { rememberMs })))
  await inbox.close()
  return path
}

describe('a file that can’t be used is a named error at construction, which says what to do', () => {
  test('a folder that does not exist', () => {
    const path = join(dirname(temporaryFile()), 'missing', 'inbox.db')
    expect(problemOf(path)).toMatchObject({ problem: 'unreachable', path })
    expect(problemOf(path)).toBeInstanceOf(ConfigurationError)
    expect(problemOf(path).message).toContain('its folder must exist')
  })

  test('a folder in place of a file', () => {
    const path = temporaryFile()
    mkdirSync(path)
    expect(problemOf(path)).toMatchObject({
      problem: 'unreachable',
      message: `sqliteInbox: ${path} is a folder: name a file in it`,
    })
  })

  test.each([
    'DROP TABLE ids',
    'DROP INDEX events_by_due_at',
    'ALTER TABLE events RENAME COLUMN type TO kind',
    'PRAGMA user_version = 0',
    'PRAGMA user_version = -1',
  ])('a file whose tables something else has changed: %s', async (change) => {
    const path = await filledFile()
    const database = new DatabaseSync(path)
    database.exec(change)
    database.close()
    expect(problemOf(path)).toMatchObject({ problem: 'corrupt', path, cause: expect.any(Error) })
    expect(problemOf(path).message).toContain('something else has changed them')
  })

  // a thread, in which mutants are tried, can't give up its user
  test.runIf(isMainThread)('a file that this process may not write', async () => {
    const path = await filledFile()
    for (const [mode, target] of [
      [0o444, path],
      [0o555, dirname(path)],
    ] as const)
      chmodSync(target, mode)
    onTestFinished(() => chmodSync(dirname(path), 0o755))
    expect(withoutRoot(() => problemOf(path)).problem).toBe('read_only')
  })

  test('a file that is no database', () => {
    const path = temporaryFile()
    writeFileSync(path, 'Dear diary, '.repeat(1_000))
    expect(problemOf(path).problem).toBe('not_a_database')
    expect(readFileSync(path, 'utf8')).toBe('Dear diary, '.repeat(1_000))
  })

  test('a file whose schema is damaged', async () => {
    const path = await filledFile()
    overwrite(path, 100, 3_900)
    expect(problemOf(path)).toMatchObject({ problem: 'corrupt' })
    expect(problemOf(path).message).toContain('restore a backup')
  })

  test('a file whose contents are damaged', async () => {
    const path = await filledFile()
    overwrite(path, 4_096, 200_000)
    expect(problemOf(path)).toMatchObject({ problem: 'corrupt' })
  })

  test('a file that another program holds locked', async () => {
    const path = await filledFile()
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('PRAGMA locking_mode = exclusive; BEGIN IMMEDIATE')
    expect(problemOf(path)).toMatchObject({ problem: 'locked' })
  })

  test('the database of another application is left alone', () => {
    const path = temporaryFile()
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE customers (name TEXT)')
    other.close()
    const before = readFileSync(path)
    expect(problemOf(path).problem).toBe('foreign')
    expect(readFileSync(path)).toEqual(before) // its journal mode stands in it
  })

  test('a file of a newer version', async () => {
    const path = await filledFile()
    const newer = new DatabaseSync(path)
    newer.exec(`PRAGMA user_version = ${schemaVersion + 1}`)
    newer.close()
    expect(problemOf(path)).toMatchObject({ problem: 'newer_schema' })
    expect(problemOf(path).message).toContain(
      `has schema version ${schemaVersion + 1}, and this version of @hookport/sqlite knows ${schemaVersion}: update the package`,
    )
  })
})

/** Puts one event under Node’s permission model. */
function putWithRights(path: string, rights: string[]) {
  const code = `import { sqliteInbox } from '@hookport/sqlite'
    import { eventRecord } from '@hookport/testkit/inbox/event-records'
    const inbox = sqliteInbox({ path: ${JSON.stringify(path)} })
    console.log(await inbox.put(eventRecord(), { rememberMs: 1000 }), await inbox.counts())
    await inbox.close()`
  const flags = ['--conditions=@hookport/source', '--no-warnings', '--input-type=module', '-e', code]
  return spawnSync(process.execPath, ['--permission', ...rights, ...flags], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
}

test('a process under Node’s permission model opens a file in a folder that it may write, and uses it', () => {
  const path = temporaryFile()
  const rights = ['--allow-fs-read=*', `--allow-fs-write=${dirname(path)}`]
  const { stdout, stderr } = putWithRights(path, rights)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/accepted.*pending: 1/s)
})

test.each([
  [
    'read',
    (path: string) => [
      `--allow-fs-read=${join(import.meta.dirname, '../../..')}`,
      `--allow-fs-write=${dirname(path)}`,
    ],
  ],
  ['write', () => ['--allow-fs-read=*']],
])(
  'a process under Node’s permission model that may not %s its folder is told which flags are missing',
  (_, rights) => {
    const path = temporaryFile()
    const { stderr } = putWithRights(path, rights(path))
    expect(stderr).toContain(
      `sqliteInbox: ${path} may not be used under \`node --permission\`: give it --allow-fs-read and --allow-fs-write for the file’s folder`,
    )
    expect(existsSync(path) && statSync(path).mode & 0o077).toBeFalsy()
  },
)

test('damage that comes to light at run time rejects what it touches, and is never a false accepted', async () => {
  const path = await filledFile()
  const inbox = testInbox({ path })
  overwrite(path, 4_096, 200_000)
  const puts = eventRecords(500).map(async (event) => inbox.put(event, { rememberMs }))
  for (const { status } of await Promise.allSettled(puts)) expect(status).toBe('rejected')
})

describe('migration', () => {
  const moment = { wall: 0, elapsed: 0 }
  const versionOf = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()?.user_version

  test('an empty file becomes one of the current version', async () => {
    const path = temporaryFile()
    writeFileSync(path, '')
    expect(await testInbox({ path }).put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
    const database = new DatabaseSync(path)
    expect(versionOf(database)).toBe(schemaVersion)
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(database.prepare('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 2 })
    database.close()
  })

  test('a file of the version before gets only the steps that it lacks, and keeps what it holds', async () => {
    const path = await filledFile()
    const database = new DatabaseSync(path)
    const before: Step[] = Array(schemaVersion).fill(() => expect.unreachable())
    const step: Step = (file) => file.exec('ALTER TABLE ids ADD COLUMN note TEXT')
    migrate(database, path, moment, [...before, step])
    expect(versionOf(database)).toBe(schemaVersion + 1)
    expect(database.prepare('SELECT count(*) AS count, max(note) AS note FROM ids').get()).toEqual({
      count: 500,
      note: null,
    })
    database.close()
  })

  test('a step that fails for want of room is told as such, though SQLite has rolled back by itself then', () => {
    const database = new DatabaseSync(temporaryFile())
    const full = new Error('database or disk is full')
    const step: Step = (file) => {
      file.exec('ROLLBACK')
      throw full
    }
    expect(() => migrate(database, 'inbox.db', moment, [step])).toThrow(full)
    database.close()
  })

  test('a step that fails leaves the file as it was', async () => {
    const path = await filledFile()
    const database = new DatabaseSync(path)
    const half: Step = (file) => file.exec('CREATE TABLE half (x)')
    const steps = [...Array<Step>(schemaVersion).fill(() => {}), half, half]
    expect(() => migrate(database, path, moment, steps)).toThrow(/half/)
    expect(versionOf(database)).toBe(schemaVersion)
    expect(database.prepare("SELECT * FROM sqlite_schema WHERE name = 'half'").all()).toEqual([])
    database.close()
    expect(await testInbox({ path }).counts()).toMatchObject({ pending: 500 })
  })
})

describe('options', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown name', { pth: 'x' }, /^unknown option sqliteInbox.pth; did you mean sqliteInbox.path\?$/],
    ['an unknown name that is like no other', { colour: 'x' }, /^unknown option sqliteInbox.colour$/],
    ['no path', { path: undefined }, /path is missing; it must name a file: \{ path: 'webhooks.db' \}$/],
    ['an empty path', { path: '' }, /path is ""; it must name a file/],
    ['a path that is no string', { path: 7 }, /path is 7; it must name a file/],
    ['a path in a list', { path: ['file:x.db'] }, /path is an object; it must name a file/],
    ['a file URL', { path: new URL('file:///x.db') }, /path is a URL; .*fileURLToPath\(url\)/],
    ['a file URL in a string', { path: 'file:x.db?mode=memory' }, /path is a URL; .*fileURLToPath\(url\)/],
    ['memory', { path: ':memory:' }, /memoryInbox/],
    ['a wrong synchronous', { synchronous: 'off' }, /'full' or 'normal'/],
    ['a lease of 0', { leaseMs: 0 }, /leaseMs is 0/],
    ['a lease that is no number', { leaseMs: '30000' }, /leaseMs is "30000"; it must be from 1 ms/],
    ['a lease that is a switch', { leaseMs: true }, /leaseMs is a boolean; it must be from 1 ms/],
    ['a retention that is no number', { keepDeadFor: '1' }, /keepDeadFor is "1"; it must be a number/],
    ['a poll that setTimeout can’t wait for', { pollMs: 2 ** 31 }, /pollMs/],
    ['a bound that is no number', { maxBytes: Number.NaN }, /maxBytes is NaN/],
    ['a path with a NUL', { path: 'a\0.db' }, /path has a NUL character/],
    ['a negative retention', { keepDeadFor: -1 }, /keepDeadFor is -1/],
    ['a retention of 0', { keepDeadFor: 0 }, /keepDeadFor is 0; it must be a number above 0/],
    ['a bound of 0', { maxBytes: 0 }, /maxBytes is 0; it must be a number above 0/],
  ])('%s is a ConfigurationError', (_, wrong, message) => {
    const options: SqliteInboxOptions = { path: temporaryFile(), ...wrong }
    expect(() => sqliteInbox(options)).toThrow(ConfigurationError)
    expect(() => sqliteInbox(options)).toThrow(message)
  })

  test('the shortest waits are a millisecond', () => {
    const { leaseMs, pollMs } = resolveOptions({ path: 'x.db', leaseMs: 1, pollMs: 1 })
    expect([leaseMs, pollMs]).toEqual([1, 1])
  })

  test('a path may have `file:` anywhere but at its beginning', async () => {
    const path = join(dirname(temporaryFile()), 'profile:main.db')
    expect(await testInbox({ path }).put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test('a clock that waits measures time by itself; one that only tells it leaves that to the machine', () => {
    const now = () => 5
    const elapsed = (clock: Clock) => resolveOptions({ path: 'x.db', clock }).clock.elapsed()
    expect(elapsed({ now, after: () => () => {} })).toBe(5)
    const [seconds] = process.hrtime()
    expect(elapsed({ now })).toBeGreaterThanOrEqual(seconds * 1_000)
    expect(elapsed({ now, elapsed: () => 7 })).toBe(7)
  })

  test.each([
    [[], 'missing'],
    [[null], 'null'],
    [['x.db'], 'a string'],
  ])('given as %j are a ConfigurationError that shows what to give', (given, found) => {
    const call = sqliteInbox as (...given: unknown[]) => unknown
    expect(() => call(...given)).toThrow(
      new ConfigurationError(
        `sqliteInbox: the options are ${found}; they must be an object: { path: 'webhooks.db' }`,
      ),
    )
  })
})

test('after close everything rejects, and a file without its log is left', async () => {
  const path = temporaryFile()
  const inbox = sqliteInbox({ path })
  await inbox.put(eventRecord(), { rememberMs })
  expect(inbox.close()).toBe(inbox.close())
  await inbox.close()
  expect(await rejection(async () => inbox.counts())).toMatchObject({ code: 'inbox_closed' })
  expect(() => readFileSync(`${path}-wal`)).toThrow(/ENOENT/)
})

function overwrite(path: string, from: number, length: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, from)
}

/** Root may write any file, whatever its mode. */
function withoutRoot<Result>(action: () => Result): Result {
  if (process.geteuid?.() !== 0 || !process.seteuid) return action()
  process.seteuid(65_534)
  try {
    return action()
  } finally {
    process.seteuid(0)
  }
}

test('a file that another program writes to all the time, a moment at a time, is opened', async () => {
  const path = await filledFile()
  const writer = new Worker(
    `const { DatabaseSync } = require('node:sqlite')
    const { parentPort, workerData } = require('node:worker_threads')
    const database = new DatabaseSync(workerData)
    database.exec('PRAGMA busy_timeout = 5000') // Node 22.13 knows no option for it
    const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    for (let turn = 0; turn < 60; turn++) {
      database.exec('BEGIN IMMEDIATE')
      if (turn === 0) parentPort.postMessage('writing')
      pause(20)
      database.exec('COMMIT')
      pause(1)
    }
    database.close()`,
    { eval: true, workerData: path },
  )
  const ended = once(writer, 'exit')
  await once(writer, 'message')
  for (let opened = 0; opened < 10; opened++) await sqliteInbox({ path }).close()
  await ended
})

test('what is not said is as the options say: full sync, 30 s, 1 s, dead letters for ever, the whole disk', () => {
  expect(resolveOptions({ path: 'x.db' })).toMatchObject({
    synchronous: 'full',
    leaseMs: 30_000,
    pollMs: 1_000,
    keepDeadFor: Number.POSITIVE_INFINITY,
    maxBytes: Number.POSITIVE_INFINITY,
  })
})

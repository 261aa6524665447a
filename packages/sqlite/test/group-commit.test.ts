import { DatabaseSync } from 'node:sqlite'
import { InboxFullError } from '@hookport/core'
import { eventRecords } from '@hookport/testkit/event-records'
import { expect, onTestFinished, test } from 'vitest'
import { GroupCommit } from '../src/group-commit.ts'
import { rejection, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

function groupOnFile() {
  const path = temporaryFile()
  const database = openTestDatabase(path)
  database.exec('PRAGMA journal_mode = wal; CREATE TABLE notes (text TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO notes VALUES (?)')
  return {
    path,
    group: new GroupCommit(database),
    note: (text: string | null) => insert.run(text),
    notes: () =>
      database
        .prepare('SELECT text FROM notes')
        .all()
        .map(({ text }) => text),
  }
}

function openTestDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  onTestFinished(() => database.close())
  return database
}

test('what is asked for in one turn of the event loop is one transaction', async () => {
  const { group, note, notes } = groupOnFile()
  await Promise.all(Array.from({ length: 200 }, (_, index) => group.run(() => note(String(index)))))
  expect(group.commits).toBe(1)
  expect(notes()).toHaveLength(200)
})

test('concurrent puts of an inbox are accepted together', async () => {
  const inbox = testInbox()
  let accepted = 0
  const puts = eventRecords(100).map(async (event) => {
    await inbox.put(event, { rememberMs })
    accepted++
  })
  await puts[0]
  await Promise.resolve()
  expect(accepted).toBe(100)
})

test('a transaction is bounded: 256 writes, or a megabyte', async () => {
  const { group, note } = groupOnFile()
  await Promise.all(Array.from({ length: 600 }, () => group.run(() => note('small'))))
  expect(group.commits).toBe(3)
  await Promise.all(Array.from({ length: 4 }, () => group.run(() => note('large'), 600_000)))
  expect(group.commits).toBe(3 + 4)
})

test('a write that a write asks for joins its transaction', async () => {
  const { group, note, notes } = groupOnFile()
  let joined: Promise<unknown> | undefined
  await group.run(() => {
    note('first')
    joined = group.run(() => note('second'))
  })
  await joined
  expect(group.commits).toBe(1)
  expect(notes()).toEqual(['first', 'second'])
})

test('an error of SQLite fails the transaction, keeps nothing of it, and leaves what follows alone', async () => {
  const { group, note, notes } = groupOnFile()
  const [first, second, third] = ['first', null, 'third'].map((text) =>
    rejection(() => group.run(() => note(text))),
  )
  expect(await first).toMatchObject({ code: 'ERR_SQLITE_ERROR' })
  expect(await second).toBe(await first)
  expect(await third).toBeUndefined()
  expect(notes()).toEqual(['third'])
})

test('a refusal fails alone', async () => {
  const { group, note, notes } = groupOnFile()
  const refusal = new InboxFullError('no room')
  const writes = [
    group.run(() => note('first')),
    group.run(() => {
      throw refusal
    }),
    group.run(() => note('third')),
  ]
  expect((await Promise.allSettled(writes)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(await rejection(() => writes[1])).toBe(refusal)
  expect(notes()).toEqual(['first', 'third'])
})

test('a bug in the middle of a write leaves nothing half written', async () => {
  const { group, note, notes } = groupOnFile()
  const broken = group.run(() => {
    note('half')
    throw new TypeError('a bug')
  })
  expect(await rejection(() => broken)).toBeInstanceOf(TypeError)
  expect(notes()).toEqual([])
})

test('while another process holds the write lock the event loop goes on, and the write waits its turn', async () => {
  const { group, note, notes, path } = groupOnFile()
  const other = openTestDatabase(path)
  other.exec('BEGIN IMMEDIATE')
  let settled = false
  const write = group
    .run(() => note('late'))
    .then(() => {
      settled = true
    })
  let turns = 0
  const startedAt = performance.now()
  while (performance.now() - startedAt < 100) {
    await new Promise((resolve) => setImmediate(resolve))
    turns++
  }
  expect(settled).toBe(false)
  expect(turns).toBeGreaterThan(5)
  other.exec('COMMIT')
  await write
  expect(notes()).toEqual(['late'])
})

test('a write lock that is never let go fails what waits, and says so', async () => {
  const { group, note, path } = groupOnFile()
  const other = openTestDatabase(path)
  other.exec('BEGIN IMMEDIATE')
  const reasons = await Promise.all([
    rejection(() => group.run(() => note('one'))),
    rejection(() => group.run(() => note('two'))),
  ])
  for (const reason of reasons) expect(String(reason)).toMatch(/another process has held the write lock/)
  other.exec('ROLLBACK')
  await group.run(() => note('three'))
})

test('drained waits for all that was asked for', async () => {
  const { group, note, notes } = groupOnFile()
  for (let index = 0; index < 300; index++) void group.run(() => note(String(index)))
  await group.drained()
  expect(notes()).toHaveLength(300)
})

import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Inbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { HeldFile } from '../src/open/held-file.ts'
import { openFile } from '../src/open/open-file.ts'
import { rejection, rememberMs, temporaryFile, testInbox, warnings, watchFile } from './support/test-inbox.ts'

const put = (inbox: Inbox, id: string) => inbox.put(eventRecord({ id }), { rememberMs })
const idsIn = async (inbox: Inbox) => (await inbox.list()).items.map(({ id }) => id)
const besides = (path: string) =>
  readdirSync(dirname(path))
    .map((name) => name.replace(basename(path), 'db'))
    .sort()

test('a file that was renamed leaves no log in its place, where it would damage the next', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  warnings()
  await put(inbox, 'before')
  renameSync(path, `${path}.old`)
  expect(await rejection(() => put(inbox, 'refused'))).toBeInstanceOf(Error)
  expect(besides(path)).toEqual(['db.old'])
  expect(await idsIn(testInbox({ path: `${path}.old` }))).toContain('before')
})

test('what a long reader keeps from being copied into it is set aside, and can be put back', async () => {
  const path = temporaryFile()
  const restored = testInbox({ path: `${path}.new` })
  await put(restored, 'restored')
  await restored.close()
  const inbox = testInbox({ path })
  warnings()
  await put(inbox, 'before')
  const reader = new DatabaseSync(path)
  reader.exec('BEGIN; SELECT * FROM ids')
  await put(inbox, 'behind the reader')
  renameSync(path, `${path}.old`)
  renameSync(`${path}.new`, path)
  expect(await rejection(() => put(inbox, 'refused'))).toBeInstanceOf(Error)
  expect(besides(path)).toEqual(['db', 'db-wal.lost', 'db.old'])
  expect(await idsIn(inbox)).toEqual(['restored'])
  expect(watchFile(path).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })

  reader.close()
  renameSync(`${path}-wal.lost`, `${path}.old-wal`)
  expect(await idsIn(testInbox({ path: `${path}.old` }))).toEqual(
    expect.arrayContaining(['before', 'behind the reader']),
  )
})

test('the log of a database that has taken its place, and is in use, is left alone', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  warnings()
  await put(inbox, 'before')
  for (const end of ['', '-wal', '-shm']) renameSync(path + end, `${path}.old${end}`)
  const other = testInbox({ path })
  await put(other, 'one')
  expect(await rejection(() => put(inbox, 'refused'))).toBeInstanceOf(Error)
  await put(other, 'two')
  await put(inbox, 'three')
  expect(await idsIn(other)).toEqual(['one', 'two', 'three'])
})

test('where the old file can not be tidied up, that is said, and the write is told what befell the file', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const { logger, lines } = recordedLogger()
  await consumeRecorded(inbox, undefined, { logger, source: 'other' }).consumer.idle()
  await put(inbox, 'before')
  const reader = new DatabaseSync(path)
  onTestFinished(() => reader.close())
  reader.exec('BEGIN; SELECT * FROM ids')
  await put(inbox, 'behind the reader')
  mkdirSync(`${path}-wal.lost`)
  renameSync(path, `${path}.old`)
  expect(await rejection(() => put(inbox, 'refused'))).toMatchObject({ message: /was deleted or renamed/ })
  expect(lines).toMatchObject([
    { level: 'error', details: { path }, message: /was deleted or renamed/ },
    { level: 'warn', details: { path }, message: /closing it failed: .*wal.lost/ },
  ])
})

test('a file that can not be opened anew is tried again after a second, as each try holds the process up', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  warnings()
  const path = temporaryFile()
  let opened = 0
  let isBroken = false
  const file = new HeldFile(() => {
    opened += 1
    if (isBroken) throw new Error('it is still broken')
    return openFile({ path, synchronous: 'normal', clock: manualClock() })
  })
  onTestFinished(() => file.close())
  const write = () => rejection(() => file.write(() => {}))
  expect(await write()).toBeUndefined()
  isBroken = true
  rmSync(path)
  const gone = { message: expect.stringContaining('was deleted or renamed') }
  const broken = { message: 'it is still broken' }
  expect([await write(), await write(), await write()]).toMatchObject([gone, broken, gone])
  vi.advanceTimersByTime(999)
  expect([await write(), opened]).toMatchObject([gone, 2])
  vi.advanceTimersByTime(1)
  expect([await write(), opened]).toMatchObject([broken, 3])
  isBroken = false
  vi.advanceTimersByTime(1_000)
  expect([await write(), opened]).toEqual([undefined, 4])
})

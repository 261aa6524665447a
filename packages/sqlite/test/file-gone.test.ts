import { copyFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, done } from '@hookport/testkit/inbox/attempts'
import { emptyCounts, eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { openFiles } from './support/open-files.ts'
import { rejection, rememberMs, temporaryFile, testInbox, warnings, watchFile } from './support/test-inbox.ts'

/** What may happen to a file under an inbox, and what is said of it. */
const accidents: [string, (path: string) => void, RegExp][] = [
  ['deleted', (path) => rmSync(path), /was deleted or renamed/],
  ['renamed', (path) => renameSync(path, `${path}.old`), /was deleted or renamed/],
  [
    'replaced',
    (path) => {
      copyFileSync(path, `${path}.copy`)
      renameSync(`${path}.copy`, path)
    },
    /was replaced by another file/,
  ],
  ['deprived of its log', (path) => rmSync(`${path}-wal`), /-wal, its log, was removed/],
  [
    'deprived of the index of its log',
    (path) => rmSync(`${path}-shm`),
    /-shm, the index of its log, was removed/,
  ],
  [
    'deleted with all that belongs to it',
    (path) => {
      for (const end of ['', '-wal', '-shm']) rmSync(path + end)
    },
    /was deleted or renamed/,
  ],
]

test.each(accidents)(
  'nothing is acknowledged into a file that is %s; it is opened anew, and takes events on',
  async (_, befall, said) => {
    const path = temporaryFile()
    const inbox = testInbox({ path })
    const lines = warnings()
    await inbox.put(eventRecord({ id: 'before' }), { rememberMs })
    befall(path)
    const refused = await Promise.allSettled(
      eventRecords(20, 'lost').map((event) => inbox.put(event, { rememberMs })),
    )
    for (const result of refused)
      expect(result).toMatchObject({ status: 'rejected', reason: { message: said } })
    expect(lines).toMatchObject([said])

    const again = await Promise.all(eventRecords(20, 'lost').map((event) => inbox.put(event, { rememberMs })))
    expect(again).toHaveLength(20) // accepted; or duplicates, where what was refused is held all the same
    expect(lines[1]).toMatch(/was reopened/)
    const other = testInbox({ path })
    for (const { key } of eventRecords(20, 'lost'))
      expect(await other.get(key)).toMatchObject({ state: 'pending' })
  },
)

test.each(accidents.filter(([, , said]) => /-wal|-shm/.test(String(said))))(
  'nothing is acknowledged into a file that is %s either where its path is a symbolic link, beside which there is no log',
  async (_, befall, said) => {
    const path = temporaryFile()
    await testInbox({ path }).close()
    const link = temporaryFile()
    symlinkSync(path, link)
    const inbox = testInbox({ path: link })
    warnings()
    await inbox.put(eventRecord({ id: 'before' }), { rememberMs })
    befall(path)
    const put = () => inbox.put(eventRecord({ id: 'after' }), { rememberMs })
    expect(await rejection(put)).toMatchObject({ message: said })
    await put()
    expect(await testInbox({ path }).get('acme:after')).toMatchObject({ state: 'pending' })
  },
)

test('what was acknowledged before is in the file that was renamed, and not in what has taken its place', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  warnings()
  const restored = testInbox({ path: `${path}.new` })
  await restored.put(eventRecord({ id: 'restored' }), { rememberMs })
  await restored.close()
  const before = eventRecords(50, 'before')
  await Promise.all(before.map((event) => inbox.put(event, { rememberMs })))
  renameSync(path, `${path}.old`)
  renameSync(`${path}.new`, path)
  expect(await rejection(() => inbox.put(eventRecord({ id: 'refused' }), { rememberMs }))).toBeInstanceOf(
    Error,
  )
  const idsIn = async (one = inbox) => (await one.list({ limit: 1_000 })).items.map(({ id }) => id)
  expect(await idsIn()).toEqual(['restored'])
  expect(await idsIn(testInbox({ path: `${path}.old` }))).toEqual(
    expect.arrayContaining(before.map(({ id }) => id)),
  )
  expect(watchFile(path).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
})

test('an idle consumer finds that the file was replaced, and handles what is in the new one', async () => {
  const path = temporaryFile()
  const other = testInbox({ path: `${path}.new` })
  await other.put(eventRecord({ id: 'restored' }), { rememberMs })
  await other.close()
  const inbox = testInbox({ path, pollMs: 20 })
  const { logger, text } = recordedLogger()
  const { ids, consumer } = consumeRecorded(inbox, async () => done, { logger })
  await consumer.idle()
  renameSync(`${path}.new`, path)
  await expect.poll(ids, { timeout: 4_000 }).toEqual(['restored'])
  expect(text()).toMatch(/was replaced by another file/)
})

test('the verdict on an event of a file that went away is void', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path, pollMs: 20 })
  const { logger, text } = recordedLogger()
  const gate = deferred()
  await inbox.put(eventRecord(), { rememberMs })
  const { attempts, consumer } = consumeRecorded(
    inbox,
    async () => {
      await gate.promise
      return done
    },
    { logger },
  )
  await expect.poll(() => attempts.length).toBe(1)
  rmSync(path)
  gate.resolve()
  await consumer.idle()
  expect(text()).toMatch(/was deleted or renamed/)
  expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('where it can not be opened anew, events are refused until it can', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  warnings()
  await inbox.put(eventRecord({ id: 'before' }), { rememberMs })
  rmSync(path)
  symlinkSync('/nowhere/at/all', path)
  for (let put = 0; put < 3; put++)
    expect(await rejection(() => inbox.put(eventRecord(), { rememberMs }))).toBeInstanceOf(Error)
  rmSync(path)
  await expect
    .poll(() => rejection(() => inbox.put(eventRecord(), { rememberMs })), { timeout: 5_000 })
    .toBeUndefined()
})

test('the files are readable by their owner alone', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await inbox.put(eventRecord(), { rememberMs })
  for (const end of ['', '-wal', '-shm']) expect(statSync(path + end).mode & 0o777, end).toBe(0o600)
})

test('inboxes on one file name the same store, whatever path they were given', async () => {
  const path = temporaryFile()
  const direct = testInbox({ path })
  symlinkSync(path, `${path}.link`)
  expect(testInbox({ path: `${path}.link` }).store).toBe(direct.store)
  expect(testInbox().store).not.toBe(direct.store)
})

test('what was acknowledged stays within reach when the process goes to another folder, also of a relative path', async ({
  skip,
}) => {
  skip(!isMainThread, 'a thread can not go to another folder')
  const from = process.cwd()
  onTestFinished(() => process.chdir(from))
  process.chdir(temporaryFolder())
  const inbox = testInbox({ path: 'inbox.db' })
  await inbox.put(eventRecord({ id: 'a' }), { rememberMs })
  process.chdir(temporaryFolder())
  expect(await inbox.put(eventRecord({ id: 'b' }), { rememberMs })).toEqual({ outcome: 'accepted' })
  expect(await inbox.counts()).toMatchObject({ pending: 2 })
})

test('nothing is acknowledged into a log that was emptied in place: what is behind the hole would never be read', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const lines = warnings()
  await inbox.put(eventRecord({ id: 'before' }), { rememberMs })
  truncateSync(`${path}-wal`, 0)
  const puts = eventRecords(20, 'lost').map((event) => inbox.put(event, { rememberMs }))
  for (const result of await Promise.allSettled(puts))
    expect(result).toMatchObject({ status: 'rejected', reason: { message: /its log, was emptied/ } })
  expect(lines[0]).toMatch(/its log, was emptied/)
  const after = () => inbox.put(eventRecord({ id: 'after' }), { rememberMs })
  expect(await rejection(after)).toBeDefined() // the file itself is no database without its log
})

test('nothing is acknowledged into a file that was emptied in place, and what comes next is in a new one', async () => {
  const path = temporaryFile()
  await testInbox({ path }).close() // copies the log into it: all that SQLite needs for the next puts is in its memory
  const inbox = testInbox({ path })
  const lines = warnings()
  truncateSync(path, 0)
  const outcomes = await Promise.allSettled(eventRecords(20).map((event) => inbox.put(event, { rememberMs })))
  expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { message: /was emptied/ } })
  expect(lines).toMatchObject([/was emptied by another program while it was in use/, /was reopened/])
  await inbox.put(eventRecord({ id: 'after' }), { rememberMs })
  await inbox.close()
  const accepted = outcomes.filter(({ status }) => status === 'fulfilled').length + 1
  expect(await testInbox({ path }).counts()).toMatchObject({ pending: accepted })
})

test('a file that was overwritten in place is called damaged, with what to do, where that is noticed', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await inbox.put(eventRecord(), { rememberMs })
  for (const part of [0, 1, 2]) {
    const events = eventRecords(2_000).map((event) => ({
      ...event,
      key: `${event.key}_${part}`,
      rawBody: Buffer.alloc(1_900),
    }))
    await Promise.all(events.map((event) => inbox.put(event, { rememberMs }))) // more than the log holds
  }
  truncateSync(path, 8_192)
  const refusal = await rejection(() => inbox.list({ limit: 6_000 }))
  expect(String(refusal)).toContain(
    `${path} is damaged, or was overwritten while it was in use: stop every process on it`,
  )
})

test.runIf(process.platform === 'linux')(
  'a file that was lost, and one that is closed, are held open by nobody',
  async () => {
    const path = temporaryFile()
    const inbox = testInbox({ path })
    warnings()
    await inbox.put(eventRecord({ id: 'one' }), { rememberMs })
    expect(openFiles(path)).toContain(`${path}-wal`)
    renameSync(path, `${path}.old`)
    await rejection(() => inbox.put(eventRecord({ id: 'two' }), { rememberMs }))
    await inbox.put(eventRecord({ id: 'three' }), { rememberMs })
    expect(openFiles(path).filter((open) => open.includes('.old') || open.includes('deleted'))).toEqual([])
    await inbox.close()
    expect(openFiles(path)).toEqual([])
  },
)

test.runIf(process.platform === 'linux')(
  'the log of a file that went away is set aside even if it can not be copied into that, and nobody holds them open',
  async () => {
    const path = temporaryFile()
    const inbox = testInbox({ path })
    const lines = warnings()
    await Promise.all(eventRecords(50, 'before').map((event) => inbox.put(event, { rememberMs })))
    renameSync(path, `${path}.old`)
    truncateSync(`${path}-wal`, 5_000) // as good as a disk that is full: copying it fails
    await new Promise((resolve) => setTimeout(resolve, 150)) // reads look for a change ten times a second
    expect(await inbox.counts()).toEqual(emptyCounts)
    await expect
      .poll(() => lines)
      .toMatchObject([/was deleted or renamed/, /last events are in \S+-wal\.lost/, /was reopened/])
    expect(statSync(`${path}-wal.lost`).size).toBe(5_000)
    expect(openFiles(path).filter((open) => /old|deleted|lost/.test(open))).toEqual([])
    expect(await inbox.put(eventRecord({ id: 'after' }), { rememberMs })).toEqual({ outcome: 'accepted' })
    expect(watchFile(path).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  },
)

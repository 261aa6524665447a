import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { consumeRecorded, dead } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { LogWatch } from '../src/file/log-watch.ts'
import { copyInto } from '../src/open/copy-into.ts'
import { openFiles } from './support/open-files.ts'
import {
  counts,
  handleAll,
  rejection,
  rememberMs,
  temporaryFile,
  testInbox,
  watchFile,
} from './support/test-inbox.ts'

test('a backup is an inbox of its own, with everything that was held when it was made', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await inbox.put(eventRecord({ id: 'dead', rawBody: Buffer.alloc(5_000, 'x') }), { rememberMs })
  await handleAll(inbox, async () => dead)
  await Promise.all(eventRecords(20).map((event) => inbox.put(event, { rememberMs })))
  await inbox.backup(`${path}.backup`)
  await inbox.put(eventRecord({ id: 'later' }), { rememberMs })

  expect(statSync(`${path}.backup`).mode & 0o777).toBe(0o600)
  const restored = testInbox({ path: `${path}.backup` })
  expect(await restored.counts()).toEqual(counts({ pending: 20, dead: 1 }))
  expect((await restored.get('acme:dead'))?.rawBody.toString()).toBe('x'.repeat(5_000))
  expect(await restored.put(eventRecord({ id: 'evt_3' }), { rememberMs })).toMatchObject({
    outcome: 'duplicate',
  })
  expect(await restored.get('acme:later')).toBeUndefined()
})

test.runIf(process.platform === 'linux')(
  'an inbox that has made a backup, and is closed, holds no file open, nor its folder',
  async () => {
    const path = temporaryFile()
    const inbox = testInbox({ path, synchronous: 'full' })
    await inbox.put(eventRecord(), { rememberMs })
    await inbox.backup(`${path}.backup`)
    expect(openFiles(dirname(path))).not.toEqual([])
    await inbox.close()
    expect(openFiles(dirname(path))).toEqual([])
  },
)

test('a backup never overwrites a file', async () => {
  const path = temporaryFile()
  writeFileSync(`${path}.backup`, 'precious')
  expect(await rejection(() => testInbox({ path }).backup(`${path}.backup`))).toMatchObject({
    code: 'EEXIST',
  })
  expect(statSync(`${path}.backup`).size).toBe('precious'.length)
})

test('a backup that fails leaves no file, and says why', async () => {
  const path = temporaryFile()
  const first = testInbox({ path })
  await Promise.all(eventRecords(500).map((event) => first.put(event, { rememberMs })))
  await first.close()
  const inbox = testInbox({ path })
  truncateSync(path, 8_192)
  const failed = await rejection(() => inbox.backup(`${path}.backup`))
  expect(failed).toMatchObject({ message: expect.stringContaining('is damaged'), cause: { errcode: 11 } })
  expect(readdirSync(dirname(path)).filter((name) => name.includes('backup'))).toEqual([])
})

test('a backup for which its disk has no room names that disk, and leaves no file', () => {
  const path = temporaryFile()
  const run = (partial: string) => {
    writeFileSync(`${partial}-journal`, 'SQLite leaves it there')
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
  }
  const database = { prepare: () => ({ run }) } as unknown as DatabaseSync
  expect(() => copyInto(`${path}.backup`, database)).toThrow(`the disk of ${path}.backup is full`)
  expect(readdirSync(dirname(path)).filter((name) => name.includes('backup'))).toEqual([])
})

test('a backup whose process is killed leaves no file that could be taken for one', {
  timeout: 60_000,
}, async () => {
  const path = temporaryFile()
  const backup = join(dirname(path), 'backup.db')
  const inbox = testInbox({ path })
  const rawBody = Buffer.alloc(1024 * 1024, 'x')
  for (let id = 0; id < 60; id++) await inbox.put(eventRecord({ id: `evt_${id}`, rawBody }), { rememberMs })
  await inbox.close()
  const code = `import { sqliteInbox } from '@hookport/sqlite'
    await sqliteInbox({ path: ${JSON.stringify(path)} }).backup(${JSON.stringify(backup)})`
  const flags = ['--conditions=@hookport/source', '--no-warnings', '--input-type=module', '-e', code]
  const child = spawn(process.execPath, flags, { cwd: import.meta.dirname })
  const ended = once(child, 'exit')
  const begun = () => readdirSync(dirname(path)).find((name) => name.startsWith('backup.db'))
  while (begun() === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect(existsSync(backup)).toBe(false)
})

test.runIf(process.platform === 'linux')('a backup that was made is not held open', async () => {
  const path = temporaryFile()
  await testInbox({ path }).backup(`${path}.backup`)
  expect(openFiles(`${path}.backup`)).toEqual([])
})

test('a log that a long reader lets grow is said to grow, once for each doubling from 64 MiB on, and once that it no longer does', () => {
  const watch = new LogWatch()
  const mebibyte = 1024 ** 2
  const said = (size: number) => watch.see('inbox.db', size * mebibyte)
  expect(said(63)).toBeUndefined()
  expect(said(65)).toMatch(/has grown to 65 MiB/)
  expect([said(70), said(127)]).toEqual([undefined, undefined])
  expect(said(300)).toMatch(/300 MiB/)
  expect(said(511)).toBeUndefined()
  expect([said(16), said(16)]).toEqual(['the log of inbox.db is copied into the file again', undefined]) // the reader has gone
  expect(said(64)).toMatch(/64 MiB/)
  expect(said(64)).toBeUndefined()
})

test('a reader that stays in its transaction is noticed', { timeout: 60_000 }, async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path, synchronous: 'normal' })
  const { logger, at } = recordedLogger()
  await consumeRecorded(inbox, undefined, { logger, source: 'other' }).consumer.idle()
  const reader = watchFile(path)
  reader.exec('BEGIN; SELECT * FROM ids')
  for (let index = 0; index < 70; index++)
    await inbox.put(eventRecord({ id: String(index), rawBody: Buffer.alloc(1024 ** 2) }), { rememberMs })
  expect(at('warn')).toMatchObject([
    { message: expect.stringMatching(/has grown to 6\d MiB: something reads the file/) },
  ])
  reader.exec('COMMIT')
})

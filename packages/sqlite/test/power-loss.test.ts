import { fstatSync, fsyncSync, readdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return { ...fs, fsyncSync: vi.fn(fs.fsyncSync) }
})

/** The names that power loss leaves in the folder of a file: those that were there when the folder was last synced. */
function watchFolder(path: string) {
  let names: readonly string[] = []
  vi.mocked(fsyncSync).mockImplementation((file) => {
    if (fstatSync(file).isDirectory()) names = readdirSync(dirname(path))
  })
  onTestFinished(() => void vi.mocked(fsyncSync).mockReset())
  return () => names
}

/** SQLite syncs what its files contain by itself. */
describe.skipIf(process.platform === 'win32')('what power loss leaves has its name:', () => {
  test('a new file and its log, before anything is taken on', () => {
    const path = temporaryFile()
    const names = watchFolder(path)
    testInbox({ path, synchronous: 'full' })
    expect(names()).toEqual(expect.arrayContaining(['inbox.db', 'inbox.db-wal']))
  })

  test('the file that takes the place of one that went away', async () => {
    const path = temporaryFile()
    const inbox = testInbox({ path })
    for (const end of ['', '-wal', '-shm']) rmSync(path + end)
    const names = watchFolder(path)
    await expect(inbox.put(eventRecord(), { rememberMs })).rejects.toThrow()
    await inbox.put(eventRecord(), { rememberMs })
    expect(names()).toEqual(expect.arrayContaining(['inbox.db', 'inbox.db-wal']))
  })

  test('a backup that was made', async () => {
    const path = temporaryFile()
    const inbox = testInbox({ path })
    const names = watchFolder(path)
    await inbox.backup(`${path}.backup`)
    expect(names()).toContain('inbox.db.backup')
  })
})

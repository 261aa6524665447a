import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { counts, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

/** Called as a link is asked for, which the file system does not have, such as FAT. */
const asked = vi.hoisted(() => vi.fn<() => void>())
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  linkSync() {
    asked()
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' })
  },
}))

test('on a file system without links, a backup is there under its name, and nothing beside it', async () => {
  const inbox = testInbox()
  await inbox.put(eventRecord(), { rememberMs })
  const path = temporaryFile()
  await inbox.backup(path)
  expect(asked).toHaveBeenCalledOnce()
  expect(await testInbox({ path }).counts()).toEqual(counts({ pending: 1 }))
  expect(readdirSync(dirname(path)).filter((name) => name.includes('partial'))).toEqual([])
})

test('nor does it overwrite a file that came to be there meanwhile', async () => {
  const path = temporaryFile()
  asked.mockImplementationOnce(() => writeFileSync(path, 'of another'))
  await expect(testInbox().backup(path)).rejects.toThrow('EPERM')
  expect(readFileSync(path, 'utf8')).toBe('of another')
})

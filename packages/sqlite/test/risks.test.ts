import { linkSync, type StatOptions, symlinkSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { temporaryFile, testInbox } from './support/test-inbox.ts'

/** What the file system says that no test can have without being root. */
const mounted = vi.hoisted(() => ({
  dev: undefined as number | undefined,
  type: undefined as number | undefined,
}))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    statSync(path: string, options?: StatOptions) {
      const stats = fs.statSync(path, options)
      if (mounted.dev !== undefined && /-wal$/.test(path))
        Object.assign(stats as object, { dev: mounted.dev })
      return stats
    },
    statfsSync: (path: string) => ({ ...fs.statfsSync(path), ...(mounted.type && { type: mounted.type }) }),
  }
})

test('a file of one name, on a disk of this machine, has no risk, nor has a symbolic link to it', async () => {
  const path = temporaryFile()
  expect(await testInbox({ path }).findRisks?.()).toEqual([])
  const link = temporaryFile()
  symlinkSync(path, link)
  expect(await testInbox({ path: link }).findRisks?.()).toEqual([])
})

test('a second name of the file is told, as a process that opens it by that name has another log', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  linkSync(path, `${path}.link`)
  expect(await inbox.findRisks?.()).toMatchObject([
    /inbox\.db is a hard link.*each name has a log of its own/,
  ])
})

test('a file that is mounted without its folder is told, as its log goes with the container', async () => {
  mounted.dev = -1
  expect(await testInbox().findRisks?.()).toMatchObject([/is mounted by itself.*Mount the folder/])
  mounted.dev = undefined
})

test('a file in a layer of an overlay, whose log is in another layer, is told of no risk', async () => {
  Object.assign(mounted, { dev: -1, type: 0x794c7630 })
  expect(await testInbox().findRisks?.()).toEqual([])
  Object.assign(mounted, { dev: undefined, type: undefined })
})

test.each([0x6969, 0x517b, 0xff534d42, 0xfe534d42])('a network file system (%i) is told', async (type) => {
  mounted.type = type
  expect(await testInbox().findRisks?.()).toMatchObject([/is on a network file system/])
  mounted.type = undefined
})

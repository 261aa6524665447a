import { spawnSync } from 'node:child_process'
import { sqliteInbox } from '@hookport/sqlite'
import { eventRecords } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { rememberMs, temporaryFile } from './support/test-inbox.ts'

const program = `
  import { sqliteInbox } from '@hookport/sqlite'
  import { eventRecords } from '@hookport/testkit/inbox/event-records'
  const inbox = sqliteInbox({ path: process.env.FILE })
  let accepted = 0
  try {
    for (const event of eventRecords(200)) {
      await inbox.put({ ...event, rawBody: Buffer.alloc(50_000) }, { rememberMs: ${rememberMs} })
      accepted += 1
    }
  } catch ({ message }) {
    console.log(JSON.stringify({ accepted, message }))
  }`

/** Runs the program where files can't grow beyond so many blocks. As with a quota, SQLite is told of an error that is not that of a full disk. */
function withSmallFiles(path: string, blocks: number): { stdout: string; stderr: string } {
  const node = [process.execPath, '--conditions=@hookport/source', '--input-type=module', '-e', program]
  return spawnSync('sh', ['-c', `ulimit -S -f ${blocks} && exec "$@"`, 'sh', ...node], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { ...process.env, FILE: path, NODE_OPTIONS: '' },
  })
}

test.skipIf(process.platform === 'win32')('an error of the disk is a named error at construction', () => {
  const path = temporaryFile()
  const { stderr } = withSmallFiles(path, 10)
  expect(stderr).toContain("problem: 'disk_error'")
  expect(stderr).toContain(`sqliteInbox: ${path} can’t be read or written, the disk reports an error`)
})

test.skipIf(process.platform === 'win32')(
  'an error of the disk rejects a put by the name of the file, and what was accepted before is there',
  async () => {
    const path = temporaryFile()
    const { accepted, message } = JSON.parse(withSmallFiles(path, 2_000).stdout)
    expect(message).toContain(`${path} can’t be read or written, the disk reports an error: is a quota`)
    expect(accepted).toBeGreaterThan(0)
    const inbox = sqliteInbox({ path })
    const events = eventRecords(accepted + 1)
    const again = await Promise.all(
      events.map((event) => inbox.put({ ...event, rawBody: Buffer.alloc(50_000) }, { rememberMs })),
    )
    expect(again.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
    await inbox.close()
  },
)

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Removes the segment of shared memory that a killed Postgres left. One that starts again on the same folder does so itself; of one that
 * does not, the segment stays until the machine restarts, and after 4,096 of these no Postgres starts there any more.
 */
export async function freePostgresMemory(data: string): Promise<void> {
  const segment = await segmentOf(data)
  if (segment === undefined) return
  await promisify(execFile)('ipcrm', ['-m', segment]).catch((error: { stderr?: string }) => {
    if (!error.stderr?.includes('id (')) throw error // "invalid id (7)", "already removed id (7)": it is gone
  })
}

/** The id that Postgres writes behind the key, in the seventh line: https://www.postgresql.org/docs/current/storage-file-layout.html */
async function segmentOf(data: string): Promise<string | undefined> {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [], // it has never run, or ended properly
  )
  return lines[6]?.trim().split(/\s+/)[1]
}

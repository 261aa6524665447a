import { execFileSync } from 'node:child_process'
import { chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The user for servers that refuse to run as root: `nobody` if the tests run as root, otherwise the user who runs them. */
export function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (option: string) => Number(execFileSync('id', [option, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** A temporary folder that belongs to that user. The caller must remove it. */
export async function folderOfOrdinaryUser(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix))
  const user = ordinaryUser()
  if (user) await chown(folder, user.uid, user.gid)
  return folder
}

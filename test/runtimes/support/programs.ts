import { join } from 'node:path'
import { fetchedPackage } from '@hookport/testkit/servers/programs/fetched-package'

/** A runtime that programs are run on, as its package in the registry holds it. */
export interface Runtime {
  readonly name: string
  readonly version: string
  /** The package with its program for this platform. Undefined for the one that runs the tests. */
  readonly package?: string
  /** Path of the program in the package. */
  readonly program: string
  /** Arguments before the script. */
  readonly args: readonly string[]
  /** Whether it has `node:sqlite`. */
  readonly hasSqlite: boolean
}

/** Programs are published for these under these names. */
const platform = `${process.platform}-${process.arch}`

function node(version: string): Runtime {
  const args = ['--no-warnings']
  return {
    name: 'Node',
    version,
    package: `node-${platform}@${version}`,
    program: 'bin/node',
    args,
    hasSqlite: true,
  }
}

export const runtimes: readonly Runtime[] = [
  node('22.13.1'),
  {
    name: 'Node',
    version: process.versions.node,
    program: process.execPath,
    args: ['--no-warnings'],
    hasSqlite: true,
  },
  node('26.10.0'),
  {
    name: 'Bun',
    version: '1.4.5',
    package: `@oven/bun-${platform}@1.4.5`,
    program: 'bin/bun',
    args: [],
    hasSqlite: false,
  },
  {
    name: 'Deno',
    version: '2.9.6',
    package: `@deno/${platform}-glibc@2.9.6`,
    program: 'deno',
    args: ['run', '--allow-all', '--quiet'],
    hasSqlite: true,
  },
]

/**
 * Has a runtime at hand, see `fetchedPackage`.
 *
 * @returns the path of its program; undefined where the registry has none for this platform.
 */
export async function programOf({ name, version, ...runtime }: Runtime): Promise<string | undefined> {
  if (runtime.package === undefined) return runtime.program
  const folder = await fetchedPackage(`${name.toLowerCase()}-${version}`, runtime.package)
  return folder && join(folder, runtime.program)
}

import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { linkTo, type Registry } from './install.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

export type PackageManager = 'npm' | 'pnpm'

export interface Wanted {
  /** Packages of ours that the application depends on. */
  readonly ours: readonly string[]
  /** Packages of others that it has beside them: frameworks and tools. They are the project's own. */
  readonly others: readonly string[]
}

/** What our packages depend on that is not ours. Packed from the project's own `node_modules`, so that nothing is fetched. */
const dependencies = ['fastify-plugin', 'zod'] as const

/**
 * Installs what is published as a user does: the real package manager, offline, from tarballs. npm lays all packages out beside each other. pnpm lets an
 * application see what it has asked for, and a package its own dependencies.
 */
export async function installWith(
  manager: PackageManager,
  application: string,
  registry: Registry,
  wanted: Wanted,
): Promise<void> {
  const tarballs = await tarballsOf(registry)
  const linked = Object.fromEntries(
    wanted.others.map((name) => [name, join(root, 'node_modules', name)] as const),
  )
  const manifest = {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(wanted.ours.map((name) => [name, tarballs[name]])),
  }
  const write = (content: object) =>
    writeFile(join(application, 'package.json'), JSON.stringify(content, undefined, 2))
  if (manager === 'npm') {
    await write({ ...manifest, overrides: tarballs })
    await npm(application, ['install', '--offline', '--ignore-scripts', '--legacy-peer-deps'])
    // npm would install the dependencies of a linked folder into that folder. So links are made behind its back.
    for (const [name, folder] of Object.entries(linked))
      await linkTo(folder, join(application, 'node_modules', name))
    return
  }
  const links = Object.fromEntries(Object.entries(linked).map(([name, folder]) => [name, `link:${folder}`]))
  await write({
    ...manifest,
    dependencies: { ...manifest.dependencies, ...links },
    pnpm: { overrides: tarballs },
  })
  await pnpm(application, ['install', '--offline', '--ignore-scripts', '--config.auto-install-peers=false'])
}

const tarballsOfRegistry = new WeakMap<Registry, Promise<Record<string, string>>>()

/** By the name of a package: where its tarball lies, as a manifest says it. */
function tarballsOf(registry: Registry): Promise<Record<string, string>> {
  const known = tarballsOfRegistry.get(registry) ?? packedFor(registry)
  tarballsOfRegistry.set(registry, known)
  return known
}

async function packedFor(registry: Registry): Promise<Record<string, string>> {
  const ours = registry.names.map((name) => [name, `file:${registry.tarballOf(name)}`] as const)
  const others = await Promise.all(
    dependencies.map(async (name) => [name, `file:${await packed(name, registry.folder)}`] as const),
  )
  return Object.fromEntries([...ours, ...others])
}

async function packed(name: string, into: string): Promise<string> {
  const folder = join(root, 'node_modules', name)
  await npm(root, ['pack', '--ignore-scripts', '--pack-destination', into, folder])
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  return join(into, `${name}-${version}.tgz`)
}

async function npm(cwd: string, args: readonly string[]): Promise<void> {
  await run('npm', [...args, '--no-audit', '--no-fund'], { cwd })
}

/** Its store lies in the application, and goes with it. */
async function pnpm(cwd: string, args: readonly string[]): Promise<void> {
  const command = join(root, 'node_modules/pnpm/bin/pnpm.cjs')
  await run(process.execPath, [command, ...args, `--store-dir=${join(cwd, '.pnpm-store')}`], { cwd })
}

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

/**
 * How a package manager lays packages out. `hoisted`, as npm does: all of them beside each other. `strict`, as pnpm does: an application sees
 * what it has asked for, and a package its own dependencies.
 */
export type Layout = 'hoisted' | 'strict'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Every public package as it is published: packed, and unpacked again. */
export class Registry {
  /** Where the tarballs lie. */
  readonly folder: string
  readonly #manifests: ReadonlyMap<string, Manifest>

  /** Names of the packages. */
  get names(): readonly string[] {
    return [...this.#manifests.keys()]
  }

  /** A package as it is uploaded. */
  tarballOf(name: string): string {
    return join(this.folder, tarballName(this.#manifests.get(name) as Manifest))
  }

  /** Where a package lies as it is published. */
  folderOf(name: string): string {
    return join(this.folder, name)
  }

  private constructor(folder: string, manifests: ReadonlyMap<string, Manifest>) {
    this.folder = folder
    this.#manifests = manifests
  }

  static async packed(folder: string): Promise<Registry> {
    const manifests = await publicManifests()
    const projects = [...manifests.keys()]
      .map((name) => `packages/${name.split('/').at(-1)}/tsconfig.build.json`)
      .filter((project) => existsSync(join(root, project)))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    await run(process.execPath, [tsc, '--build', '--noCheck', ...projects], { cwd: root }) // types are checked elsewhere
    const workspaces = [...manifests.keys()].flatMap((name) => ['--workspace', name])
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, ...workspaces], { cwd: root })
    for (const manifest of manifests.values()) {
      const { name } = manifest
      const tarball = join(folder, tarballName(manifest))
      await mkdir(join(folder, name), { recursive: true })
      await run('tar', ['-xzf', tarball, '-C', join(folder, name), '--strip-components=1'])
    }
    return new Registry(folder, manifests)
  }

  /** Lays packages out in an application. Those that are not ours come from the project's own `node_modules`. */
  async install(application: string, wanted: readonly string[], layout: Layout): Promise<void> {
    const modules = join(application, 'node_modules')
    const installed = new Set<string>()
    const add = async (name: string): Promise<void> => {
      const manifest = this.#manifests.get(name)
      if (manifest === undefined || installed.has(name)) return
      installed.add(name)
      await cp(join(this.folder, name), homeOf(name), { recursive: true })
      for (const needed of neededBy(manifest)) {
        await add(needed)
        if (layout === 'strict') await link(needed, join(homeOf(name), name.includes('/') ? '../..' : '..'))
        else await link(needed, modules)
      }
    }
    const homeOf = (name: string) =>
      layout === 'strict'
        ? join(modules, '.store', name.replace('/', '+'), 'node_modules', name)
        : join(modules, name)
    const link = (name: string, into: string) =>
      linkTo(this.#manifests.has(name) ? homeOf(name) : join(root, 'node_modules', name), join(into, name))
    for (const name of wanted) {
      await add(name)
      await link(name, modules)
    }
  }
}

function tarballName({ name, version }: Manifest): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

async function publicManifests(): Promise<ReadonlyMap<string, Manifest>> {
  const folders = await readdir(join(root, 'packages'))
  const all = await Promise.all(
    folders.map(
      async (folder): Promise<Manifest> =>
        JSON.parse(await readFile(join(root, 'packages', folder, 'package.json'), 'utf8')),
    ),
  )
  return new Map(all.filter((manifest) => !manifest.private).map((manifest) => [manifest.name, manifest]))
}

function neededBy({ dependencies, peerDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...peerDependencies })
}

/** Nothing where it is there already. */
export async function linkTo(target: string, path: string): Promise<void> {
  if (target === path) return
  await mkdir(dirname(path), { recursive: true })
  await symlink(target, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

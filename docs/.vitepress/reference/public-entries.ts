import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export const root = join(import.meta.dirname, '../../..')

/** What may be imported from outside: `@hookport/core/node`, and the source that it stands for. */
export interface PublicEntry {
  /** As it is imported. */
  readonly name: string
  readonly packageName: string
  /** Its source, from the root of the repository. */
  readonly source: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, string | { readonly '@hookport/source'?: string }>>
}

/** Every entry of every package that is published. */
export function publicEntries(): readonly PublicEntry[] {
  return globSync(join(root, 'packages/*/package.json'))
    .sort()
    .flatMap((file) => entriesOf(JSON.parse(readFileSync(file, 'utf8')) as Manifest, dirname(file)))
}

function entriesOf({ name, private: isPrivate, exports = {} }: Manifest, folder: string): PublicEntry[] {
  if (isPrivate) return []
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const source = typeof target === 'string' ? undefined : target['@hookport/source']
    if (source === undefined) return [] // package.json
    return [{ name: join(name, subpath), packageName: name, source: relative(root, join(folder, source)) }]
  })
}

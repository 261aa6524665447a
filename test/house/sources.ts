import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly text: string
  /** What it imports, types included: paths from the root where they are files of ours, else the specifier as written. */
  readonly imports: readonly string[]
}

/** Folders of what is installed or built. */
export const passedOver = new Set(['node_modules', 'dist', '.next'])

/** Every TypeScript source below a folder of the repository. */
export function sourcesBelow(folder: string): Source[] {
  return readdirSync(resolve(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return passedOver.has(entry.name) ? [] : sourcesBelow(path)
    return /\.tsx?$/.test(entry.name) ? [readSource(path)] : []
  })
}

function readSource(path: string): Source {
  const text = readFileSync(resolve(root, path), 'utf8')
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport\(?)\s*'([^']+)'/g)].map(
    ([, written = '']) => written,
  )
  return {
    path,
    text,
    imports: specifiers.map((written) =>
      written.startsWith('.') ? relative(root, resolve(root, dirname(path), written)) : written,
    ),
  }
}

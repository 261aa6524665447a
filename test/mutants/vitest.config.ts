import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const packages = join(import.meta.dirname, '../../packages')

type Exports = Record<string, { readonly '@hookport/source'?: string } | string>

/** The packages beside this very file, which lies in the sandbox: links in node_modules lead out of it, to where no mutant is. */
function sourcesByName() {
  return readdirSync(packages).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8'))
    return Object.entries((manifest.exports ?? {}) as Exports).flatMap(([entry, target]) => {
      const source = typeof target === 'string' ? target : target['@hookport/source']
      if (!source?.endsWith('.ts')) return []
      const find = new RegExp(`^${manifest.name}${entry.slice(1).replace('*', '(.+)')}$`)
      return [{ find, replacement: join(packages, folder, source.replace('*', '$1')) }]
    })
  })
}

export default defineConfig({
  resolve: { alias: sourcesByName(), conditions: ['@hookport/source'] },
  test: {
    testTimeout: 20_000,
    include: JSON.parse(process.env.MUTANTS_TESTS ?? '[]'),
  },
})

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { providersByName } from '@hookport/providers/by-name'
import { expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

const unsigned = { allowUnsigned: true }
const names = Object.keys(providersByName)
const sources = join(import.meta.dirname, '../src')

/** The senders that stand in the sources: a file of its own each, or a room with a `provider.ts`. */
function sendersInSources(): string[] {
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^(?:[^/]+|[^/]+\/provider)\.ts$/.test(path) && path !== 'by-name.ts')
    .map((path) => path.replace(/(?:\/provider)?\.ts$/, ''))
}

test('every sender of this package can be looked up by its name, and has an entry of that name', () => {
  expect(names.sort()).toEqual(sendersInSources().sort())
  expect(Object.keys(manifest.exports)).toEqual(expect.arrayContaining(names.map((name) => `./${name}`)))
})

test.each(names)('%s is the name in its definition', (name) => {
  expect(providersByName[name]?.(unsigned).name).toBe(name)
})

test.each(names)('%s reads its signature from exactly the headers that its definition names', (name) => {
  const asked = new Set<string>()
  const get = (header: string) => {
    asked.add(header)
    return 'of no form'
  }
  const provider = providersByName[name]?.(unsigned)
  expect(provider?.readSignature({ get })).toBe('malformed')
  expect([...asked].sort()).toEqual([...(provider?.signatureHeaders ?? [])].sort())
})

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
  const provider = providersByName[name]?.(unsigned)
  const named = provider?.signatureHeaders ?? []
  const asked = new Set<string>()
  // A sender may have several families of headers: each is there by itself once.
  for (let first = 0; first < named.length; first++) {
    const get = (header: string) => {
      asked.add(header)
      return named.indexOf(header) >= first ? 'of no form' : undefined
    }
    expect(provider?.readSignature({ get })).toMatch(/^(?:malformed|missing)$/)
  }
  expect([...asked].sort()).toEqual([...named].sort())
})

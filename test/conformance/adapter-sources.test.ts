import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const packages = join(import.meta.dirname, '../../packages')
const mostCodeLines = 80

interface Source {
  name: string
  text: string
}

const sources = ['express', 'fastify', 'next'].flatMap((adapter): Source[] => {
  const folder = join(packages, adapter, 'src')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return files.map((file) => ({ name: `${adapter}/${file}`, text: readFileSync(join(folder, file), 'utf8') }))
})

/** What a package lets others import: `@hookport/core`, `@hookport/core/node`. */
function publicEntries(name: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
  return Object.keys(exports).map((entry) => `@hookport/${name}${entry.slice(1)}`)
}

function codeLines(text: string): number {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return withoutComments.split('\n').filter((line) => line.trim() !== '').length
}

describe.each(sources)('$name', ({ text }) => {
  test(`has no more than ${mostCodeLines} lines of code`, () => {
    expect(codeLines(text)).toBeLessThanOrEqual(mostCodeLines)
  })

  test('imports nothing but its own files, its framework, and public entries', () => {
    const imported = [...text.matchAll(/from '(.*?)'/g)].map(([, from]) => from)
    const ours = [...publicEntries('core'), ...publicEntries('providers')]
    const frameworks = /^(express|fastify|fastify-plugin|next\/.*|node:http)$/
    const strange = imported.filter(
      (from = '') => !ours.includes(from) && !/^\.\/[\w-]+\.ts$/.test(from) && !frameworks.test(from),
    )
    expect(strange).toEqual([])
    expect(imported).not.toContain('@hookport/core/testing')
  })
})

test('there are adapters to look at', () => {
  expect(sources.length).toBeGreaterThanOrEqual(4)
})

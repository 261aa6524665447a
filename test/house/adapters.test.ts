import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { describe, expect, test } from 'vitest'
import { root, type Source, sourcesBelow } from './sources.ts'

const mostCodeLines = 80

interface Manifest {
  name: string
  private?: boolean
  exports?: Record<string, unknown>
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

interface Package {
  readonly manifest: Manifest
  readonly sources: readonly Source[]
}

function packagesBelow(folder: string): Package[] {
  return readdirSync(resolve(root, folder)).map((name) => ({
    manifest: JSON.parse(readFileSync(resolve(root, folder, name, 'package.json'), 'utf8')),
    sources: sourcesBelow(join(folder, name, 'src')),
  }))
}

/** The ways to get from a request to a receiver. */
const mounting = /\b(asWebhooks|answerDelivery|nodeWebhooks|webWebhooks)\b|\.receive\(/

/** Core has what adapters mount receivers with; the others hand deliveries to one in a test and at a terminal, for no framework. */
const noAdapters: readonly string[] = ['@hookport/core', '@hookport/testing', '@hookport/cli']

/** An adapter is a package that mounts receivers. */
function adaptersBelow(folder: string): Package[] {
  return packagesBelow(folder).filter(
    ({ manifest, sources }) =>
      !manifest.private &&
      !noAdapters.includes(manifest.name) &&
      sources.some(({ text }) => mounting.test(withoutComments(text))),
  )
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

function codeLines(text: string): number {
  return withoutComments(text)
    .split('\n')
    .filter((line) => line.trim() !== '').length
}

/** What others may import of core and the providers, but for what is there for tests. */
const entries = packagesBelow('packages')
  .filter(({ manifest }) => ['@hookport/core', '@hookport/providers'].includes(manifest.name))
  .flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {}).map((entry) => manifest.name + entry.slice(1)),
  )
  .filter((entry) => entry !== '@hookport/core/testing')

function strangeImports({ manifest, sources }: Package): string[] {
  const frameworks = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter(
    (name) => !name.startsWith('@hookport/'),
  )
  const own = sources.map(({ path }) => path)
  const isPlain = (imported: string) =>
    own.includes(imported) ||
    entries.includes(imported) ||
    imported === 'node:http' ||
    frameworks.some((name) => imported === name || imported.startsWith(`${name}/`))
  return sources.flatMap(({ path, imports }) =>
    imports.filter((imported) => !isPlain(imported)).map((imported) => `${path} imports ${imported}`),
  )
}

const adapters = adaptersBelow('packages')

describe.each(adapters)('$manifest.name', (adapter) => {
  test.each(adapter.sources)(`$path has no more than ${mostCodeLines} lines of code`, ({ text }) => {
    expect(codeLines(text)).toBeLessThanOrEqual(mostCodeLines)
  })

  test('imports nothing but its own files, its framework, and public entries', () => {
    expect(strangeImports(adapter)).toEqual([])
  })
})

test('the adapters that there are, and no other packages, are looked at', () => {
  const names = adapters.map(({ manifest }) => manifest.name)
  expect(names).toEqual(
    expect.arrayContaining(['express', 'fastify', 'next'].map((name) => `@hookport/${name}`)),
  )
  expect(names).not.toContain('@hookport/providers')
  expect(names).not.toContain('@hookport/sqlite')
})

describe('a new package', () => {
  function adaptersWith(source: string): Package[] {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'koa/src'), { recursive: true })
    const manifest = { name: '@hookport/koa', peerDependencies: { koa: '^3.0.0' } }
    writeFileSync(join(folder, 'koa/package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'koa/src/index.ts'), source)
    return adaptersBelow(folder)
  }

  test.each([
    "import { asWebhooks } from '@hookport/core'\nexport const koaWebhooks = (receiver) => asWebhooks(() => {}, receiver)",
    'export const koaWebhooks = (receiver) => async (context) => receiver.receive(deliveryOf(context))',
    "export { nodeWebhooks as koaWebhooks } from '@hookport/core/node'",
  ])('that mounts receivers is looked at: %s', (source) => {
    expect(adaptersWith(source)).toMatchObject([{ manifest: { name: '@hookport/koa' } }])
  })

  test('that only writes of them is not', () => {
    expect(adaptersWith('/** To be mounted by `nodeWebhooks`. */\nexport const koa = 1')).toEqual([])
  })

  test('that reaches behind the public entries, or to what is there for tests, is told', () => {
    const [adapter] = adaptersWith(
      [
        "import type { Context } from 'koa'",
        "import { asWebhooks } from '@hookport/core'",
        "import { manualClock } from '@hookport/core/testing'",
        "import { toReply } from '@hookport/core/src/accept/reply-table.ts'",
        "import pino from 'pino'",
      ].join('\n'),
    )
    expect(adapter && strangeImports(adapter).map((line) => line.split(' imports ')[1])).toEqual([
      '@hookport/core/testing',
      '@hookport/core/src/accept/reply-table.ts',
      'pino',
    ])
  })
})

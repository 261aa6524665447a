import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build as esbuild } from 'esbuild'
import { build as viteBuild } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Compiler, compile, type ModuleKind } from './support/compile.ts'
import { type Layout, Registry } from './support/install.ts'
import { complaintsAbout, typeComplaintsAbout } from './support/published.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const wanted = [
  '@hookport/core',
  '@hookport/express',
  '@hookport/fastify',
  '@hookport/inspector',
  '@hookport/next',
  '@types/node',
  'fastify',
  'next',
  'vitest',
]

/** Applications that have installed what is published, by the layout of their package manager. */
const applications = {} as Record<Layout, string>
let folder: string
let registry: Registry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookport-consumers-'))
  registry = await Registry.packed(folder)
  for (const layout of ['hoisted', 'strict'] as const) {
    applications[layout] = await mkdtemp(join(folder, `${layout}-`))
    await registry.install(applications[layout], wanted, layout)
    await writeFile(join(applications[layout], 'package.json'), '{ "type": "module", "private": true }')
  }
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const everything = process.env.TEST_ALL !== undefined
const kinds: readonly ModuleKind[] = ['node16', 'node20', 'nodenext', 'bundler']
const matrix = (['5.7', '5.9', '7'] as const).flatMap((compiler) =>
  kinds.flatMap((kind) => (['hoisted', 'strict'] as const).map((layout) => ({ compiler, kind, layout }))),
)
/** Older compilers take half a minute each. */
const slice: typeof matrix = [{ compiler: '7', kind: 'bundler', layout: 'strict' }]

/** TypeScript 5.9 was the first to know it. */
const isKnown = ({ compiler, kind }: { compiler: Compiler; kind: ModuleKind }) =>
  !(compiler === '5.7' && kind === 'node20')

test.for((everything ? matrix : slice).filter(isKnown))(
  'declarations of an application can be emitted, and mean the same elsewhere: TypeScript $compiler, $kind, $layout',
  { timeout: 60_000 },
  async ({ compiler, kind, layout }) => {
    expect(await compile(applications[layout], compiler, kind)).toBe('')
  },
)

const source = `
import { sematryxWebhooks } from '@hookport/express'
const webhooks = sematryxWebhooks({ secret: 'your-webhook-secret', logger: false })
webhooks.onEvent('optimization.completed', () => {})
console.log(webhooks.eventTypes.join())
`

const layouts = everything ? (['hoisted', 'strict'] as const) : (['strict'] as const)

describe.each(layouts)('what is published, installed %s', (layout) => {
  const path = (file: string) => join(applications[layout], file)
  const printed = async (file: string) => (await run(process.execPath, [path(file)])).stdout

  test('is imported', async () => {
    await writeFile(path('app.js'), source)
    expect(await printed('app.js')).toBe('optimization.completed\n')
  })

  test('is required by a CommonJS module', async () => {
    const required = source.replace(/import (.*) from (.*)/, 'const $1 = require($2)')
    await writeFile(path('required.cjs'), required)
    expect(await printed('required.cjs')).toBe('optimization.completed\n')
  })

  test.for(['esm', 'cjs'] as const)('is bundled by esbuild, format %s', async (format) => {
    const outfile = path(`esbuild.${format === 'cjs' ? 'cjs' : 'mjs'}`)
    const stdin = { contents: source, resolveDir: applications[layout] }
    await esbuild({ stdin, outfile, bundle: true, platform: 'node', format, logLevel: 'error' })
    expect(await printed(`esbuild.${format === 'cjs' ? 'cjs' : 'mjs'}`)).toBe('optimization.completed\n')
  })

  test('is bundled by Vite', async () => {
    await writeFile(path('vite-app.js'), source)
    await viteBuild({
      configFile: false,
      root: applications[layout],
      logLevel: 'error',
      ssr: { noExternal: true },
      build: { ssr: 'vite-app.js', outDir: 'vite' },
    })
    const file = (await readdir(path('vite'))).find((name) => name.startsWith('vite-app.'))
    expect(await printed(`vite/${file}`)).toBe('optimization.completed\n')
  })

  test.for(['imported', 'bundled'] as const)("brings the inspector's page along, %s", async (how) => {
    const file = path(`inspector-${how}.mjs`)
    const contents = `
      import { memoryInbox } from '@hookport/core'
      import { inspector } from '@hookport/inspector'
      const { fetch } = inspector(memoryInbox(), { authorize: () => true })
      const page = await (await fetch(new Request('http://localhost/ops'))).text()
      const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => new URL(file, 'http://localhost/ops'))
      const answers = await Promise.all(files.map((file) => fetch(new Request(file))))
      console.log(answers.map(({ status, headers }) => status + ' ' + headers.get('content-type')).join())`
    if (how === 'imported') await writeFile(file, contents)
    else {
      const stdin = { contents, resolveDir: applications[layout] }
      await esbuild({
        stdin,
        outfile: file,
        bundle: true,
        platform: 'node',
        format: 'esm',
        logLevel: 'error',
      })
    }
    const { stdout } = await run(process.execPath, [file], { cwd: folder })
    expect(stdout).toBe('200 image/svg+xml,200 text/css; charset=utf-8,200 text/javascript; charset=utf-8\n')
  })

  test('is tested by Vitest', { timeout: 60_000 }, async () => {
    const script = `${source.replace('console.log(webhooks.eventTypes.join())', '')}
      import { expect, test } from 'vitest'
      test('types', () => expect(webhooks.eventTypes).toEqual(['optimization.completed']))`
    await writeFile(path('app.test.js'), script)
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const { stdout } = await run(process.execPath, [
      vitest,
      'run',
      '--root',
      applications[layout],
      'app.test.js',
    ])
    expect(stdout).toContain('1 passed')
  })
})

test('every package is ready to be published: its fields, its files and its exports', async () => {
  for (const name of registry.names) expect(await complaintsAbout(registry.folderOf(name)), name).toEqual([])
})

test('the types of every entry resolve, for import and for require', { timeout: 120_000 }, async () => {
  const some = ['@hookport/core', '@hookport/providers']
  for (const name of everything ? registry.names : some)
    expect(await typeComplaintsAbout(registry.tarballOf(name)), name).toEqual([])
})

test('the command is there under its short name', async () => {
  await registry.install(applications.strict, ['hookport'], 'strict')
  const { stdout } = await run(process.execPath, [
    join(applications.strict, 'node_modules/hookport/src/main.js'),
    '--help',
  ])
  expect(stdout).toContain('hookport')
})

test('no declaration that an application can reach names zod', async () => {
  const reached = new Set<string>()
  const visit = async (file: string): Promise<void> => {
    if (reached.has(file)) return
    reached.add(file)
    const text = await readFile(file, 'utf8')
    expect(/from ['"]zod|import\(['"]zod/.test(text), `${file} names zod`).toBe(false)
    const relative = [...text.matchAll(/['"](\.\.?\/[^'"]+)\.(?:ts|js)['"]/g)].map(
      ([, path]) => path as string,
    )
    for (const path of relative) await visit(join(file, '..', `${path}.d.ts`))
  }
  const providers = join(folder, '@hookport/providers')
  const { exports } = JSON.parse(await readFile(join(providers, 'package.json'), 'utf8')) as {
    exports: Record<string, { types?: string }>
  }
  for (const { types } of Object.values(exports)) if (types) await visit(join(providers, types))
  expect(reached.size).toBeGreaterThan(15)
})

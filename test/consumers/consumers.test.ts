import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build as esbuild } from 'esbuild'
import { build as viteBuild } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Compiler, compile, compileRequirer, type ModuleKind } from './support/compile.ts'
import { Registry } from './support/install.ts'
import { runJest } from './support/jest.ts'
import { buildByWebpack, startNext } from './support/next-by-webpack.ts'
import { installWith, type PackageManager } from './support/package-managers.ts'
import { complaintsAbout, typeComplaintsAbout } from './support/published.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const wanted = {
  ours: [
    '@hookport/core',
    '@hookport/express',
    '@hookport/fastify',
    '@hookport/inspector',
    '@hookport/next',
    '@hookport/providers',
  ],
  others: ['@types/node', 'express', 'fastify', 'next', 'react', 'react-dom', 'vitest'],
}

const everything = process.env.TEST_ALL !== undefined
const managers: readonly PackageManager[] = everything ? ['npm', 'pnpm'] : ['pnpm']

/** Applications that have installed what is published. */
const applications = {} as Record<PackageManager, string>
let folder: string
let registry: Registry

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookport-consumers-'))
  registry = await Registry.packed(folder)
  for (const manager of managers) {
    applications[manager] = await mkdtemp(join(folder, `${manager}-`))
    await installWith(manager, applications[manager], registry, wanted)
  }
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const kinds: readonly ModuleKind[] = ['node16', 'node20', 'nodenext', 'bundler']
const matrix = (['5.7', '5.9', '7'] as const).flatMap((compiler) =>
  kinds.flatMap((kind) => (['npm', 'pnpm'] as const).map((manager) => ({ compiler, kind, manager }))),
)
/** Older compilers take half a minute each. */
const slice: typeof matrix = [{ compiler: '7', kind: 'bundler', manager: 'pnpm' }]

/** TypeScript 5.9 was the first to know it. */
const isKnown = ({ compiler, kind }: { compiler: Compiler; kind: ModuleKind }) =>
  !(compiler === '5.7' && kind === 'node20')

test.for((everything ? matrix : slice).filter(isKnown))(
  'declarations of an application can be emitted, and mean the same elsewhere: TypeScript $compiler, $kind, $manager',
  { timeout: 60_000 },
  async ({ compiler, kind, manager }) => {
    expect(await compile(applications[manager], compiler, kind)).toBe('')
  },
)

/** Node 22.12 and later can require modules. Compilers know it since TypeScript 5.8, by these kinds alone. */
const ofCommonJS: readonly [Compiler, ModuleKind, complaint: RegExp][] = [
  ['7', 'nodenext', /^$/],
  ['7', 'node20', /^$/],
  ['7', 'node16', /TS1479/],
  ['5.9', 'nodenext', /^$/],
  ['5.9', 'node20', /^$/],
  ['5.9', 'node16', /TS1479/],
  ['5.7', 'nodenext', /TS1479/],
]

test.for(everything ? ofCommonJS : ofCommonJS.slice(0, 3))(
  'a CommonJS file, which TypeScript %s with %s makes of imports, is answered %s',
  { timeout: 60_000 },
  async ([compiler, kind, complaint]) => {
    expect(await compileRequirer(applications.pnpm, compiler, kind)).toMatch(complaint)
  },
)

const source = `
import { sematryxWebhooks } from '@hookport/express'
const webhooks = sematryxWebhooks({ secret: 'your-webhook-secret', logger: false })
webhooks.onEvent('optimization.completed', () => {})
console.log(webhooks.eventTypes.join())
`

const required = (script: string) => script.replace(/import (.*) from (.*)/, 'const $1 = require($2)')

describe.each(managers)('what is published, installed by %s', (manager) => {
  const path = (file: string) => join(applications[manager], file)
  const printed = async (file: string) => (await run(process.execPath, [path(file)])).stdout

  test('is imported', async () => {
    await writeFile(path('app.js'), source)
    expect(await printed('app.js')).toBe('optimization.completed\n')
  })

  test('is required by a CommonJS module', async () => {
    await writeFile(path('required.cjs'), required(source))
    expect(await printed('required.cjs')).toBe('optimization.completed\n')
  })

  test.for(['esm', 'cjs'] as const)('is bundled by esbuild, format %s', async (format) => {
    const outfile = path(`esbuild.${format === 'cjs' ? 'cjs' : 'mjs'}`)
    const stdin = { contents: source, resolveDir: applications[manager] }
    await esbuild({ stdin, outfile, bundle: true, platform: 'node', format, logLevel: 'error' })
    expect(await printed(`esbuild.${format === 'cjs' ? 'cjs' : 'mjs'}`)).toBe('optimization.completed\n')
  })

  test('is bundled by Vite', async () => {
    await writeFile(path('vite-app.js'), source)
    await viteBuild({
      configFile: false,
      root: applications[manager],
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
      const stdin = { contents, resolveDir: applications[manager] }
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
      applications[manager],
      'app.test.js',
    ])
    expect(stdout).toContain('1 passed')
  })

  test.for(['imported', 'required'] as const)('is tested by Jest, %s', { timeout: 60_000 }, async (how) => {
    const body = source.replace('console.log(webhooks.eventTypes.join())', '')
    const script = `${how === 'imported' ? body : required(body)}
      test('types', () => expect(webhooks.eventTypes).toEqual(['optimization.completed']))`
    const file = how === 'imported' ? 'imported.test.mjs' : 'required.test.cjs'
    await writeFile(path(file), script)
    expect(await runJest(applications[manager], file)).toContain('1 passed')
  })

  // A build takes half a minute, and minutes on a busy machine.
  test.runIf(everything)('is bundled by webpack, through Next', { timeout: 300_000 }, async () => {
    expect(await buildByWebpack(applications[manager])).toContain('missing_signature')
    const next = await startNext(applications[manager])
    try {
      const response = await fetch(`${next.origin}/webhooks`, { method: 'POST', body: '{}' })
      expect(`${response.status} ${await response.text()}`).toBe('401 {"error":"missing_signature"}')
    } finally {
      await next.stop()
    }
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
  const application = await mkdtemp(join(folder, 'command-'))
  await registry.install(application, ['hookport'], 'strict')
  const { stdout } = await run(process.execPath, [
    join(application, 'node_modules/hookport/src/main.js'),
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

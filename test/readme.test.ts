import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const folder = join(import.meta.dirname, 'snippets')

/** What snippets may use without saying where it comes from. */
const surroundings = `
declare const app: import('express').Express
declare const webhooks: ReturnType<typeof import('@hookport/express').sematryxWebhooks>
declare function startStore(): Promise<{ url: string; forgetLeases(): Promise<void>; stop(): Promise<void> }>
declare function myInbox(options: { url: string }): import('@hookport/core').Inbox
declare function findTenant(name: string | null): Promise<{ id: string; webhookSecret: string } | undefined>
declare function saveBest(id: string, solution: number[]): Promise<void>
`

/** Snippets that import what has another name here: an older version, or the snippet before. */
const renamed: Record<string, (snippet: string) => string> = {
  'docs-stacks-h3-2.ts': (snippet) => snippet.replace("from 'h3'", "from 'h3v1'"),
  'docs-stacks-react-router-2.ts': (snippet) =>
    snippet.replace("from '../webhooks.server'", "from './docs-stacks-react-router-1.ts'"),
}

let checked: string[] = []
let complaints = ''

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await writeFile(join(folder, 'surroundings.d.ts'), surroundings)
  await writeFile(join(folder, 'app.module.ts'), 'export class AppModule {}\n') // of an application of Nest's
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { noEmit: true, customConditions: ['@hookport/source'] },
      include: ['.'],
    }),
  )
  checked = await writeSnippets()
  complaints = await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
    () => '',
    ({ stdout }) => stdout,
  )
}, 180_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('every snippet of every page compiles', () => {
  expect(complaints).toBe('')
  expect(checked).toEqual(expect.arrayContaining(['README-1.ts', 'docs-stacks-koa-1.ts']))
})

/** Installed, or written by the build of the site from pages that are read here. */
const isGenerated = (path: string) =>
  /(?:^|\/)(?:node_modules|dist|\.next)$|^docs\/(?:copied|reference)$/.test(path)

/** Writes each TypeScript snippet of each page to a file of its own. */
async function writeSnippets(): Promise<string[]> {
  const pages = globSync(['*.md', '{docs,packages,examples,bench,test}/**/*.md'], {
    cwd: root,
    exclude: isGenerated,
  })
  const names: string[] = []
  for (const page of pages.sort()) {
    const text = await readFile(join(root, page), 'utf8')
    for (const [index, [, snippet]] of [...text.matchAll(/^```ts\n(.*?)^```/gms)].entries()) {
      const name = `${page.replaceAll('/', '-').replace('.md', '')}-${index + 1}.ts`
      const text = renamed[name]?.(snippet ?? '') ?? snippet
      await writeFile(join(folder, name), `${text}\nexport {}\n`)
      names.push(name)
    }
  }
  return names
}

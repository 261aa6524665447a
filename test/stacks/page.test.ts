import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checks } from './checks.ts'
import { renderPage } from './render-page.ts'
import { stacks } from './stacks.ts'

const docs = join(import.meta.dirname, '../../docs')

/** Run by a test of its own. */
const inFront = ['nginx.md']
/** Nothing of them can be run by the tests of this repository. */
const textOnly = ['cloudflare.md', 'docker-compose.md', 'react-router.md']

test('docs/stacks.md is what the tests say; npm run docs:stacks writes it', async () => {
  expect(await readFile(join(docs, 'stacks.md'), 'utf8')).toBe(renderPage())
})

test('every page of docs/stacks is run by a row, but for those that say that they are not', async () => {
  const pages = await readdir(join(docs, 'stacks'))
  const run = new Set(stacks.map(({ page }) => `${page}.md`))
  expect(pages.filter((page) => !run.has(page)).sort()).toEqual([...textOnly, ...inFront].sort())
  for (const page of textOnly)
    expect(await readFile(join(docs, 'stacks', page), 'utf8')).toContain('not run by the tests')
})

test.each(stacks)(
  '$name: a check that needs something in front has it, or says why there is none',
  (stack) => {
    const needed = {
      'body kept': stack.keepBody,
      'body taken': stack.takeBody,
      'patched response': stack.patch,
    }
    for (const [id, change] of Object.entries(needed))
      expect([id, change !== undefined]).toEqual([
        id,
        stack.without?.[id as keyof typeof needed] === undefined,
      ])
    expect(Object.keys(stack.without ?? {}).filter((id) => !checks.some((check) => check.id === id))).toEqual(
      [],
    )
  },
)

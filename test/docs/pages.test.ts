import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copiedPages } from '../../docs/.vitepress/pages/copied-pages.ts'
import { resolveLink } from '../../docs/.vitepress/pages/resolve-link.ts'
import { sidebar } from '../../docs/.vitepress/pages/sidebar.ts'

const root = join(import.meta.dirname, '../..')
const written = globSync(['*.md', '{guides,stacks,decisions}/*.md'], { cwd: join(root, 'docs') })

test('every page stands in the list of pages', () => {
  expect(written.length).toBeGreaterThan(50)
  expect(() => sidebar()).not.toThrow()
})

test('every link of every page leads to something', () => {
  const pages = [
    ...written.map((page) => ({ page, source: `docs/${page}` })),
    ...copiedPages.map(({ source, copy }) => ({ page: copy.replace(/^docs\//, ''), source })),
  ]
  const dead: string[] = []
  let links = 0
  for (const { page, source } of pages) {
    for (const href of linksIn(readFileSync(join(root, source), 'utf8'))) {
      links += 1
      try {
        resolveLink(href, page)
      } catch (error) {
        dead.push((error as Error).message)
      }
    }
  }
  expect(links).toBeGreaterThan(300)
  expect(dead).toEqual([])
})

test('a link to a page leads to the page, one to another file to the forge, and one to nothing nowhere', () => {
  expect(resolveLink('../providers.md#built-in', 'guides/inboxes.md')).toBe('/providers#built-in')
  expect(resolveLink('../../packages/sqlite', 'guides/inboxes.md')).toBe('/copied/packages/sqlite')
  expect(resolveLink('../sender/README.md#emulator', 'copied/packages/cli.md')).toBe(
    '/copied/packages/sender#emulator',
  )
  expect(resolveLink('../../examples/worker', 'guides/inboxes.md')).toMatch(
    /^https:.*\/tree\/main\/examples\/worker$/,
  )
  expect(resolveLink('https://nodejs.org', 'guides/inboxes.md')).toBe('https://nodejs.org')
  expect(() => resolveLink('../gone.md', 'guides/inboxes.md')).toThrow(
    'docs/guides/inboxes.md: there is nothing at ../gone.md',
  )
})

/** Outside of blocks and spans of code. */
function linksIn(text: string): string[] {
  const prose = text.replace(/^ *```.*?^ *```$/gms, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, href]) => href ?? '')
}

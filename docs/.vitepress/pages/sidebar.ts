import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'
import { publicEntries, root } from '../reference/public-entries.ts'
import { copiedPages } from './copied-pages.ts'

type Item = DefaultTheme.SidebarItem

/** What a reader is led through, in this order. A page is called by its heading. */
const groups: Readonly<Record<string, readonly string[]>> = {
  Begin: ['guides/first-webhook', 'guides/inboxes', 'guides/testing', 'guides/migrating'],
  'In production': [
    'guides/deploying',
    'guides/rotating',
    'guides/tenants',
    'guides/operating',
    'guides/observability',
    'guides/inspector',
    'guides/serverless',
    'guides/troubleshooting',
    'guides/upgrading',
  ],
  Handling: ['guides/handlers', 'guides/order', 'guides/replay', 'guides/nothing-missed'],
  Extending: ['providers', 'guides/adapters', 'guides/own-inbox'],
  Facts: [
    'guides/options',
    'guarantees',
    'attacks',
    'compatibility',
    'performance',
    'scale',
    'copied/security',
  ],
}

/** @throws {Error} for a page that stands in no group, so that nobody would find it. */
export function sidebar(): Item[] {
  const items = [
    ...Object.entries(groups).map(([text, pages]) => ({ text, items: pages.map(asItem) })),
    folded('Frameworks and platforms', ['stacks', ...pagesIn('stacks')].map(asItem)),
    folded(
      'Packages',
      copiedPages.filter(isOfPackage).map(({ copy }) => asItem(onSite(copy))),
    ),
    folded(
      'Reference',
      publicEntries().map(({ name }) => ({ text: name, link: `/reference/${name}` })),
    ),
    folded('Project', ['copied/contributing', ...pagesIn('decisions')].map(asItem)),
  ]
  assertComplete(items)
  return items
}

function assertComplete(groups: readonly Item[]): void {
  const listed = new Set(groups.flatMap(({ items = [] }) => items.map(({ link }) => link)))
  const missing = globSync(['*.md', 'guides/*.md', 'stacks/*.md', 'decisions/*.md'], {
    cwd: join(root, 'docs'),
  })
    .map((file) => `/${file.replace(/\.md$/, '')}`)
    .filter((link) => link !== '/index' && !listed.has(link))
  if (missing.length > 0) throw new Error(`pages that stand in no group of the site: ${missing.join(', ')}`)
}

function pagesIn(folder: string): string[] {
  return globSync(`${folder}/*.md`, { cwd: join(root, 'docs') })
    .sort()
    .map((file) => file.replace(/\.md$/, ''))
}

function asItem(page: string): Item {
  const file = `docs/${page}.md`
  const source = copiedPages.find(({ copy }) => copy === file)?.source ?? file
  const heading = /^##? (.+)$/m.exec(readFileSync(join(root, source), 'utf8'))?.[1]
  if (heading === undefined) throw new Error(`${source} has no heading`)
  return { text: heading.replaceAll('`', ''), link: `/${page}` }
}

const folded = (text: string, items: Item[]): Item => ({ text, items, collapsed: true })
const isOfPackage = ({ copy }: { copy: string }) => copy.startsWith('docs/copied/packages/')
const onSite = (copy: string) => copy.replace(/^docs\//, '').replace(/\.md$/, '')

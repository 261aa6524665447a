import { existsSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { root } from '../reference/public-entries.ts'
import { copiedPages } from './copied-pages.ts'

const forge = 'https://github.com/hookport/hookport'

/**
 * Pages are written for the forge, where a link may lead to any file. On the site, one to a page leads to the page, and any other to the
 * forge.
 *
 * @param page from `docs`, as VitePress names it.
 * @throws {Error} where there is no such file: VitePress knows only its own pages.
 */
export function resolveLink(href: string, page: string): string {
  if (/^(?:[a-z][a-z+.-]*:|#|\/)/i.test(href) || page.startsWith('reference/')) return href
  const [path = '', fragment] = href.split('#')
  const copied = join('docs', page)
  const source = copiedPages.find(({ copy }) => copy === copied)?.source ?? copied
  const target = posix.join(dirname(source), path).replace(/\/$/, '')
  if (!existsSync(join(root, target))) throw new Error(`${source}: there is nothing at ${href}`)
  const hash = fragment === undefined ? '' : `#${fragment}`
  return (pageOfSite(target) ?? onForge(target)) + hash
}

function pageOfSite(target: string): string | undefined {
  const copy = copiedPages.find(({ source }) => source === target || source === `${target}/README.md`)?.copy
  const page = copy ?? (/^docs\/.*\.md$/.test(target) ? target : undefined)
  if (page === undefined) return target === 'README.md' ? '/' : undefined
  return page.replace(/^docs/, '').replace(/\.md$/, '')
}

function onForge(target: string): string {
  const kind = statSync(join(root, target)).isDirectory() ? 'tree' : 'blob'
  return `${forge}/${kind}/main/${target}`
}

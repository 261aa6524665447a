import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { publicEntries } from '../../docs/.vitepress/reference/public-entries.ts'

const root = join(import.meta.dirname, '../..')
const site = join(root, 'docs/.vitepress/dist')

/** Some 40 s of processor time; `reference.test.ts` and `pages.test.ts` are the part of it that is always run. */
describe.runIf(process.env.TEST_ALL)('npm run docs', () => {
  beforeAll(async () => {
    await promisify(execFile)('npm', ['run', 'docs'], { cwd: root, maxBuffer: 2 ** 26 })
  }, 600_000)

  test('makes a page for each public entry, and for each guide', () => {
    const guides = globSync('*.md', { cwd: join(root, 'docs/guides') }).map(
      (name) => `guides/${name.replace('.md', '')}`,
    )
    const wanted = [...publicEntries().map(({ name }) => `reference/${name}`), ...guides]
    expect(wanted.filter((page) => !existsSync(join(site, `${page}.html`)))).toEqual([])
  })

  test('asks nothing of anybody else: no script, style, font or image is from elsewhere', () => {
    const elsewhere = pages().flatMap(({ html }) =>
      [...html.matchAll(/<(?:script|img|link)\b[^>]*?(?:src|href)="(https?:[^"]*)"/g)].map(([, url]) => url),
    )
    expect(elsewhere).toEqual([])
  })

  test('has an anchor for every link to one', () => {
    const all = new Map(pages().map(({ name, html }) => [name, html]))
    const dead = [...all].flatMap(([name, html]) =>
      [...html.matchAll(/<a\b[^>]*?href="(\/[^"#]*|)#([^"]+)"/g)]
        .map(([, path, id]) => ({
          target: path === '' ? name : (path as string),
          id: decodeURIComponent(id as string),
        }))
        .filter(({ target, id }) => !all.get(target)?.includes(`id="${id}"`))
        .map(({ target, id }) => `${name}: ${target}#${id}`),
    )
    expect(dead).toEqual([])
  })
})

function pages(): { name: string; html: string }[] {
  return globSync('**/*.html', { cwd: site }).map((file) => ({
    name: `/${file.replace(/\.html$/, '').replace(/(?:^|(?<=\/))index$/, '')}`,
    html: readFileSync(join(site, file), 'utf8'),
  }))
}

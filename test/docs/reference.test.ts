import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publicEntries } from '../../docs/.vitepress/reference/public-entries.ts'
import { writeReference } from '../../docs/.vitepress/reference/write-reference.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookport-reference-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('every public entry has a page in the reference, and every export of it a docstring', {
  timeout: 180_000,
}, async () => {
  await writeReference({ folder: join(folder, 'all') })
  const entries = publicEntries().map(({ name }) => name)
  expect(entries).toEqual(
    expect.arrayContaining(['@hookport/core', '@hookport/core/web', '@hookport/sqlite']),
  )
  expect(entries.filter((name) => !existsSync(join(folder, 'all', `${name}.md`)))).toEqual([])
  const web = await readFile(join(folder, 'all/@hookport/core/web.md'), 'utf8')
  expect(web).toContain('A handler of the Web standard')
})

test('an export, or an option, without a docstring fails the build, which names both', {
  timeout: 60_000,
}, async () => {
  const fixture = join(import.meta.dirname, 'fixtures/undocumented')
  const entry = {
    name: 'undocumented',
    packageName: 'undocumented',
    source: 'test/docs/fixtures/undocumented/index.ts',
  }
  const attempt = writeReference({
    entries: [entry],
    folder: join(folder, 'undocumented'),
    tsconfig: join(fixture, 'tsconfig.json'),
  })
  const { message } = await attempt.then(
    () => new Error('it was built'),
    (error: Error) => error,
  )
  expect(message.split('\n')).toEqual([
    'the docstrings are not complete:',
    expect.stringMatching(/^undocumentedFunction .* does not have any documentation$/),
    'the option LampOptions.undocumentedOption has no docstring',
  ])
})

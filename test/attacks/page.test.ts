import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { attacks, stagedAttacks } from './attacks.ts'
import { renderPage } from './render-page.ts'

test('docs/attacks.md is what the table says; npm run docs:attacks writes it', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/attacks.md'), 'utf8')
  expect(page).toBe(renderPage())
})

test('every attack has an id of its own', () => {
  const ids = [...attacks, ...stagedAttacks].map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test.each(stagedAttacks)('$id has its test in $file', async ({ id, file }) => {
  expect(await readFile(join(import.meta.dirname, file), 'utf8')).toMatch(
    new RegExp(`(?:test|\\]).*\\(\\s*'${id}`),
  )
})

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { render, resultsPath } from '../bench/page.ts'

test('docs/performance.md says what was measured, and nothing else', async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/performance.md'), 'utf8')
  expect(page).toBe(render(JSON.parse(await readFile(resultsPath, 'utf8'))))
})

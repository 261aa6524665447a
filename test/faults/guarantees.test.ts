import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = new URL('../../docs/guarantees.md', import.meta.url)

test('docs/guarantees.md names tests that exist', () => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\[([^\]]+)\]\((\.\.\/[^)]+\.test\.ts)\)/g)]
  expect(links.length).toBeGreaterThan(20)
  for (const [, name = '', file = ''] of links) {
    expect(readFileSync(new URL(file, page), 'utf8'), file).toContain(`'${name}'`)
  }
})

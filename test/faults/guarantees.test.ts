import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { testsIn } from './support/tests-in.ts'

const page = new URL('../../docs/guarantees.md', import.meta.url)

test('docs/guarantees.md names tests that are run', () => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\[([^\]]+)\]\((\.\.\/[^)]+\.test\.ts)\)/g)]
  expect(links.length).toBeGreaterThan(20)
  for (const [, name = '', file = ''] of links) {
    expect(testsIn(readFileSync(new URL(file, page), 'utf8')), file).toContain(name)
  }
})

test('a title in a comment, of a test that is skipped or left to do, or in another string is no test', () => {
  const source = `
    // test('in a comment', () => {})
    /* test('in another', () => {}) */
    test.skip('skipped', () => {})
    test.todo('to do')
    describe('a group', () => {
      test('run', { timeout: 1 }, () => expect("test('in a string')").toBe('// no comment'))
      test.each([['a)', f(1)]])('run for each %s', () => {})
    })`
  expect(testsIn(source)).toEqual(['run', 'run for each %s'])
  expect(testsIn(source.replace('describe(', 'describe.skip('))).toEqual([])
})

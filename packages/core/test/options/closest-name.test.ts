import { expect, test } from 'vitest'
import { closestName } from '../../src/options/closest-name.ts'

const names = ['secret', 'maxAge', 'dedupeWindow', 'clock']

test.each([
  ['secert', 'secret'],
  ['Secret', 'secret'],
  ['maxage', 'maxAge'],
  ['max_age', 'maxAge'],
  ['dedupe_window', 'dedupeWindow'],
  ['dedupWindw', 'dedupeWindow'],
  ['clocks', 'clock'],
])('%s was meant to be %s', (mistyped, meant) => {
  expect(closestName(mistyped, names)).toBe(meant)
})

test.each(['', 'colour', 'x', 'completely different', 'sec'])('%o is near none', (mistyped) => {
  expect(closestName(mistyped, names)).toBeUndefined()
})

test('the nearest of several is found, and the first of two that are as near', () => {
  expect(closestName('cat', ['cart', 'cat'])).toBe('cat')
  expect(closestName('cat', ['bat', 'rat'])).toBe('bat')
})

test('there may be no names', () => {
  expect(closestName('secret', [])).toBeUndefined()
})

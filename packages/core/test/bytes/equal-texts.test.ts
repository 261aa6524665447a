import { expect, test } from 'vitest'
import { equalTexts } from '../../src/bytes/equal-texts.ts'

const secret = 'Bearer 7f3e-\u00fc\u{1f511}'

test('a text equals itself, also an empty one', () => {
  expect(equalTexts(secret, `${secret}`)).toBe(true)
  expect(equalTexts('', '')).toBe(true)
})

test('a text that differs in one place, wherever it is, is another', () => {
  for (let at = 0; at < secret.length; at++) {
    const changed = `${secret.slice(0, at)}#${secret.slice(at + 1)}`
    expect(equalTexts(changed, secret), changed).toBe(false)
  }
})

test.each([
  ['empty', ''],
  ['its beginning', secret.slice(0, -2)],
  ['its end', secret.slice(1)],
  ['longer', `${secret} `],
  ['longer by a character that is NUL', `${secret}\0`],
  ['the same twice', secret + secret],
])('a text that is %s is another', (_, given) => {
  expect(equalTexts(given, secret)).toBe(false)
  expect(equalTexts(secret, given)).toBe(false)
})

import { expect, test } from 'vitest'
import { indentJson, prettyOf } from '../page/src/event/pretty.ts'

test('JSON is indented, and stays as it was written', () => {
  const text = '{"a":[],"b":{ },"c":[1,{"d":1.10}],"a":"\\u00e4 ,{}\\"","e":12345678901234567890}'
  expect(indentJson(text)).toBe(
    `{
  "a": [],
  "b": {},
  "c": [
    1,
    {
      "d": 1.10
    }
  ],
  "a": "\\u00e4 ,{}\\"",
  "e": 12345678901234567890
}`,
  )
})

test('a text of any length is one token, also one of millions of escapes', () => {
  const long = JSON.stringify('x'.repeat(20_000_000))
  expect(indentJson(`[${long}, 1]`) === `[\n  ${long},\n  1\n]`).toBe(true)
  const escaped = JSON.stringify('"\n, '.repeat(3_000_000))
  expect(indentJson(`{"a":${escaped}}`) === `{\n  "a": ${escaped}\n}`).toBe(true)
})

test.each([
  ['of many small things', `[${'{},'.repeat(300_000)}{}]`],
  ['that is deep', '['.repeat(300_000) + ']'.repeat(300_000)],
  ['of one long text', JSON.stringify('x\n'.repeat(300_000))],
])('a body of a mebibyte %s takes a moment, and no more room than is looked at', (_, text) => {
  const before = process.threadCpuUsage() // not the clock: others may have the machine
  const shown = indentJson(text, 256 * 1024)
  const { user, system } = process.threadCpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(2_000)
  expect(shown.length).toBeLessThan(2_000_000)
})

const shown = (text: string) => prettyOf(text, 10_000)

test('a form is shown field by field, decoded, with JSON that is in it indented', () => {
  expect(shown('payload=%7B%22n%22%3A1%7D&From=%2B4915&Body=Hi+there+%F0%9F%98%80&Media=&a[b]=1')).toBe(
    'payload = {\n    "n": 1\n  }\nFrom = +4915\nBody = Hi there 😀\nMedia = \na[b] = 1',
  )
  expect(shown('Body=a%0D%0AFrom = you&broken=100%')).toBe(undefined)
  expect(shown('Body=a%0D%0AFrom+%3D+you&broken=100%')).toBe('Body = a\n  From = you\nbroken = 100%')
})

test('JSON behind a byte order mark is indented', () => {
  expect(shown('\ufeff{"a":1}')).toBe('{\n  "a": 1\n}')
})

test.each(['', 'text', '"a=b"', '123', '<a b="c"/>', '<a>b=c</a>', 'a = b', '{"a=":', 'a=1\nb=2', '&', '=a'])(
  '%j is neither, and is shown as it was sent',
  (text) => expect(shown(text)).toBe(undefined),
)

test('a form of a mebibyte takes a moment', () => {
  const before = process.threadCpuUsage()
  for (const text of [`${'a=1&'.repeat(250_000)}b=2`, `a=${'%20'.repeat(300_000)}`, 'a'.repeat(1_000_000)])
    shown(text)
  const { user, system } = process.threadCpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(2_000)
})

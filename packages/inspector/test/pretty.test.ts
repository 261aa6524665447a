import { expect, test } from 'vitest'
import { indentJson } from '../page/src/event/pretty.ts'

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

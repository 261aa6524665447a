import { describe, expect, test } from 'vitest'
import { decodeJson } from '../../src/bodies/read-payload.ts'

const decode = (text: string) => decodeJson(Buffer.from(text))
const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity } = Number

// What `python3 -c 'import json; print(json.dumps(…))'` prints.
test.each<[string, unknown]>([
  ['NaN', nan],
  ['-Infinity', minusInfinity],
  ['[NaN, Infinity, -Infinity, 1.4e-05]', [nan, infinity, minusInfinity, 0.000014]],
  ['{"a": {"b": [NaN]}, "c": Infinity}', { a: { b: [nan] }, c: infinity }],
  ['{"NaN": NaN, "Infinity": "Infinity"}', { NaN: nan, Infinity: 'Infinity' }],
  ['{"text": "a \\" NaN \\\\", "n": NaN}', { text: 'a " NaN \\', n: nan }],
  ['\ufeff[NaN]', [nan]],
])('%s is read as Python means it', (text, value) => {
  expect(decode(text)).toEqual(value)
})

test.each([
  'nan',
  'NAN',
  '-NaN',
  '+Infinity',
  'Infinit',
  'InfinityX',
  '[NaN',
  '{NaN: 1}',
  '{"a": NaN, "b}',
  '"NaN',
  '["\\',
  'NaN NaN',
  '',
])('%j is no JSON, in Python neither', (text) => {
  expect(() => decode(text)).toThrow(SyntaxError)
})

test('a field named __proto__ is a field like another, and changes nothing else', () => {
  const read = decode('{"__proto__": {"admin": NaN}, "n": NaN}') as object
  expect(Object.keys(read)).toEqual(['__proto__', 'n'])
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  expect('admin' in {}).toBe(false)
})

describe('whatever the text', () => {
  test('values nested 100,000 deep are read', () => {
    const depth = 100_000
    let value = decode(`${'['.repeat(depth)}NaN${']'.repeat(depth)}`)
    for (let level = 0; level < depth; level++) [value] = value as unknown[]
    expect(value).toBe(nan)
  })

  test.each([
    ['quotation marks that never close', `NaN${'"\\'.repeat(500_000)}`],
    ['many strings', `[NaN${',"N"'.repeat(250_000)}`],
    ['many names', `${'NaN'.repeat(330_000)}`],
  ])('time is in proportion to its length: %s', (_, text) => {
    const before = process.cpuUsage() // not the clock: others may have the machine
    expect(() => decode(text)).toThrow(SyntaxError)
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(1_000_000)
  })
})

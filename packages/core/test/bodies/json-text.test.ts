import { expect, test } from 'vitest'
import { exactNumber, rememberBody, splitEvents } from '../../src/bodies/read-payload.ts'

const parts = (text: string) => splitEvents(Buffer.from(text), 10).map((part) => Buffer.from(part).toString())

test.each<[string, string[]]>([
  ['[]', []],
  [' [ ] ', []],
  ['[{"a":1}]', ['{"a":1}']],
  ['[{"a":"]},{"} , {"b":[1,[2]]}\n]', ['{"a":"]},{"}', '{"b":[1,[2]]}']],
  ['\ufeff[ {"ö":"🦖"},\t{"b":"\\"]"} ]\r\n', ['{"ö":"🦖"}', '{"b":"\\"]"}']],
  ['[1, "a,b", null ,NaN,-Infinity,[],{}]', ['1', '"a,b"', 'null', 'NaN', '-Infinity', '[]', '{}']],
  ['{"a":[1,2]}', ['{"a":[1,2]}']],
  ['not json', ['not json']],
  ['[1', ['[1']],
  ['', ['']],
])('%j has the parts %j', (text, expected) => {
  expect(parts(text)).toEqual(expected)
})

test('a part nested 100,000 deep is a part', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  expect(parts(`[${deep},1]`)).toEqual([deep, '1'])
})

const exact = (text: string, ...path: string[]) => {
  const payload = {}
  rememberBody(payload, Buffer.from(text))
  return exactNumber(payload, path)
}

test.each<[string, string[], string | undefined]>([
  ['{"id":9007199254740993}', ['id'], '9007199254740993'],
  ['{ "id" : 9007199254740993 }', ['id'], '9007199254740993'],
  ['{"a":{"id":1},"id":-0.10e5,"z":2}', ['id'], '-0.10e5'],
  ['{"a":"\\"id\\":7","id":8}', ['id'], '8'],
  ['{"id":1,"id":2}', ['id'], '2'],
  ['{"\\u0069d":3}', ['id'], '3'],
  ['{"a":{"b":{"id":4,"x":"}"}},"b":1}', ['a', 'b', 'id'], '4'],
  ['{"ö🦖":1,"id":5}', ['id'], '5'],
  ['\ufeff{"id":6}', ['id'], '6'],
  ['{"__proto__":{"id":7},"id":8}', ['__proto__', 'id'], '7'],
  ['{"1":1,"0":2}', ['0'], '2'],
  ['{"a":1}', ['id'], undefined],
])('in %s, %j is written %s', (text, path, written) => {
  expect(exact(text, ...path)).toBe(written)
})

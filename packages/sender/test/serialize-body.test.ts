import { describe, expect, test } from 'vitest'
import { pythonNumber } from '../src/signing/python-number.ts'
import { serializeBody } from '../src/signing/serialize-body.ts'
import { resolveWire, type Wire } from '../src/wire/wire-form.ts'
import { parsedBody, samples, wireOf } from './samples.ts'

const compact: Wire = { provider: 'sematryx', form: 'compact' }
const unicode: Wire = { provider: 'sematryx', form: 'unicode' }
const real: Wire = { provider: 'jaot', form: 'real' }

/** JSON.parse loses what these bodies say, so that no serialiser can write it again. */
const lostInJavaScript = new Map([
  ['sematryx-big-integer', 'evaluations is 2^53 + 1, which JSON.parse rounds to 2^53'],
  ['jaot-documented-run-completed', 'objective_value is 4250.0, which JSON.parse makes 4250'],
  ['jaot-documented-run-completed-bare', 'objective_value is 4250.0, which JSON.parse makes 4250'],
  ['sematryx-completed-diverged', 'a solution has 1.0, which JSON.parse makes 1'],
  ['jaot-real-execution-completed', 'objective_value is 1800.0, which JSON.parse makes 1800'],
])

describe("Python's bodies are reproduced byte for byte", () => {
  test.each(samples.filter(({ name }) => !lostInJavaScript.has(name)))('$name', (sample) => {
    expect(serializeBody(resolveWire(wireOf(sample)), parsedBody(sample))).toBe(sample.body)
  })

  test.each([...lostInJavaScript])('%s differs for one reason only: %s', (name) => {
    const sample = samples.find((candidate) => candidate.name === name)
    expect.assert(sample !== undefined)
    const asJavaScriptHasIt = sample.body
      .replace('9007199254740993', '9007199254740992')
      .replace('4250.0', '4250')
      .replace('1800.0', '1800')
      .replace('[NaN,1.0]', '[NaN,1]')
    expect(serializeBody(resolveWire(wireOf(sample)), parsedBody(sample))).toBe(asJavaScriptHasIt)
  })
})

// What `python3 -c 'import json; print(json.dumps(…))'` prints.
test.each([
  [0.000014, '1.4e-05'],
  [-0.000014, '-1.4e-05'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [0.00009999, '9.999e-05'],
  [1.5e-7, '1.5e-07'],
  [1e-10, '1e-10'],
  [5e-324, '5e-324'],
  [1.5e300, '1.5e+300'],
  [-0, '-0.0'],
  [0, '0'],
  [-0.002, '-0.002'],
  [2.34, '2.34'],
  [4250, '4250'],
  [123456789012345680000, '123456789012345680000'],
  [9007199254740993n, '9007199254740993'],
])('%d is written %s', (number, text) => {
  expect(pythonNumber(number)).toBe(text)
})

test('NaN and the infinities are written as Python writes them', () => {
  const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  expect(serializeBody(compact, { numbers })).toBe('{"numbers":[NaN,Infinity,-Infinity]}')
})

test('non-ASCII text is escaped in lower-case hex, astral characters as surrogate pairs, and DEL too', () => {
  expect(serializeBody(compact, { ß: 'µ≤🚀\u007f\n"' })).toBe(
    '{"\\u00df":"\\u00b5\\u2264\\ud83d\\ude80\\u007f\\n\\""}',
  )
})

test('unicode: non-ASCII text stays as it is', () => {
  expect(serializeBody(unicode, { ß: ['µ≤🚀\u2028'] })).toBe('{"ß": ["µ≤🚀\u2028"]}')
})

test('indented: nested values by two spaces, empty ones on one line, and a trailing newline', () => {
  const text = serializeBody(
    { provider: 'sematryx', form: 'indented' },
    { a: [1, { b: null }], c: [], d: {} },
  )
  expect(text).toBe('{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": [],\n  "d": {}\n}\n')
})

test('real: keys are sorted at every depth, by code point', () => {
  expect(serializeBody(real, { b: { z: true, a: false }, '🚀': 1, '～': 2, '10': 3, '9': 4 })).toBe(
    '{"10":3,"9":4,"b":{"a":false,"z":true},"\\uff5e":2,"\\ud83d\\ude80":1}',
  )
})

test('undefined fields are left out; what JSON cannot hold is an error', () => {
  expect(serializeBody(compact, { a: undefined, b: 1 })).toBe('{"b":1}')
  for (const value of [[undefined], { at: new Date() }, { f: () => 1 }, { m: new Map() }]) {
    expect(() => serializeBody(compact, value)).toThrow(TypeError)
  }
})

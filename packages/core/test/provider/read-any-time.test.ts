import { readAnyTime } from '@hookport/core'
import { expect, test } from 'vitest'

const at = Date.parse('2026-11-20T12:00:00.123Z')

test.each<[unknown]>([
  ['2026-11-20T12:00:00.123Z'],
  ['2026-11-20 12:00:00.123+00:00'],
  [at],
  [String(at)],
  [at / 1000],
  [String(at / 1000)],
  [at * 1000],
  [at * 1_000_000],
])('%j is a time', (value) => {
  expect(readAnyTime(value)?.getTime()).toBe(at)
})

test('Unix seconds are a time', () => {
  expect(readAnyTime(0)?.getTime()).toBe(0)
  expect(readAnyTime(1_795_176_000)?.getTime()).toBe(1_795_176_000_000)
  expect(readAnyTime(-5)?.getTime()).toBe(-5000)
})

test.each<[unknown]>([
  [undefined],
  [null],
  [''],
  ['yesterday'],
  ['2026'],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [Number.NEGATIVE_INFINITY],
  [1e300],
  [true],
  [{}],
  [[at]],
])('%j is none, and no reason to fail', (value) => {
  expect(readAnyTime(value)).toBeUndefined()
})

import { joinIds } from '@hookport/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'

test.each([
  [['trigger.execution.completed', 'trun_1'], 'trigger.execution.completed:trun_1'],
  [['/source', '1'], '/source:1'],
  [['https://a', '1'], 'https%3A//a:1'],
  [['50%', 'a:b'], '50%25:a%3Ab'],
])('%j are %s', (parts, id) => {
  expect(joinIds(...parts)).toBe(id)
})

test('no two lists of texts are one id', () => {
  const part = fc.string({
    unit: fc.constantFrom('a', ':', '%', '3', 'A', '2', '5'),
    minLength: 0,
    maxLength: 4,
  })
  const list = fc.array(part, { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(list, list, (one, other) => {
      expect(joinIds(...one) === joinIds(...other)).toBe(JSON.stringify(one) === JSON.stringify(other))
    }),
    { numRuns: 5_000 },
  )
})

test('what was joined can be taken apart again', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 2 }), (parts) => {
      const apart = joinIds(...parts).split(':')
      expect(apart.map((part) => part.replace(/%(3A|25)/g, decodeURIComponent))).toEqual(parts)
    }),
  )
})

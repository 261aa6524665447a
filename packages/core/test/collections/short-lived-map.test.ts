import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ShortLivedMap } from '../../src/collections/short-lived.ts'

test('entries come and go as in a map, in the order in which they came', () => {
  const step = fc.record({ key: fc.nat(20), value: fc.option(fc.nat(), { nil: undefined }) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 500, maxLength: 2000 }), (steps) => {
      const map = new ShortLivedMap<number, number>()
      const model = new Map<number, number>()
      for (const { key, value } of steps) {
        expect(map.get(key)).toBe(model.get(key))
        if (value === undefined) {
          map.delete(key)
          model.delete(key)
        } else {
          map.set(key, value)
          model.set(key, value)
        }
        expect(map.size).toBe(model.size)
      }
      expect([...map.entries()]).toEqual([...model.entries()])
      expect([...map.values()]).toEqual([...model.values()])
    }),
    { numRuns: 20 },
  )
})

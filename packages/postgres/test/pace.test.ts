import { expect, test } from 'vitest'
import { Pace } from '../src/consume/pace.ts'

test('a consumer asks every 20 ms while there is work, and half as often each time that there is none, up to pollMs', () => {
  const pace = new Pace(150)
  const paces = Array.from({ length: 5 }, () => {
    pace.sawNone()
    return pace.ms
  })
  expect(paces).toEqual([40, 80, 150, 150, 150])
  pace.sawWork()
  expect(pace.ms).toBe(20)
})

test('a pollMs below 20 holds for it too', () => {
  const pace = new Pace(5)
  pace.sawWork()
  expect(pace.ms).toBe(5)
})

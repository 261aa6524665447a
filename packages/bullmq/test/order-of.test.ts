import { expect, test } from 'vitest'
import { orderOf } from '../src/layout/order-of.ts'
import { sampleEvent } from './support/sample-event.ts'

const orderKey = 'sematryx:run'
const numbers = [
  Number.MIN_SAFE_INTEGER,
  -1_000,
  -2,
  -1.5,
  -1,
  0,
  0.5,
  1,
  2,
  255,
  256,
  1_795_676_219_000,
  2 ** 53,
]

test('places sort as texts as their times do as numbers, those before 1970 included', () => {
  const places = numbers.map((createdAt) => orderOf(sampleEvent({ orderKey, createdAt })))
  expect(places.toSorted()).toEqual(places)
  expect(new Set(places).size).toBe(numbers.length)
})

test('places of one time sort by their ranks, which are 0 unless told', () => {
  const placeOf = (more: object) => orderOf(sampleEvent({ orderKey, createdAt: 5, ...more }))
  const places = numbers.map((orderRank) => placeOf({ orderRank }))
  expect(places.toSorted()).toEqual(places)
  expect(placeOf({})).toBe(placeOf({ orderRank: 0 }))
  expect(placeOf({ orderRank: -0 })).toBe(placeOf({ orderRank: 0 }))
  expect(placeOf({ createdAt: 6, orderRank: -9 }) > placeOf({ orderRank: 9 })).toBe(true)
})

test('each order key has a name of its own, of one length; an event without one has no place', () => {
  const keys = ['a', 'a:b', 'é', '\ud800', '\ud801', 'x'.repeat(1_000)]
  const names = keys.map((key) => orderOf(sampleEvent({ orderKey: key })).split(':')[0])
  expect(new Set(names).size).toBe(keys.length)
  expect(new Set(names.map((name) => name?.length)).size).toBe(1)
  expect(orderOf(sampleEvent())).toBe('')
})

test('the name of an order key stays what it is: processes of other versions write it too', () => {
  expect(orderOf(sampleEvent({ orderKey, createdAt: 0 }))).toMatch(
    /^00e5b83b3810eaa91d2622e6828955329e03745c:/,
  )
})

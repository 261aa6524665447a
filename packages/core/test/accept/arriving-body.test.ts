import type { Refusal } from '@hookport/core'
import { expect, test } from 'vitest'
import { ArrivingBody } from '../../src/accept/request/arriving-body.ts'

const six = new Uint8Array(6)

function arriving(maxBytesInFlight: number) {
  const refusals: Refusal[] = []
  return { body: new ArrivingBody(maxBytesInFlight, (refusal) => refusals.push(refusal)), refusals }
}

test('a body that comes in one piece is in nobody’s way', () => {
  const { body, refusals } = arriving(5)
  body.add(six, true)
  expect(refusals).toEqual([])
  expect(body.whole()).toEqual(six)
})

test('one that goes on after what was said to be all of it counts with all that has come', () => {
  const { body, refusals } = arriving(11)
  body.add(six, true)
  body.add(six)
  expect(refusals).toMatchObject([{ code: 'unavailable' }])
})

test('one that ends as it was being counted counts its end, too', () => {
  const { body, refusals } = arriving(11)
  body.add(six)
  body.add(six, true)
  expect(refusals).toMatchObject([{ code: 'unavailable' }])
})

test('once exactly maxBytesInFlight are left, no more bodies are refused', () => {
  const [first, second, third] = [arriving(12), arriving(12), arriving(12)]
  for (const { body } of [first, second, third]) body.add(six)
  expect([first, second, third].map(({ refusals }) => refusals.length)).toEqual([1, 0, 0])
  for (const { body } of [second, third]) body.letGo()
})

test('one that was refused has no bytes, and takes no more', () => {
  const { body, refusals } = arriving(5)
  body.add(six)
  body.add(six)
  expect(refusals).toHaveLength(1)
  expect(body.length).toBe(0)
  expect(body.whole()).toEqual(new Uint8Array())
})

test.each<[string, (body: ArrivingBody) => unknown]>([
  ['let go', (body) => body.letGo()],
  ['taken as a whole', (body) => body.whole()],
])('what has come is counted off once it is %s', (_, end) => {
  const all = [arriving(15), arriving(15), arriving(15)]
  for (const { body } of all) {
    body.add(six, true)
    body.add(six)
    end(body)
  }
  expect(all.flatMap(({ refusals }) => refusals)).toEqual([])
})

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

test('what has come is counted off once it is let go', () => {
  for (let time = 0; time < 3; time++) {
    const { body, refusals } = arriving(15)
    body.add(six, true)
    body.add(six)
    body.letGo()
    expect(refusals).toEqual([])
  }
})

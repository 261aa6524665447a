import { InvalidEnvelope, type OrderOptions } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { patienceOfDelivery, placing } from '../../src/handle/order/placing.ts'
import { acme } from '../support/acme.ts'

const patience = patienceOfDelivery({ acceptTimeout: 4_000, clock: manualClock() })

function placed(order: object): unknown {
  const payload = { data: { amount: 5 } }
  return placing(acme(), order as OrderOptions, patience)?.(eventRecord({ type: 'order.unknown' }), payload)
}

test.each([undefined, null])('an event whose key is %s has no order', async (key) => {
  expect(await placed({ by: () => key })).toBeUndefined()
})

test('any other key is its order, with the rank that the application gives, or 0', async () => {
  expect(await placed({ by: () => 'one' })).toEqual({ key: 'one', rank: 0 })
  expect(await placed({ by: () => 'one', rank: () => -3 })).toEqual({ key: 'one', rank: -3 })
})

test.each([
  [{ by: () => '' }, /order\.by returned an empty string; it must be a string/],
  [{ by: () => 5 }, /order\.by returned 5;/],
  [{ by: () => ({ run: 1 }) }, /order\.by returned object;/],
  [{ by: () => 'one', rank: () => Number.NaN }, /order\.rank returned NaN; it must be a finite number/],
  [{ by: () => 'one', rank: () => '7' }, /order\.rank returned string;/],
  [{ by: async () => 'one' }, /order\.by returned a promise; it must return synchronously/],
])('an answer that is no place is told of, and kept with the event: %#', async (order, says) => {
  const place = async () => placed(order)
  await expect(place).rejects.toThrow(InvalidEnvelope)
  await expect(place).rejects.toThrow(says)
})

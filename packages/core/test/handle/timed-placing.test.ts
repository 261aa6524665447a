import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { TimedPlacing } from '../../src/handle/order/placing.ts'

test('what placing waits for counts as time that the delivery has waited', async () => {
  const clock = manualClock(1_000_000)
  await clock.advance(300)
  const placing = new TimedPlacing(async () => undefined, { waitedMs: 5 }, clock)
  expect(placing.delivery).toEqual({ waitedMs: 5 })
  await clock.advance(20)
  expect(placing.delivery).toEqual({ waitedMs: 25 })
})

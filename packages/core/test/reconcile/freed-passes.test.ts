import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test('what a pass has answered is not kept once the next has ended', async () => {
  const clock = manualClock(start)
  const reconcile = new Orders(clock).source()
  const { receiver } = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false })
  const first = new WeakRef(await receiver.reconcile())
  await receiver.reconcile()
  await nextTurn()
  collect()
  expect(first.deref()).toBeUndefined()
})

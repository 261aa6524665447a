import { deferred } from '@hookport/testkit/deferred'
import { expect, test, vi } from 'vitest'
import { UnderWay } from '../../src/accept/take-on/under-way.ts'

test('what is under way has settled once the last of it has, whether it resolved or rejected', async () => {
  const underWay = new UnderWay()
  const settled = vi.fn()
  await underWay.settled()
  const [one, other] = [deferred(), deferred()]
  const results = Promise.allSettled([underWay.add(one.promise), underWay.add(other.promise)])
  const whenSettled = underWay.settled().then(settled)
  one.reject(new Error('failed'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(settled).not.toHaveBeenCalled()
  other.resolve()
  await whenSettled
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})

import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test, vi } from 'vitest'
import { acme, acmeSecret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

/** A receiver, and what was said of each of its timers. */
function timed() {
  const clock = manualClock(start)
  const after = vi.spyOn(clock, 'after')
  const mayEnd = deferred()
  const fetch = () => mayEnd.promise
  const made = acmeReceiver({ clock, consume: false, provider: acme({ secret: acmeSecret, fetch }) })
  const said = () => after.mock.calls.map(([ms, , options]) => ({ ms, ...options }))
  return { ...made, mayEnd, said }
}

test('limits of handlers, fetches and drains keep no process alive', async () => {
  const { receiver, send, clock, mayEnd, said } = timed()
  receiver.onEvent('order.paid', (event) => event.fetch())
  await send()
  const drained = receiver.drain({ maxMs: 7_000 })
  await clock.advance(0)
  expect(said().map(({ ms }) => ms)).toEqual(expect.arrayContaining([7_000, 25_000, 25_000]))
  for (const timer of said()) expect(timer).toMatchObject({ background: true })
  mayEnd.resolve()
  await drained
  expect(clock.pendingTimers, 'and none is left once they have ended').toBe(0)
})

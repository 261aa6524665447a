import { ConfigurationError } from '@hookport/core'
import { expect, test, vi } from 'vitest'
import { acme, acmeSecret } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

/** A receiver whose definition fetches so. */
function fetching(fetch: NonNullable<Parameters<typeof acme>[0]>['fetch']) {
  return acmeReceiver({ provider: acme({ secret: acmeSecret, ...(fetch && { fetch }) }) })
}

test('handlers of one turn share what was fetched of the event, and a retry asks anew', async () => {
  const fetch = vi.fn(async ({ id }: { id: string }) => ({ about: id, asked: fetch.mock.calls.length }))
  const { receiver, send, clock } = fetching(fetch)
  const seen: unknown[] = []
  receiver.onEvent('order.paid', async (event) => void seen.push(await event.fetch()), { name: 'first' })
  const second = async (event: { fetch(): Promise<unknown> }) => {
    seen.push(await event.fetch())
    if (seen.length === 2) throw new Error('once more')
  }
  receiver.onEvent('order.paid', second, { name: 'second' })
  await send()
  await receiver.idle()
  await clock.advance(2_000)
  await receiver.idle()
  const [once, anew] = [1, 2].map((asked) => ({ about: 'evt_1', asked }))
  expect(seen).toEqual([once, once, anew])
})

test('a fetch that failed is asked for anew by the next who asks in the turn', async () => {
  const fetch = vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValue('a run')
  const { receiver, send } = fetching(fetch)
  const seen: unknown[] = []
  receiver.onEvent('order.paid', async (event) => {
    seen.push(await event.fetch().catch((error) => error.message), await event.fetch())
  })
  await send()
  await receiver.idle()
  expect(seen).toEqual(['down', 'a run'])
})

test('a fetch is told when nobody waits for it any more', async () => {
  const told: boolean[] = []
  const fetch = (_: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        told.push(true)
        reject(signal.reason)
      })
    })
  const { receiver, send, clock } = fetching(fetch)
  receiver.onEvent('order.paid', (event) => event.fetch())
  await send()
  await clock.advance(24_999)
  expect(told).toEqual([])
  await clock.advance(1)
  expect(told).toEqual([true])
})

test('a definition without it says so, as a fault of the set-up', async () => {
  const { receiver, send } = fetching(undefined)
  const seen: unknown[] = []
  receiver.onEvent('order.paid', async (event) => {
    seen.push(await event.fetch().catch((error) => error))
  })
  await send()
  await receiver.idle()
  expect(seen).toEqual([expect.any(ConfigurationError)])
  expect(String(seen[0])).toMatch(/definition of acme .* give it a function fetch/)
})

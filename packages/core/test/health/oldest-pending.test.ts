import { memoryInbox } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

/** A receiver with an event that waits, in a store of which so many pages before it are empty, and take `pageMs` each. */
function behindPages(emptyPages: number, pageMs: number) {
  const clock = manualClock()
  const memory = memoryInbox({ clock })
  let pages = 0
  const inbox = inboxInFront(memory, {
    async list(filter) {
      if (filter?.state !== 'pending') return memory.list(filter)
      await new Promise<void>((resolve) => clock.after(pageMs, resolve))
      return ++pages > emptyPages ? memory.list({ state: 'pending' }) : { items: [], cursor: String(pages) }
    },
  })
  return { ...acmeReceiver({ inbox, clock, consume: false }), pages: () => pages }
}

test('an event that waits is found behind a hundred pages with nothing, as in a store that keeps millions', async () => {
  const { receiver, send, clock } = behindPages(100, 1)
  await send()
  await clock.advance(60_000)
  const health = receiver.health()
  await clock.advance(101)
  expect(await health).toMatchObject({ oldestPendingAge: 60_101 })
})

test('it is looked for over a quarter of the timeout, so that a store that answers is not called unreachable', async () => {
  const { receiver, send, clock, pages } = behindPages(Number.POSITIVE_INFINITY, 100)
  await send()
  const health = receiver.health({ timeout: 2_000 })
  await clock.advance(500)
  expect(await health).toMatchObject({ status: 'ok', oldestPendingAge: 0 })
  expect(pages()).toBe(5)
})

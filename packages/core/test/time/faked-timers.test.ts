import { type Inbox, memoryInbox } from '@hookport/core'
import { Batch, GroupCommit } from '@hookport/core/inbox-kit'
import { nodeWebhooks } from '@hookport/core/node'
import { manualClock } from '@hookport/core/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { completeClock } from '../../src/time/system-clock.ts'
import { head } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'
import { listen, openSocket, readResponse } from '../support/raw-socket.ts'

/** As applications' own tests do. */
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a timer that a test faked and left behind does not keep later ones from being up', async () => {
  completeClock().after(10, () => {})
  vi.useRealTimers()
  await new Promise<void>((resolve) => completeClock().after(5, resolve))
})

test('what shares a round trip or a transaction is sent though a test has faked the timers', async () => {
  const batch = new Batch(async (items: readonly number[]) => items.map((item) => 2 * item))
  expect(await batch.add(1)).toBe(2)
  const group = new GroupCommit({
    begin: () => true,
    commit: () => {},
    rollBack: () => {},
    confirm: () => {},
  })
  expect(await group.run(() => 'written')).toBe('written')
})

test('a manual clock moves though a test has faked the timers', async () => {
  const clock = manualClock()
  const up = vi.fn()
  clock.after(10, up)
  await clock.advance(10)
  expect(up).toHaveBeenCalledOnce()
})

test('a server answers a delivery whose body it has not read though a test has faked the timers', async () => {
  const port = await listen(nodeWebhooks(acmeReceiver().receiver))
  const socket = await openSocket(port)
  socket.write(head('Content-Length: 10'))
  expect((await readResponse(socket)).status).toBe(401)
})

test('handling begins though a test has faked the timers', async () => {
  const inbox = memoryInbox()
  const begun = new Promise<void>((resolve) => {
    const { consume } = inbox
    inbox.consume = (...given: Parameters<Inbox['consume']>) => {
      resolve()
      return consume.apply(inbox, given)
    }
  })
  acmeReceiver({ inbox }).receiver.onEvent('order.paid', () => {})
  await begun
})

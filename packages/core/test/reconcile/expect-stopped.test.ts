import { memoryInbox } from '@hookport/core'
import { inboxInFront, type ManualClock, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders } from '../support/listing.ts'

const minute = 60_000

/** A receiver on an inbox that others use too: it stays open when this receiver is stopped. */
function expecting(options: Parameters<typeof acmeReceiver>[0] = {}) {
  const clock = (options.clock as ManualClock | undefined) ?? manualClock(start)
  const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
  const receiving = acmeReceiver({ clock, inbox, provider: acmeOrders(), ...options })
  receiving.receiver.onEvent('order.paid', () => {})
  return receiving
}

test('once a receiver was stopped, a handler for what is overdue that is registered late is told nothing', async () => {
  const { receiver, clock } = expecting()
  receiver.start()
  await receiver.expect('ord_1', { within: minute })
  await receiver.stop()
  const told = vi.fn()
  receiver.onOverdue(told)
  await clock.advance(2 * minute)
  expect(told).not.toHaveBeenCalled()
})

test('stop waits for what is told within a drain, and the drain begins nothing more', async () => {
  const { receiver, clock, send, observed } = expecting({ consume: false })
  const mayEnd = deferred()
  const told = vi.fn(() => mayEnd.promise)
  receiver.onOverdue(told)
  await receiver.expect('ord_1', { within: minute })
  await send()
  await clock.advance(minute)
  const drained = receiver.drain({ maxMs: 10 * minute })
  await clock.advance(0)
  expect(told).toHaveBeenCalledOnce()
  const settled = vi.fn()
  const stopped = receiver.stop().then(settled)
  await clock.advance(0)
  expect(settled).not.toHaveBeenCalled()
  mayEnd.resolve()
  await stopped
  expect(await drained).toMatchObject({ handled: 0, more: true })
  expect(observed.handled).toEqual([])
})

test('a drain whose time is used tells of nothing more that is overdue: the next one does', async () => {
  const { receiver, clock } = expecting({ consume: false, concurrency: 1 })
  const mayEnd = deferred()
  const told = vi.fn(() => mayEnd.promise)
  receiver.onOverdue(told)
  for (const subject of ['ord_1', 'ord_2']) await receiver.expect(subject, { within: minute })
  await receiver.drain()
  await clock.advance(minute)
  const drained = receiver.drain({ maxMs: 1_000 })
  await clock.advance(1_000)
  mayEnd.resolve()
  await drained
  expect(told).toHaveBeenCalledTimes(1)
  await receiver.drain()
  expect(told).toHaveBeenCalledTimes(2)
})

test('what another process has taken over is told of and counted by that one alone', async () => {
  const lost = new AbortController()
  const clock = manualClock(start)
  const inbox = memoryInbox({ clock })
  const { receiver, send, observed, log } = expecting({
    clock,
    inbox: inboxInFront(inbox, {
      close: async () => {},
      consume: (work, options) =>
        inbox.consume((attempt) => work({ ...attempt, signal: lost.signal as never }), options),
    }),
  })
  const told = deferred()
  receiver.onOverdue(() => {
    told.resolve()
    return new Promise(() => {})
  })
  await receiver.expect('ord_1', { within: minute })
  await receiver.expect('ord_2', { within: minute / 2 })
  await clock.advance(minute / 2)
  await told.promise
  lost.abort()
  await send({ id: 'evt_1', order: 'ord_1' })
  await clock.advance(minute)
  expect(observed.fulfilled).toEqual([])
  expect(observed.overdue).toEqual([])
  expect(await receiver.expectations()).toMatchObject({ fulfilled: 0, overdue: 0 })
  expect(log.lines.map(({ message }) => message)).not.toContainEqual(expect.stringMatching(/is overdue/))
})

test('a drain tells of nothing that is overdue while another process has paused the receiver: the first after that does', async () => {
  const clock = manualClock(start)
  const memory = memoryInbox({ clock })
  const inFront = () => inboxInFront(memory, { store: crypto.randomUUID(), close: async () => {} })
  const operator = acmeReceiver({ clock, inbox: inFront(), consume: false })
  await operator.receiver.pause({ reason: 'the pager is being repaired' })
  const { receiver } = expecting({ clock, inbox: inFront(), consume: false })
  const told = vi.fn()
  receiver.onOverdue(told)
  await receiver.expect('ord_1', { within: minute })
  await clock.advance(minute)
  await receiver.drain()
  expect(told).not.toHaveBeenCalled()
  await operator.receiver.resume()
  await clock.advance(minute)
  await receiver.drain()
  expect(told).toHaveBeenCalledOnce()
})

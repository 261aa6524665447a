import { AsyncLocalStorage } from 'node:async_hooks'
import { type Inbox, memoryInbox } from '@hookport/core'
import { inboxInFront, type ManualClock, manualClock } from '@hookport/core/testing'
import { EventTable } from '@hookport/testkit/inbox/event-table'
import { expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'
import { tableInbox } from '../support/table-inbox.ts'

const request = new AsyncLocalStorage<string>()

/** Of 20 deliveries, ten at once, each in the context of its request: what handlers, observers and the log find there. */
async function contextsSeen(options: Parameters<typeof acmeReceiver>[0]): Promise<Set<string | undefined>> {
  const seen: [string, string | undefined][] = []
  const { receiver, send, clock } = acmeReceiver({
    concurrency: 2,
    observers: { handled: ({ id }) => void seen.push([id, request.getStore()]) },
    ...options,
  })
  receiver.onEvent('order.paid', async ({ id }, { attempt }) => {
    seen.push([id, request.getStore()])
    await new Promise((resolve) => setImmediate(resolve))
    seen.push([id, request.getStore()])
    if (attempt === 1 && Number(id.slice(4)) % 3 === 0) throw new Error('again')
  })
  const ids = Array.from({ length: 20 }, (_, at) => `evt_${at}`)
  for (const wave of [ids.slice(0, 10), ids.slice(10)]) {
    await Promise.all(wave.map((id) => request.run(id, () => send({ id }))))
    await receiver.idle() // the next wave wakes a consumer that rests
  }
  await clock.advance(60_000)
  await receiver.idle()
  expect(new Set(seen.map(([id]) => id))).toEqual(new Set(ids))
  return new Set(seen.map(([id, found]) => (found === id ? 'its own' : found)))
}

const kinds: [string, (clock: ManualClock) => Inbox][] = [
  ['the memory inbox', (clock) => memoryInbox({ clock })],
  ['an inbox on the kit', (clock) => tableInbox(new EventTable(clock), clock)],
]

test.each(kinds)(
  'a handler sees nothing of a request, its own or another’s: whoever put the event, and whenever it runs (%s)',
  async (_, inboxOf) => {
    const clock = manualClock(start)
    expect(await contextsSeen({ clock, inbox: inboxOf(clock) })).toEqual(new Set([undefined]))
  },
)

test('a receiver that is made within a request does not keep its context', async () => {
  const seen = await request.run('the first request', () => contextsSeen({ inbox: memoryInbox() }))
  expect(seen).toEqual(new Set([undefined]))
})

test('who is told of what is overdue sees nothing of the request within which the receiver was made', async () => {
  const { receiver, clock } = acmeReceiver({ provider: acmeOrders() })
  const seen: (string | undefined)[] = []
  request.run('the first request', () => receiver.onOverdue(() => void seen.push(request.getStore())))
  await receiver.expect('ord_1', { within: 1_000 })
  await clock.advance(1_000)
  expect(seen).toEqual([undefined])
})

test.each(kinds)(
  'who is told of what was parked, and what was dropped, sees nothing of a request (%s)',
  async (_, inboxOf) => {
    const clock = manualClock(start)
    const seen: (string | undefined)[] = []
    const see = () => void seen.push(request.getStore())
    const observers = { parked: see, unhandled: see }
    const { receiver, send } = acmeReceiver({
      clock,
      inbox: inboxOf(clock),
      observers,
      keepParkedFor: 60_000,
    })
    receiver.onEvent('order.cancelled', () => {}).start()
    await receiver.idle()
    for (const id of ['evt_1', 'evt_2']) await request.run(id, () => send({ id }))
    await receiver.idle()
    await clock.advance(120_000)
    await request.run('evt_3', () => send({ id: 'evt_3' }))
    await clock.advance(120_000)
    await receiver.idle()
    expect(seen.length).toBeGreaterThan(3)
    expect(new Set(seen)).toEqual(new Set([undefined]))
  },
)

test('a store is asked outside of requests, whether one has woken the consumer or its timer', async () => {
  const clock = manualClock(start)
  const table = new EventTable(clock)
  const seen: (string | undefined)[] = []
  const { take } = table
  table.take = (...given) => {
    seen.push(request.getStore())
    return take.apply(table, given)
  }
  const { receiver, send } = acmeReceiver({ clock, inbox: tableInbox(table, clock) })
  receiver.onEvent('order.paid', () => {}).start()
  await receiver.idle()
  for (const id of ['evt_1', 'evt_2']) await request.run(id, () => send({ id }))
  await clock.advance(10_000)
  expect(seen.length).toBeGreaterThan(10)
  expect(new Set(seen)).toEqual(new Set([undefined]))
})

test('what an inbox in front sets for a turn is there for its handlers', async () => {
  const inbox = memoryInbox()
  const turn = new AsyncLocalStorage<string>()
  const front = inboxInFront(inbox, {
    consume: (work, options) =>
      inbox.consume((attempt) => turn.run(attempt.event.id, () => work(attempt)), options),
  })
  const { receiver, send } = acmeReceiver({ inbox: front })
  const seen: unknown[] = []
  receiver.onEvent('order.paid', ({ id }) => void seen.push([id, turn.getStore(), request.getStore()]))
  await request.run('a request', () => send({ id: 'evt_1' }))
  await receiver.idle()
  expect(seen).toEqual([['evt_1', 'evt_1', undefined]])
})

test('what reconciles by itself is no part of the request with which handling began', async () => {
  const clock = { now: () => start }
  const orders = new Orders(clock)
  const seen = new Promise<string | undefined>((resolve) => {
    orders.beforePage = () => resolve(request.getStore())
  })
  const reconcile = orders.source({ every: 20 })
  const { receiver, send } = acmeReceiver({ clock, provider: acmeOrders(), reconcile })
  receiver.onEvent('order.paid', () => {})
  await request.run('the first request', () => send())
  expect(await seen).toBeUndefined()
})

test('what a receiver does by its timers is no part of a request that came in the turn in which they were set', async () => {
  const clock = { now: Date.now }
  const orders = new Orders(clock)
  const seen: (string | undefined)[] = []
  orders.beforePage = () => void seen.push(request.getStore())
  const behind = memoryInbox({ clock })
  const inbox = inboxInFront(behind, {
    async put(...event) {
      await new Promise((resolve) => setImmediate(resolve)) // a store that answers in another turn: acceptTimeout has a timer
      return behind.put(...event)
    },
  })
  const reconcile = orders.source({ every: 10 })
  const { receiver, send } = acmeReceiver({ clock, inbox, provider: acmeOrders(), reconcile })
  receiver.onEvent('order.paid', () => {}).start()
  for (let id = 0; seen.length < 10; id++) await request.run(`request ${id}`, () => send({ id: `evt_${id}` }))
  await receiver.stop()
  expect(seen.filter((found) => found !== undefined)).toEqual([])
})

test('after-handlers: a handler sees its own request, as it runs within it', async () => {
  const { receiver, send } = acmeReceiver({ acknowledge: 'after-handlers' })
  const seen: unknown[] = []
  receiver.onEvent('order.paid', ({ id }) => void seen.push([id, request.getStore()]))
  await Promise.all(['evt_1', 'evt_2'].map((id) => request.run(id, () => send({ id }))))
  expect(seen).toEqual([
    ['evt_1', 'evt_1'],
    ['evt_2', 'evt_2'],
  ])
})

test('a drain is part of the request that asks for it', async () => {
  const { receiver, send } = acmeReceiver({ consume: false })
  const seen: unknown[] = []
  receiver.onEvent('order.paid', () => void seen.push(request.getStore()))
  for (const id of ['evt_1', 'evt_2']) await request.run(id, () => send({ id }))
  await request.run('cron', () => receiver.drain())
  expect(seen).toEqual(['cron', 'cron'])
})

import { type ListedThing, memoryInbox, type OverdueThing, type ReceiverOptions } from '@hookport/core'
import { inboxInFront, type ManualClock, manualClock } from '@hookport/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { ExpectationTotals } from '../../src/expect/expectation-totals.ts'
import { memoryNotes } from '../../src/memory/memory-notes.ts'
import { acme } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

const minute = 60_000

/** A receiver that expects orders to be paid, with the provider to ask, or without. */
function expecting({ asks = true, ...options }: Partial<ReceiverOptions<never>> & { asks?: boolean } = {}) {
  const clock = (options.clock as ManualClock | undefined) ?? manualClock(start)
  const orders = new Orders(clock)
  const every = 30 * 24 * 60 * minute // passes of the schedule don't matter in here
  const more = asks ? { reconcile: orders.source({ every, lists: () => ['one', 'other'] }) } : {}
  const receiving = acmeReceiver({ clock, provider: acmeOrders(), ...more, ...(options as object) })
  const handled: string[] = []
  const told: OverdueThing[] = []
  receiving.receiver.onEvent('order.paid', ({ id }) => void handled.push(id))
  if (options.consume !== false) receiving.receiver.start()
  return { orders, handled, told, ...receiving, onOverdue: (thing: OverdueThing) => void told.push(thing) }
}

describe('what is expected', () => {
  test('and has come before is fulfilled at once', async () => {
    const { receiver, send, observed } = expecting()
    await send({ id: 'evt_1', order: 'ord_1' })
    expect(await receiver.expect('ord_1', { within: minute })).toBe('fulfilled')
    expect(observed.fulfilled).toEqual([
      { provider: 'acme', source: 'acme', tenant: undefined, subject: 'ord_1' },
    ])
    expect(await receiver.expectations()).toEqual({
      ...{ waiting: 0, failed: 0, fulfilled: 1, overdue: 0, countedSince: new Date(start), items: [] },
    })
  })

  test('and comes in its time is told of to nobody', async () => {
    const { receiver, send, observed, told, onOverdue, clock } = expecting()
    receiver.onOverdue(onOverdue)
    expect(await receiver.expect('ord_1', { within: minute })).toBe('waiting')
    await clock.advance(minute / 2)
    await send({ id: 'evt_1', order: 'ord_1' })
    await clock.advance(minute)
    expect(told).toEqual([])
    expect(observed.fulfilled).toMatchObject([{ subject: 'ord_1' }])
    expect(await receiver.expectations()).toMatchObject({ waiting: 0 })
  })

  test('where no handler is told of what is overdue is warned of, once', async () => {
    const { receiver, log, onOverdue } = expecting()
    await receiver.expect('ord_1', { within: minute })
    await receiver.expect('ord_2', { within: minute })
    expect(log.at('warn')).toMatchObject([
      {
        details: { provider: 'acme' },
        message: expect.stringContaining('no onOverdue handler is registered'),
      },
    ])
    const told = expecting()
    told.receiver.onOverdue(onOverdue)
    const another = expecting({ consume: false }) // a worker has the handlers
    for (const { receiver } of [told, another]) await receiver.expect('ord_1', { within: minute })
    expect([told, another].map(({ log }) => log.at('warn'))).toEqual([[], []])
  })

  test('and is not heard of is told once, with what the provider told of it last', async () => {
    const { receiver, orders, observed, told, onOverdue, clock } = expecting()
    receiver.onOverdue(onOverdue)
    orders.open('ord_1')
    await receiver.expect('ord_1', { within: minute })
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute - 1)
    expect(told).toEqual([])
    expect(await receiver.expectations()).toMatchObject({
      waiting: 1,
      items: [
        { subject: 'ord_1', dueAt: new Date(start + minute), expectedAt: new Date(start), state: 'waiting' },
      ],
    })
    await clock.advance(1)
    expect(told).toMatchObject([
      {
        subject: 'ord_1',
        dueAt: new Date(start + minute),
        lastSeen: { status: 'open', answer: { id: 'ord_1' } },
      },
    ])
    await clock.advance(60 * minute)
    expect(told).toHaveLength(1)
    expect(observed.overdue).toMatchObject([{ subject: 'ord_1', status: 'open' }])
    expect(await receiver.expectations()).toMatchObject({ waiting: 0, failed: 0 })
  })

  test('and has ended without a webhook is taken on when its time is over, and nobody is told', async () => {
    const { receiver, orders, observed, handled, told, onOverdue, clock } = expecting()
    receiver.onOverdue(onOverdue)
    const order = orders.open('ord_1')
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute / 2)
    orders.end(order)
    await clock.advance(minute / 2)
    await receiver.idle()
    expect(handled).toEqual(['listed_ord_1'])
    expect(told).toEqual([])
    expect(observed.fulfilled).toMatchObject([{ subject: 'ord_1' }])
  })

  test('and has ended, and is being handled before it is acknowledged, is told of to nobody: it is looked at again', async () => {
    const clock = manualClock(start)
    const kept = memoryInbox({ clock })
    let isBusy = true
    const inbox = inboxInFront(kept, {
      put: (event, options) =>
        isBusy && event.origin === 'reconciled'
          ? { outcome: 'in_progress', retryAfterMs: 1_000 }
          : kept.put(event, options),
    })
    const { receiver, orders, observed, told, onOverdue } = expecting({ clock, inbox })
    receiver.onOverdue(onOverdue)
    await receiver.expect('ord_1', { within: minute })
    orders.paid('ord_1')
    await clock.advance(minute)
    await clock.advance(4_999)
    expect([told, observed.fulfilled]).toEqual([[], []])
    isBusy = false
    await clock.advance(1)
    await receiver.idle()
    expect(told).toEqual([])
    expect(observed.fulfilled).toMatchObject([{ subject: 'ord_1' }])
  })

  test('and comes while the provider is asked is told of to nobody', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    let arrive = async () => {}
    const lists = async () => {
      if (clock.now() >= start + minute) await arrive()
      return ['one', 'other']
    }
    const reconcile = orders.source({ every: 30 * 24 * 60 * minute, lists })
    const { receiver, send, observed, told, onOverdue } = expecting({ clock, reconcile })
    receiver.onOverdue(onOverdue)
    orders.open('ord_1') // as the provider still answers
    arrive = async () => void (await send({ id: 'evt_1', order: 'ord_1' }))
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute)
    await receiver.idle()
    expect(told).toEqual([])
    expect(observed.fulfilled).toMatchObject([{ subject: 'ord_1' }])
  })

  test('and that the provider does not know is told of, too', async () => {
    const { receiver, told, onOverdue, clock } = expecting()
    receiver.onOverdue(onOverdue)
    await receiver.expect('ord_nobody', { within: minute })
    await clock.advance(minute)
    expect(told).toMatchObject([{ subject: 'ord_nobody', lastSeen: undefined, askingFailed: undefined }])
  })

  test('needs no source: nobody is asked then', async () => {
    const { receiver, told, onOverdue, clock } = expecting({ asks: false })
    receiver.onOverdue(onOverdue)
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute)
    expect(told).toMatchObject([{ subject: 'ord_1', lastSeen: undefined }])
  })

  test('is its tenant’s: the end of another’s is no end of it', async () => {
    const { receiver, send, told, onOverdue, clock } = expecting({ asks: false })
    receiver.onOverdue(onOverdue)
    await send({ id: 'evt_1', order: 'ord_1' })
    expect(await receiver.expect('ord_1', { within: minute, tenant: 'shop' })).toBe('waiting')
    await clock.advance(minute)
    expect(told).toMatchObject([{ subject: 'ord_1', tenant: 'shop' }])
  })

  test('is its tenant’s where the provider is asked, too: another’s thing of that id is none of it', async () => {
    const { receiver, orders, told, onOverdue, clock } = expecting()
    receiver.onOverdue(onOverdue)
    orders.paid('ord_1')
    await receiver.expect('ord_1', { within: minute, tenant: 'shop' })
    await clock.advance(minute)
    expect(told).toMatchObject([{ subject: 'ord_1', tenant: 'shop', lastSeen: undefined }])
  })
})

test('an answer about another thing than was asked for fulfils nothing: after five minutes those who wait are told', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const plain = orders.source()
  const reconcile = orders.source({
    every: 30 * 24 * 60 * minute,
    readPage: async () => ({ items: [], count: 0, isLast: true }), // passes find nothing
    find: async (list, _, asking) => plain.find(list, 'ord_other', asking),
  })
  const { receiver, told, onOverdue, handled } = expecting({ asks: false, clock, reconcile })
  receiver.onOverdue(onOverdue)
  await receiver.expect('ord_1', { within: minute })
  orders.paid('ord_other')
  for (let waited = 0; waited < 7; waited++) await clock.advance(minute)
  expect(handled).toEqual([])
  expect(told).toMatchObject([{ subject: 'ord_1', askingFailed: expect.stringContaining('ord_other') }])
})

describe('where the provider has several lists, the end of what was expected', () => {
  /** The list `other` has the orders. What `one` answers is given. */
  function inTheOther(inOne: Partial<ListedThing> | undefined) {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const found = orders.source()
    const asked: string[] = []
    const reconcile = orders.source({
      every: 30 * 24 * 60 * minute,
      lists: () => ['one', 'other'],
      readPage: async () => ({ items: [], count: 0, isLast: true }), // passes find nothing
      async find(list, subject, asking) {
        asked.push(list)
        const thing = await found.find('', subject, asking)
        if (list === 'other' || thing === undefined) return thing
        return inOne && { ...thing, hasEnded: false, ...inOne }
      },
    })
    const { receiver, told, onOverdue, handled } = expecting({ asks: false, clock, reconcile })
    receiver.onOverdue(onOverdue)
    return { receiver, clock, orders, asked, told, handled }
  }

  test.for([
    ['that is in another list', undefined],
    ['though another list has the same id of another tenant', { tenant: 'shop' }],
    ['though another list has it for another receiver', { isOther: true }],
  ] as const)('is found %s', async ([, inOne]) => {
    const { receiver, clock, orders, asked, told, handled } = inTheOther(inOne)
    await receiver.expect('ord_1', { within: minute })
    orders.paid('ord_1')
    await clock.advance(minute)
    await receiver.idle()
    expect({ asked, told, handled }).toEqual({
      asked: ['one', 'other'],
      told: [],
      handled: ['listed_ord_1'],
    })
  })

  test('is looked for in no other list, where the first one has it', async () => {
    const { receiver, clock, orders, asked, told } = inTheOther({})
    await receiver.expect('ord_1', { within: minute })
    orders.paid('ord_1')
    await clock.advance(minute)
    expect({ asked, told }).toMatchObject({ asked: ['one'], told: [{ lastSeen: { status: 'paid' } }] })
  })

  test('is looked for in the list that was named alone', async () => {
    const { receiver, clock, orders, asked, told } = inTheOther({})
    await receiver.expect('ord_1', { within: minute, list: 'other' })
    orders.paid('ord_1')
    await clock.advance(minute)
    expect({ asked, told }).toEqual({ asked: ['other'], told: [] })
  })
})

describe('what has become of what was expected', () => {
  test('is counted for all processes that share the inbox, and for those that come later', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const front = () => inboxInFront(inbox, { close: async () => {} })
    const first = expecting({ asks: false, clock, inbox: front() })
    expect(await first.receiver.expectations()).toMatchObject({
      fulfilled: 0,
      overdue: 0,
      countedSince: undefined,
    })
    first.receiver.onOverdue(first.onOverdue, { name: 'page' })
    for (const order of ['ord_1', 'ord_2', 'ord_3', 'ord_4', 'ord_5'])
      await first.receiver.expect(order, { within: minute })
    for (const order of ['ord_1', 'ord_2']) await first.send({ id: `evt_${order}`, order })
    await clock.advance(2 * minute)
    await first.receiver.stop()
    const later = expecting({ asks: false, clock, inbox: front() })
    expect(await later.receiver.expect('ord_1', { within: minute })).toBe('fulfilled')
    expect(await later.receiver.expectations()).toMatchObject({
      ...{ waiting: 0, fulfilled: 3, overdue: 3, countedSince: new Date(start), items: [] },
    })
  })

  test('is listed for as long as what was handled is kept', async () => {
    const { receiver, send, told, onOverdue, clock } = expecting({ asks: false, keepHandledFor: 60 * minute })
    receiver.onOverdue(onOverdue)
    for (const order of ['ord_1', 'ord_2']) await receiver.expect(order, { within: minute })
    await send({ id: 'evt_1', order: 'ord_1' })
    await clock.advance(2 * minute)
    await receiver.expect('ord_3', { within: minute })
    const { items, ...counts } = await receiver.expectations()
    expect(counts).toMatchObject({ waiting: 1, failed: 0, fulfilled: 1, overdue: 1 })
    expect(items.map(({ subject, state }) => `${subject} ${state}`).sort()).toEqual([
      ...['ord_1 fulfilled', 'ord_2 overdue', 'ord_3 waiting'],
    ])
    expect(await receiver.expect('ord_2', { within: minute })).toBe('waiting') // though it is listed as told of
    await clock.advance(2 * minute)
    expect(told.map(({ subject }) => subject)).toEqual(['ord_2', 'ord_3', 'ord_2'])
    await clock.advance(60 * minute)
    expect(await receiver.expectations()).toMatchObject({ fulfilled: 1, overdue: 3, items: [] })
  })

  test('is fulfilled where it ended after some of its handlers were told, and before the others', async () => {
    const { receiver, send, clock } = expecting({ asks: false, keepHandledFor: 60 * minute })
    receiver.onOverdue(() => {}, { name: 'page' })
    receiver.onOverdue(
      () => {
        throw new Error('the chat is down')
      },
      { name: 'chat' },
    )
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute)
    await send({ id: 'evt_1', order: 'ord_1' })
    await clock.advance(10 * minute)
    expect(await receiver.expectations()).toMatchObject({
      ...{ fulfilled: 1, overdue: 0, items: [{ subject: 'ord_1', state: 'fulfilled' }] },
    })
  })

  test('is counted though others count at the same moment, and with the next one where the inbox failed', async () => {
    const notes = memoryNotes(() => 0)
    let failing = false
    const read: typeof notes.read = async (name) => {
      if (failing) throw new Error('the store is away')
      return notes.read(name)
    }
    const counting = () => new ExpectationTotals({ ...notes, read }, 'acme', { now: () => start })
    const some = [counting(), counting(), counting()]
    await Promise.all(Array.from({ length: 30 }, (_, index) => some[index % 3]?.add('fulfilled')))
    expect(await some[0]?.read()).toEqual({ fulfilled: 30, overdue: 0, since: start })
    failing = true
    await some[0]?.add('overdue')
    failing = false
    await some[0]?.add('overdue')
    expect(await some[1]?.read()).toMatchObject({ fulfilled: 30, overdue: 2 })
  })

  test('is counted with the next one, too, where more came while the inbox failed', async () => {
    const notes = memoryNotes(() => 0)
    const failures: (() => void)[] = []
    let isFailing = true
    const read: typeof notes.read = (name) =>
      isFailing
        ? new Promise((_, reject) => failures.push(() => reject(new Error('failing over'))))
        : notes.read(name)
    const totals = new ExpectationTotals({ ...notes, read }, 'acme', { now: () => start })
    const adding = [totals.add('fulfilled'), totals.add('overdue'), totals.add('overdue')]
    await expect.poll(() => failures.length).toBe(1)
    isFailing = false
    failures[0]?.()
    await Promise.all(adding)
    await totals.add('fulfilled')
    expect(await totals.read()).toMatchObject({ fulfilled: 2, overdue: 2 })
  })

  test('is counted at once, at whatever moment it comes while another is written', async () => {
    for (let steps = 0; steps < 12; steps++) {
      const notes = memoryNotes(() => 0)
      const totals = new ExpectationTotals(notes, 'acme', { now: () => 0 })
      const first = totals.add('fulfilled')
      for (let step = 0; step < steps; step++) await undefined
      await Promise.all([first, totals.add('fulfilled')])
      expect(await totals.read(), `after ${steps} steps`).toMatchObject({ fulfilled: 2 })
    }
  })
})

describe('what is expected again', () => {
  test('while it waits is one expectation, with its first time', async () => {
    const { receiver, told, onOverdue, clock } = expecting({ asks: false })
    receiver.onOverdue(onOverdue)
    await receiver.expect('ord_1', { within: minute })
    await receiver.expect('ord_1', { within: 5 * minute })
    await clock.advance(10 * minute)
    expect(told).toMatchObject([{ dueAt: new Date(start + minute) }])
  })

  test('by who was told of it is waited for anew, and told of again', async () => {
    const { receiver, told, onOverdue, clock } = expecting({ asks: false })
    receiver.onOverdue(async (thing) => {
      onOverdue(thing)
      if (told.length < 3) await receiver.expect('ord_1', { within: minute })
    })
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(10 * minute)
    expect(told.map(({ dueAt }) => Number(dueAt) - start)).toEqual([minute, 2 * minute, 3 * minute])
    expect(await receiver.expect('ord_1', { within: minute })).toBe('waiting')
    expect(await receiver.expectations()).toMatchObject({ waiting: 1, items: [{ subject: 'ord_1' }] })
  })

  test('after its handlers have failed for good is waited for anew, beside the dead letter', async () => {
    const { receiver, clock } = expecting({ asks: false, retry: { attempts: 1 } })
    receiver.onOverdue(() => {
      throw new Error('the pager is down')
    })
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(2 * minute)
    await receiver.expect('ord_1', { within: minute })
    expect(await receiver.expectations()).toMatchObject({ waiting: 1, failed: 1 })
  })
})

describe('a provider that does not answer when it is asked', () => {
  test('as it wants to be left alone for an hour, holds up those that are to be told for five minutes', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const find = async () => {
      throw Object.assign(new Error('429'), { retryAfterMs: 60 * minute })
    }
    const { receiver } = acmeReceiver({
      clock,
      provider: acmeOrders(),
      reconcile: orders.source({ every: 1e10, find }),
    })
    const told: OverdueThing[] = []
    receiver.onEvent('order.paid', () => {})
    receiver.onOverdue((thing) => void told.push(thing)).start()
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute + 4 * minute)
    expect(told).toEqual([])
    await clock.advance(2 * minute)
    expect(told).toMatchObject([{ askingFailed: expect.stringMatching(/has not answered within/) }])
  })

  test('holds up no drain beyond half of its time', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const find = () => new Promise<never>(() => {})
    const { receiver, send } = acmeReceiver({
      clock,
      consume: false,
      provider: acmeOrders(),
      reconcile: orders.source({ every: 1e10, find }),
    })
    const handled: string[] = []
    receiver.onEvent('order.paid', ({ id }) => void handled.push(id))
    receiver.onOverdue(() => {})
    await receiver.expect('ord_1', { within: minute })
    await receiver.drain()
    await clock.advance(minute)
    await send({ id: 'evt_other', order: 'ord_2' })
    const drain = receiver.drain({ maxMs: 10_000 })
    await clock.advance(5_000)
    expect(handled).toEqual(['evt_other'])
    expect(await drain).toMatchObject({ handled: 1 })
  })

  test('at once has its time to do so, also where no process has looked before long after the time of what is expected', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const { find } = orders.source()
    const { receiver } = acmeReceiver({
      clock,
      provider: acmeOrders(),
      reconcile: orders.source({
        every: 1e10,
        readPage: async () => ({ items: [], count: 0, isLast: true }), // a pass finds nothing
        async find(...question) {
          await new Promise<void>((resolve) => void clock.after(10_000, resolve))
          return find(...question)
        },
      }),
    })
    const told: OverdueThing[] = []
    receiver.onEvent('order.paid', () => {})
    orders.open('ord_open')
    for (const subject of ['ord_open', 'ord_paid']) await receiver.expect(subject, { within: minute })
    await clock.advance(60 * minute)
    orders.paid('ord_paid')
    receiver.onOverdue((thing) => void told.push(thing)).start()
    await clock.advance(minute)
    expect(told).toMatchObject([
      { subject: 'ord_open', lastSeen: { status: 'open' }, askingFailed: undefined },
    ])
    expect(await receiver.expectations()).toMatchObject({ fulfilled: 1, overdue: 1, waiting: 0 })
  })

  test('is asked again for five minutes, and then those are told that it did not', async () => {
    const { receiver, told, onOverdue, clock } = expecting()
    const asked = vi.fn()
    const orders = new Orders(clock)
    const failing = acmeReceiver({
      clock,
      provider: acmeOrders(),
      reconcile: orders.source({
        every: 1e10,
        isFinal: () => true,
        find: async () => {
          asked()
          throw new Error('it is down')
        },
      }),
    }).receiver
    failing.onEvent('order.paid', () => {})
    failing.onOverdue(onOverdue).start()
    await failing.expect('ord_1', { within: minute })
    await clock.advance(minute + 4 * minute)
    expect(asked.mock.calls.length).toBeGreaterThan(3)
    expect(told).toEqual([])
    await clock.advance(2 * minute)
    expect(told).toMatchObject([{ lastSeen: undefined, askingFailed: 'it is down' }])
    await receiver.stop()
  })
})

test('expectations that the store finds only behind the events of other sources are listed', async () => {
  const inbox = memoryInbox()
  const list: typeof inbox.list = ({ cursor, ...filter } = {}) =>
    cursor === undefined ? { items: [], cursor: 'further on' } : inbox.list(filter)
  const { receiver } = acmeReceiver({ provider: acmeOrders(), inbox: inboxInFront(inbox, { list }) })
  await receiver.expect('ord_1', { within: minute })
  expect(await receiver.expectations()).toMatchObject({ waiting: 1, items: [{ subject: 'ord_1' }] })
})

describe('who is told of what is overdue', () => {
  test('is told again when it fails, and others that were told are not', async () => {
    const { receiver, told, onOverdue, clock, log } = expecting({ asks: false })
    let failures = 2
    receiver.onOverdue(onOverdue, { name: 'first' })
    const second = vi.fn(() => {
      if (failures-- > 0) throw new Error('the pager is down')
    })
    receiver.onOverdue(second, { name: 'second' })
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(10 * minute)
    expect(second).toHaveBeenCalledTimes(3)
    expect(told).toHaveLength(1)
    expect(log.at('warn')).toMatchObject([
      { details: { failures: [{ handler: 'onOverdue:second', message: 'the pager is down' }] } },
      { details: { subject: 'ord_1' } },
    ])
  })

  test('and fails for good, leaves a dead letter that is listed, and can be redriven', async () => {
    const { receiver, clock, observed } = expecting({ asks: false, retry: { attempts: 1 } })
    let isDown = true
    const pager = vi.fn(() => {
      if (isDown) throw new Error('the pager is down')
    })
    receiver.onOverdue(pager)
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute)
    const { failed, items } = await receiver.expectations()
    expect([failed, items]).toMatchObject([1, [{ subject: 'ord_1', state: 'failed' }]])
    isDown = false
    expect(await receiver.redrive(items[0]?.key ?? '')).toBe(true)
    await clock.advance(minute)
    expect(pager).toHaveBeenCalledTimes(2)
    expect(observed.overdue).toHaveLength(2)
    expect(await receiver.expectations()).toMatchObject({ failed: 0 })
  })

  test('is one of two processes, and not both', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const both = [1, 2].map((index) =>
      expecting({ asks: false, clock, inbox: inboxInFront(inbox, { store: `name ${index}` }) }),
    )
    for (const { receiver, onOverdue } of both) receiver.onOverdue(onOverdue)
    for (let index = 0; index < 10; index++)
      await both[index % 2]?.receiver.expect(`ord_${index}`, { within: minute })
    await clock.advance(2 * minute)
    expect(both.flatMap(({ told }) => told)).toHaveLength(10)
  })

  test('can not be looked for on an inbox that was closed, which the log says: registering a handler does not fail', async () => {
    const inbox = memoryInbox()
    await inbox.close()
    const { receiver, log } = acmeReceiver({ provider: acmeOrders(), inbox })
    receiver.onOverdue(() => {})
    const message = expect.stringContaining('begin to look for what is overdue')
    expect(log.at('error')).toMatchObject([{ message }])
  })

  test('is told where no event has a handler, as of what only watches', async () => {
    const { receiver, clock } = acmeReceiver({ provider: acmeOrders() })
    const told = vi.fn()
    receiver.onOverdue(told)
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(minute)
    expect(told).toHaveBeenCalledOnce()
  })

  test('is told within a drain', async () => {
    const { receiver, told, onOverdue, clock } = expecting({ asks: false, consume: false })
    receiver.onOverdue(onOverdue)
    await receiver.expect('ord_1', { within: minute })
    await receiver.drain()
    await clock.advance(minute)
    expect(told).toEqual([])
    await receiver.drain()
    expect(told).toHaveLength(1)
  })
})

describe('what can not be expected', () => {
  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 3 * 24 * 60 * minute, '5'])(
    'within %s',
    async (within) => {
      const { receiver } = expecting()
      await expect(receiver.expect('ord_1', { within: within as number })).rejects.toThrow(/within is/)
    },
  )

  test('a subject that is none', async () => {
    const { receiver } = expecting()
    await expect(receiver.expect('', { within: minute })).rejects.toThrow(/subject is empty/)
    await expect(receiver.expect(undefined as never, { within: minute })).rejects.toThrow(
      /subject is undefined/,
    )
  })

  test('the end of what never ends: the definition has no endings', async () => {
    const { receiver } = acmeReceiver({ provider: acme() })
    await expect(receiver.expect('ord_1', { within: minute })).rejects.toThrow(/give it endings/)
  })
})

import { type Inbox, memoryInbox, type WebhookEvent } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { isRecent } from '../../src/reconcile/things/pass-tally.ts'
import { SettledThings } from '../../src/reconcile/things/settled-things.ts'
import { acmeSecret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** A receiver of orders beside the list that the provider has of them. */
function reconciling(
  more: Parameters<Orders['source']>[0] = {},
  options: Parameters<typeof acmeReceiver>[0] = {},
  pageSize?: number,
) {
  const clock = manualClock(start)
  const orders = new Orders(clock, pageSize)
  const acme = acmeReceiver({ clock, provider: acmeOrders(), reconcile: orders.source(more), ...options })
  const handled: WebhookEvent[] = []
  acme.receiver.onEvent('order.paid', (event) => void handled.push(event))
  return { orders, handled, ...acme }
}

const subjects = (events: readonly WebhookEvent[]) => events.map(({ payload }) => payload.order).sort()

describe('what ended and was not delivered', () => {
  test('is handled once, in the form of a delivery, and observed as found by asking', async () => {
    const { orders, handled, receiver, observed, clock } = reconciling()
    orders.paid('ord_1')
    expect(await receiver.reconcile()).toMatchObject({
      listed: 1,
      missing: 1,
      takenOn: 1,
      calls: 1,
      more: false,
    })
    expect(await receiver.reconcile()).toMatchObject({ listed: 1, missing: 0, takenOn: 0 })
    await receiver.idle()
    expect(handled).toMatchObject([
      {
        id: 'listed_ord_1',
        type: 'order.paid',
        origin: 'reconciled',
        data: { amount: 7 },
        createdAt: new Date(clock.now()),
        aliases: ['acme:~end:paid:ord_1'],
      },
    ])
    expect(observed.reconciled).toMatchObject([{ subject: 'ord_1', key: 'acme:listed_ord_1' }])
    expect(observed.accepted).toEqual([])
    expect(observed.compared).toMatchObject([{ missing: 1 }, { missing: 0 }])
  })

  test('is not handled again when its delivery comes late, and no conflict is reported', async () => {
    const { orders, handled, receiver, observed, send } = reconciling()
    orders.paid('ord_1')
    await receiver.reconcile()
    expect(await send({ id: 'evt_late', order: 'ord_1' })).toMatchObject({ status: 200 })
    await receiver.idle()
    expect(handled).toHaveLength(1)
    expect(observed.duplicate).toMatchObject([{ id: 'evt_late', conflict: false }])
  })

  test('is warned of once a pass, with what the provider says of its delivery', async () => {
    const { orders, receiver, log } = reconciling()
    orders.paid('ord_1').deliveryFailed = 'it was answered 401 four times'
    orders.paid('ord_2')
    await receiver.reconcile()
    expect(log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { details: { subjects: ['ord_2', 'ord_1'], reasons: ['it was answered 401 four times'] } },
    ])
  })

  test.each([
    [1, '1 thing has ended'],
    [2, '2 things have ended'],
  ])(
    'is counted in that warning, and what was delivered or goes on is not: %i of 4',
    async (missing, said) => {
      const { orders, receiver, log, send } = reconciling()
      for (let index = 0; index < 3; index++) orders.paid(`ord_${index}`)
      orders.open('ord_open')
      for (let index = missing; index < 3; index++) await send({ id: `evt_${index}`, order: `ord_${index}` })
      await receiver.reconcile()
      expect(log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
        { message: expect.stringContaining(said) },
      ])
    },
  )
})

test('what was delivered is known, and not taken on', async () => {
  const { orders, handled, receiver, send } = reconciling()
  orders.paid('ord_1')
  await send({ id: 'evt_1', order: 'ord_1' })
  expect(await receiver.reconcile()).toMatchObject({ listed: 1, missing: 0 })
  await receiver.idle()
  expect(handled).toMatchObject([{ id: 'evt_1', origin: 'delivery' }])
})

test('what goes on is not taken on before it ends, however old it is by then', async () => {
  const { orders, handled, receiver, clock } = reconciling({ every: 10 * day }, {}, 1)
  const old = orders.open('ord_old')
  await receiver.reconcile()
  for (let index = 0; index < 8; index++) {
    await clock.advance(6 * minute)
    orders.paid(`ord_${index}`)
    await receiver.reconcile()
  }
  orders.end(old)
  await receiver.reconcile()
  await receiver.idle()
  expect(subjects(handled)).toContain('ord_old')
  expect(handled).toHaveLength(9)
})

test('what has failed, and was run again under its id, is taken on at its second end, too', async () => {
  const { orders, receiver, observed } = reconciling({}, { consume: false })
  orders.paid('ord_1')
  const event = () => ({ id: 'failed', type: 'order.cancelled', at: start, data: { reason: 'no stock' } })
  orders.spoil = (page) => ({
    ...page,
    items: page.items.map((thing) => ({ ...thing, status: 'cancelled', event })),
  })
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 1 })
  orders.spoil = (page) => page
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 1 })
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 0 })
  expect(observed.reconciled.map(({ type }) => type)).toEqual(['order.cancelled', 'order.paid'])
})

test('what is settled is not read again, page after page', async () => {
  const { orders, receiver, clock } = reconciling({}, { consume: false }, 1)
  for (let index = 0; index < 20; index++) {
    orders.paid(`ord_${index}`)
    await clock.advance(6 * minute)
  }
  const first = await receiver.reconcile()
  await receiver.reconcile() // finds the same
  const third = await receiver.reconcile()
  expect(first.calls).toBe(20)
  expect(third.calls).toBeLessThanOrEqual(2) // the newest page, and that below
})

describe('the time from which on it is looked for', () => {
  test('is the first start: what ended before is left to who was there', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    orders.paid('ord_before')
    await clock.advance(1)
    const inbox = memoryInbox({ clock })
    const { receiver } = acmeReceiver({ clock, inbox, provider: acmeOrders(), reconcile: orders.source() })
    orders.paid('ord_after')
    expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_after' }] })
  })

  test('is kept in the inbox: what ended while nobody was there is found', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
    const options = { clock, inbox, provider: acmeOrders(), reconcile: orders.source() }
    const first = acmeReceiver(options)
    await first.receiver.reconcile()
    await first.receiver.stop()
    await clock.advance(10 * minute)
    orders.paid('ord_meanwhile')
    await clock.advance(10 * minute)
    expect(await acmeReceiver(options).receiver.reconcile()).toMatchObject({
      things: [{ subject: 'ord_meanwhile' }],
    })
  })

  test('is that of the next start where the clock of the first was hours ahead: it would hide what ends until then', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
    const options = { inbox, provider: acmeOrders(), reconcile: orders.source() }
    const first = acmeReceiver({ ...options, clock: manualClock(start + 180 * minute) })
    await first.receiver.reconcile()
    await first.receiver.stop()
    const { receiver } = acmeReceiver({ ...options, clock })
    await clock.advance(10 * minute)
    orders.paid('ord_1')
    await clock.advance(10 * minute)
    expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_1' }] })
  })

  test('may be given, but nothing is taken on that could have been forgotten', async () => {
    const { orders, receiver, clock } = reconciling(
      { from: new Date(0), lookBack: 30 * day },
      { consume: false },
    )
    orders.paid('ord_forgotten')
    await clock.advance(2 * day)
    orders.paid('ord_old')
    await clock.advance(day)
    expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_old' }] })
  })
})

test('a pass may be asked to look further back than what was settled', async () => {
  const { orders, receiver, clock } = reconciling({}, { consume: false })
  await receiver.reconcile()
  orders.end(orders.open('ord_late', start - 60 * minute)) // came into the list long after it was created
  for (let index = 0; index < 5; index++) {
    await clock.advance(6 * minute)
    orders.orders.unshift(orders.end({ ...orders.open('x'), id: `ord_${index}` }))
    orders.orders.splice(1, 1)
  }
  await receiver.reconcile()
  await receiver.reconcile() // by now it is settled
  orders.orders.push(orders.end({ id: 'ord_hidden', createdAt: start - 60 * minute, endedAt: undefined }))
  expect(await receiver.reconcile()).toMatchObject({ missing: 0 })
  expect(await receiver.reconcile({ from: new Date(start) })).toMatchObject({
    things: [{ subject: 'ord_hidden' }],
  })
  await expect(async () => receiver.reconcile({ from: 'today' as never })).rejects.toThrow(
    /from is "today"; it must be a valid Date/,
  )
})

test('a pass that is asked to look back less far passes nothing over for those of the schedule', async () => {
  const { orders, receiver, clock } = reconciling({}, { consume: false }, 1)
  await receiver.reconcile()
  orders.paid('ord_1')
  await clock.advance(10 * minute)
  orders.paid('ord_2')
  await clock.advance(10 * minute)
  for (let index = 0; index < 5; index++) {
    orders.paid(`ord_new_${index}`)
    await clock.advance(minute)
  }
  const later = new Date(clock.now() - 10 * minute)
  for (let index = 0; index < 3; index++) await receiver.reconcile({ from: later })
  expect(await receiver.reconcile()).toMatchObject({
    things: [{ subject: 'ord_2' }, { subject: 'ord_1' }],
  })
})

test('an earlier `from` looks further back than what was kept, and a later one changes nothing', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
  const restarted = (from?: Date) =>
    acmeReceiver({ clock, inbox, consume: false, provider: acmeOrders(), reconcile: orders.source({ from }) })
      .receiver
  orders.paid('ord_before')
  await clock.advance(60 * minute)
  const first = restarted()
  orders.paid('ord_after')
  for (let index = 0; index < 3; index++) await first.reconcile()
  await first.stop()
  orders.paid('ord_meanwhile')
  await clock.advance(60 * minute)
  const later = restarted(new Date(clock.now()))
  expect(await later.reconcile()).toMatchObject({ things: [{ subject: 'ord_meanwhile' }] })
  await later.stop()
  expect(await restarted(new Date(start)).reconcile()).toMatchObject({ things: [{ subject: 'ord_before' }] })
})

test('an item that was hidden, as others were removed while it was read, is found by the next pass', async () => {
  const { orders, receiver, clock } = reconciling({}, { consume: false })
  const open = orders.open('ord_hidden')
  for (let index = 0; index < 8; index++) {
    await clock.advance(6 * minute)
    orders.paid(`ord_${index}`)
  }
  for (let index = 0; index < 3; index++) await receiver.reconcile()
  orders.end(open)
  orders.beforePage = ({ pagesBefore }) => void (pagesBefore === 2 && orders.orders.splice(0, 3))
  expect(await receiver.reconcile()).toMatchObject({ missing: 0 })
  orders.beforePage = () => {}
  expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_hidden' }] })
})

test('a thing that is listed with a time far ahead hides nothing that comes after it, page after page', async () => {
  const { orders, receiver, clock } = reconciling({}, { consume: false })
  orders.open('ord_ahead', start + 3650 * day)
  for (let index = 0; index < 3; index++) {
    await receiver.reconcile()
    await clock.advance(10 * minute)
  }
  for (let index = 0; index < 8; index++) {
    orders.paid(`ord_${index}`)
    await clock.advance(minute)
  }
  expect(await receiver.reconcile()).toMatchObject({ listed: 9, takenOn: 8 })
})

test('what is listed without any time is not taken on, and a line says so', async () => {
  const { orders, receiver, log } = reconciling()
  orders.paid('ord_1')
  orders.spoil = (page) => ({
    ...page,
    items: page.items.map((thing) => ({ ...thing, createdAt: undefined, endedAt: undefined })),
  })
  expect(await receiver.reconcile()).toMatchObject({ listed: 1, missing: 0, more: false })
  await receiver.reconcile()
  expect(log.at('warn')).toMatchObject([{ message: expect.stringMatching(/not taken on/) }]) // once, not with every pass
})

test('the end of a thing is its creation where its source gives a time of the end that is none', async () => {
  const { orders, receiver } = reconciling()
  orders.paid('ord_1')
  orders.spoil = (page) => ({
    ...page,
    items: page.items.map((thing) => ({ ...thing, endedAt: Number.NaN })),
  })
  expect(await receiver.reconcile()).toMatchObject({ listed: 1, missing: 1, takenOn: 1 })
})

test.each([
  ['a day', day, 5 * minute],
  ['ten minutes', 10 * minute, minute],
])(
  'of ids that are remembered for %s, what may be forgotten by a clock that differs a little is not taken on',
  (_, windowMs, toleranceMs) => {
    const thing = {
      ...{ subject: 'ord_1', status: 'paid', createdAt: undefined, hasEnded: true, answer: {} },
      event: () => ({}),
    }
    const isTakenOn = (agoMs: number) => isRecent({ ...thing, endedAt: start - agoMs }, start, { windowMs })
    expect(isTakenOn(windowMs - toleranceMs - 1)).toBe(true)
    expect(isTakenOn(windowMs - toleranceMs)).toBe(false)
  },
)

test('what ends late is found after passes with a clock that was days ahead, by which all that was listed is old', async () => {
  const clock = manualClock(start)
  let aheadMs = 0
  const orders = new Orders(clock, 1)
  const { receiver } = acmeReceiver({
    ...{ clock: { ...clock, now: () => clock.now() + aheadMs }, inbox: memoryInbox({ clock }) },
    ...{ provider: acmeOrders(), reconcile: orders.source(), consume: false },
  })
  const late = orders.open('ord_late')
  for (let index = 0; index < 2; index++) {
    await clock.advance(6 * minute)
    orders.paid(`ord_${index}`)
  }
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 2 })
  aheadMs = 4 * day
  for (const _ of [1, 2]) await receiver.reconcile()
  aheadMs = 0
  orders.end(late)
  expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_late' }] })
})

test('what is dated ahead is remembered for longer by so much, as its delivery is acceptable for longer', async () => {
  const clock = manualClock(start)
  const kept = memoryInbox({ clock })
  const remembered: number[] = []
  const inbox = inboxInFront(kept, {
    put: (event, options) => {
      remembered.push(options.rememberMs)
      return kept.put(event, options)
    },
  })
  const { orders, receiver } = reconciling({}, { clock, inbox })
  for (const [id, aheadMs] of [
    ['ord_1', 0],
    ['ord_2', 4 * minute],
  ] as const)
    orders.paid(id).endedAt = start + aheadMs
  await receiver.reconcile()
  const [ahead = 0, now = 0] = remembered.toSorted((one, other) => other - one)
  expect(ahead - now).toBe(4 * minute)
})

test('of what is settled a process remembers the latest 20,000', () => {
  const settled = new SettledThings()
  for (let at = 0; at <= 20_000; at++) settled.add(`ord_${at}`)
  expect(['ord_0', 'ord_1', 'ord_20000'].map((name) => settled.has(name))).toEqual([false, true, true])
})

describe('ids that are remembered for longer than before', () => {
  const restarted = (clock: ReturnType<typeof manualClock>, orders: Orders, inbox: Inbox, window: number) =>
    acmeReceiver({
      ...{ clock, inbox, provider: acmeOrders({ secret: acmeSecret, retryHorizon: minute }) },
      ...{ consume: false, dedupeWindow: window, reconcile: orders.source() },
    })

  test('bring nothing back that was forgotten before, and nothing that was taken on in between', async () => {
    const clock = manualClock(start)
    const orders = new Orders(clock, 100)
    const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
    const before = restarted(clock, orders, inbox, 60 * minute)
    await before.receiver.reconcile()
    orders.paid('ord_1')
    await before.send({ id: 'evt_1', order: 'ord_1' })
    await clock.advance(120 * minute)
    orders.paid('ord_2')
    await before.send({ id: 'evt_2', order: 'ord_2' })
    before.receiver.onEvent('order.paid', () => {})
    await before.receiver.drain()
    await before.receiver.stop()
    const { receiver } = restarted(clock, orders, inbox, 3 * day)
    expect(await receiver.reconcile()).toMatchObject({ missing: 0 })
    await clock.advance(90 * minute) // by now, what came before the change is forgotten
    expect(await receiver.reconcile()).toMatchObject({ missing: 0 })
    orders.paid('ord_3')
    expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_3' }] })
    await clock.advance(2 * day)
    expect(await receiver.reconcile()).toMatchObject({ missing: 0 })
  })
})

test('what is known by its end costs no question more', async () => {
  const { orders, receiver, send } = reconciling()
  let made = 0
  orders.spoil = (page) => ({
    ...page,
    items: page.items.map((thing) => ({
      ...thing,
      type: 'order.paid',
      event(ask) {
        made += 1
        return thing.event(ask)
      },
    })),
  })
  orders.paid('ord_1')
  await send({ id: 'evt_1', order: 'ord_1' })
  orders.paid('ord_2')
  expect(await receiver.reconcile({ dryRun: true })).toMatchObject({ missing: 1 })
  expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_2' }] })
  expect(made).toBe(2)
})

describe('a pass that has less time than its lists need', () => {
  const allTaken = (observed: { reconciled: readonly { subject: string }[] }) =>
    observed.reconciled.map(({ subject }) => subject).sort()

  test('is gone on with by the next one, to the end of a long list', async () => {
    const { orders, receiver, observed, clock } = reconciling({}, { consume: false }, 1)
    for (let index = 0; index < 9; index++) orders.paid(`ord_${index}`)
    for (let pass = 0; pass < 10; pass++) {
      const aborting = new AbortController()
      const first = orders.asked.length
      orders.beforePage = () => void (orders.asked.length - first > 2 && aborting.abort())
      expect(await receiver.reconcile({ signal: aborting.signal })).toMatchObject({ more: true })
      orders.paid(`ord_9_${pass}`)
      await clock.advance(minute)
    }
    expect(allTaken(observed)).toEqual(expect.arrayContaining(['ord_0', 'ord_5', 'ord_8']))
    orders.beforePage = () => {}
    expect(await receiver.reconcile()).toMatchObject({ more: false })
    expect(allTaken(observed)).toHaveLength(19)
  })

  test('is gone on with at the list at which it ended', async () => {
    const clock = manualClock(start)
    const lists = ['one', 'two', 'three', 'four']
    const orders = new Orders(clock)
    const plain = orders.source()
    let aborting = new AbortController()
    const read: string[] = []
    const { receiver } = acmeReceiver({
      ...{ clock, provider: acmeOrders(), consume: false },
      reconcile: orders.source({
        lists: () => lists,
        readPage(list, position, asking) {
          if (read.push(list) % 2 === 0) aborting.abort()
          return plain.readPage('', position, asking)
        },
      }),
    })
    for (let pass = 0; pass < 4; pass++) {
      aborting = new AbortController()
      await receiver.reconcile({ signal: aborting.signal })
    }
    expect(new Set(read)).toEqual(new Set(lists))
  })
})

describe('a thing whose event can not be taken on', () => {
  test('is left to the next pass while its delivery is being handled', async () => {
    const clock = manualClock(start)
    const kept = memoryInbox({ clock })
    let answer: 'in_progress' | undefined = 'in_progress'
    const inbox = inboxInFront(kept, {
      put: (event, options) => (answer ? { outcome: answer, retryAfterMs: 1_000 } : kept.put(event, options)),
    })
    const { orders, receiver } = reconciling({}, { clock, inbox })
    orders.paid('ord_1')
    expect(await receiver.reconcile()).toMatchObject({ left: 1, takenOn: 0 })
    answer = undefined
    expect(await receiver.reconcile()).toMatchObject({ left: 0, takenOn: 1 })
  })

  test('is not settled by the event of another thing, which is not believed', async () => {
    const { orders, receiver, handled, log } = reconciling()
    orders.paid('ord_1')
    const spoil = orders.spoil
    const wrong = { id: 'listed_ord_2', type: 'order.paid', at: start, order: 'ord_2', data: { amount: 7 } }
    orders.spoil = (page) => ({
      ...page,
      items: page.items.map((thing) => ({ ...thing, event: () => wrong })),
    })
    expect(await receiver.reconcile({ dryRun: true })).toMatchObject({ left: 1, missing: 0 })
    expect(await receiver.reconcile()).toMatchObject({ left: 1, takenOn: 0 })
    expect(log.at('error')).toMatchObject(Array(2).fill({ details: { subject: 'ord_1' } }))
    orders.spoil = spoil
    expect(await receiver.reconcile()).toMatchObject({ left: 0, takenOn: 1 })
    await receiver.idle()
    expect(subjects(handled)).toEqual(['ord_1'])
  })

  test('is an error of the pass where its source creates what can not be read, and no dead letter: the next version of the source may do better', async () => {
    const { orders, receiver, observed, log } = reconciling()
    orders.paid('ord_1')
    orders.spoil = (page) => ({
      ...page,
      items: page.items.map((thing) => ({ ...thing, event: () => ({}) })),
    })
    expect(await receiver.reconcile()).toMatchObject({ left: 1, takenOn: 0 })
    expect(observed.dead).toEqual([])
    expect(log.at('error')).toMatchObject([{ details: { subject: 'ord_1' } }])
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 0 })
  })

  test('is held as a dead letter where the application fails to give it a place in its order, and is handled once when that and its delivery are redriven', async () => {
    let isMended = false
    const by = ({ payload }: { payload: { order?: unknown } }) => {
      if (!isMended) throw new Error('there is no shop')
      return String(payload.order)
    }
    const { orders, receiver, handled, observed, send } = reconciling({}, { order: { by, older: 'handle' } })
    orders.paid('ord_1')
    expect(await receiver.reconcile({ dryRun: true })).toMatchObject({ left: 0, missing: 1 })
    expect(await receiver.reconcile()).toMatchObject({ left: 0, missing: 1, takenOn: 1 })
    expect(await receiver.reconcile({ from: new Date(start) })).toMatchObject({ left: 0, missing: 0 })
    expect(observed.dead).toMatchObject([
      { failures: [{ message: expect.stringContaining('there is no shop') }] },
    ])
    expect(await send({ id: 'evt_late', order: 'ord_1' })).toMatchObject({ status: 200 })
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 2 })
    isMended = true
    expect(await receiver.redriveAll({})).toBe(2)
    await receiver.idle()
    expect(handled).toHaveLength(1)
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 0, pending: 0 })
  })

  test('is left to each pass where no event can be read in it, and is no dead letter', async () => {
    const { orders, receiver } = reconciling()
    orders.paid('ord_1')
    orders.spoil = (page) => ({
      ...page,
      items: page.items.map((thing) => ({ ...thing, event: () => ({ order: 'ord_1' }) })),
    })
    for (const _ of [1, 2]) expect(await receiver.reconcile()).toMatchObject({ left: 1, missing: 0 })
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 0 })
  })

  test('is one dead letter, whichever process finds it, where its source writes the event anew each time', async () => {
    const by = (): never => {
      throw new Error('there is no shop')
    }
    const clock = manualClock(start)
    const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
    for (const [pass, missing] of [1, 0, 0].entries()) {
      const { orders, receiver } = reconciling({}, { clock, inbox, order: { by, older: 'handle' } })
      const listed = { type: 'order.paid', at: start, order: 'ord_1', data: { amount: 7 } }
      const event = () => ({ id: `listed_${pass}`, ...listed })
      orders.spoil = (page) => ({ ...page, items: page.items.map((thing) => ({ ...thing, event })) })
      orders.paid('ord_1')
      expect(await receiver.reconcile()).toMatchObject({ missing, left: 0 })
      await receiver.stop()
    }
    expect(await inbox.counts()).toMatchObject({ dead: 1 })
  })

  test.for([
    ['null', null],
    ['empty', ''],
    ['a promise', Promise.resolve('shop')],
    ['number', 7],
  ])('as its tenant is %s, is no thing of a tenant of that name', async ([found, tenant]) => {
    const { orders, receiver, log } = reconciling()
    orders.paid('ord_1').tenant = tenant as string
    expect(await receiver.reconcile({ dryRun: true })).toMatchObject({ left: 1, missing: 0 })
    expect(await receiver.reconcile()).toMatchObject({ left: 1, takenOn: 0 })
    const message = expect.stringContaining(`the tenant of ord_1 is ${found}`)
    expect(log.at('error')[0]).toMatchObject({ details: { err: { message } } })
  })

  test('holds up no other, and is tried again though newer ones have come', async () => {
    const { orders, receiver, clock, log } = reconciling({}, { consume: false }, 1)
    const broken = orders.paid('ord_broken')
    broken.isBroken = true
    for (let index = 0; index < 5; index++) {
      await clock.advance(6 * minute)
      orders.paid(`ord_${index}`)
    }
    expect(await receiver.reconcile()).toMatchObject({ left: 1, takenOn: 5 })
    expect(log.at('error')).toMatchObject([{ details: { subject: 'ord_broken' } }])
    broken.isBroken = false
    expect(await receiver.reconcile()).toMatchObject({ left: 0, things: [{ subject: 'ord_broken' }] })
  })
})

describe('a dry run', () => {
  test('says what is missing, and takes nothing on', async () => {
    const { orders, handled, receiver, send } = reconciling()
    orders.paid('ord_1')
    orders.paid('ord_2')
    await send({ id: 'evt_1', order: 'ord_1' })
    const dry = { missing: 1, takenOn: 0, things: [{ subject: 'ord_2', status: 'paid' }] }
    expect(await receiver.reconcile({ dryRun: true })).toMatchObject(dry)
    expect(await receiver.reconcile({ dryRun: true })).toMatchObject(dry)
    expect(await receiver.inbox.notes?.list('')).toEqual([])
    await receiver.idle()
    expect(handled).toHaveLength(1)
    expect(await receiver.reconcile()).toMatchObject({ takenOn: 1 })
  })
})

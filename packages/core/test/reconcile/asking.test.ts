import { memoryInbox, type RateLimit } from '@hookport/core'
import { inboxInFront, type ManualClock, manualClock } from '@hookport/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { acmeOrders, Orders } from '../support/listing.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const minute = 60_000

function reconciling(
  more: Parameters<Orders['source']>[0] = {},
  options: Parameters<typeof acmeReceiver>[0] = {},
) {
  const clock = (options.clock as ManualClock | undefined) ?? manualClock(start)
  const orders = new Orders(clock)
  const reconcile = orders.source(more)
  return { orders, ...acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false, ...options }) }
}

/** What a promise has come to once the clock was moved. */
async function after<Result>(
  clock: ManualClock,
  ms: number,
  pending: Promise<Result>,
): Promise<Result | 'pending'> {
  await clock.advance(ms)
  return Promise.race([pending, new Promise<'pending'>((resolve) => setImmediate(resolve, 'pending'))])
}

describe('a provider that does not answer as it should', () => {
  test('is asked for the page again, after growing waits', async () => {
    const { orders, receiver, clock } = reconciling()
    orders.paid('ord_1')
    const at: number[] = []
    orders.beforePage = () => {
      at.push(clock.now() - start)
      if (at.length < 4) throw new Error('503')
    }
    const pass = receiver.reconcile()
    expect(await after(clock, 15_000, pass)).toMatchObject({ takenOn: 1, more: false })
    const waits = at.slice(1).map((time, index) => time - (at[index] as number))
    expect(waits.every((wait, index) => wait >= 750 * 2 ** index && wait <= 1250 * 2 ** index)).toBe(true)
  })

  test('is left alone for as long as it asks to be', async () => {
    const { orders, receiver, clock, log } = reconciling()
    orders.paid('ord_1')
    orders.beforePage = () => {
      if (orders.asked.length === 1) throw Object.assign(new Error('429'), { retryAfterMs: 7_000 })
    }
    const pass = receiver.reconcile()
    expect(await after(clock, 6_999, pass)).toBe('pending')
    expect(orders.asked).toHaveLength(1)
    expect(log.lines).toMatchObject([
      { level: 'info', message: expect.stringMatching(/asked again in 7 s/), details: { source: 'acme' } },
    ])
    expect(await after(clock, 1, pass)).toMatchObject({ takenOn: 1 })
  })

  test.each([1e15, Number.POSITIVE_INFINITY])(
    'is left alone for an hour at most: a wait of %d ms ends no reconciling for good',
    async (retryAfterMs) => {
      const { orders, receiver, clock } = reconciling()
      orders.paid('ord_1')
      orders.beforePage = () => {
        if (orders.asked.length === 1) throw Object.assign(new Error('503'), { retryAfterMs })
      }
      const pass = receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
      expect(await after(clock, 60 * minute - 1, pass)).toBe('pending')
      expect(orders.asked).toHaveLength(1)
      expect(await after(clock, 1, pass)).toMatchObject({ takenOn: 1, more: false })
    },
  )

  test('and says that it may be asked again at once, by another clock, is left alone all the same', async () => {
    const { orders, receiver, clock } = reconciling()
    orders.beforePage = () => {
      if (orders.asked.length < 4) throw Object.assign(new Error('429'), { retryAfterMs: 0 })
    }
    const pass = receiver.reconcile()
    expect(await after(clock, 700, pass)).toBe('pending')
    expect(orders.asked).toHaveLength(1)
    expect(await after(clock, 15_000, pass)).toMatchObject({ more: false })
  })

  test('is not asked again in this pass where that is pointless, and the log says why', async () => {
    const { orders, receiver, log } = reconciling({ isFinal: (error) => String(error).includes('401') })
    orders.beforePage = () => {
      throw new Error('401: the key is wrong')
    }
    expect(await receiver.reconcile()).toMatchObject({ more: true, calls: 1 })
    expect(log.at('error')).toMatchObject([
      { details: { err: expect.objectContaining({ message: '401: the key is wrong' }) } },
    ])
  })

  test('is given up after 15 s, and asked again', async () => {
    const { orders, receiver, clock } = reconciling()
    orders.paid('ord_1')
    orders.beforePage = () => (orders.asked.length === 1 ? new Promise<never>(() => {}) : undefined)
    const pass = receiver.reconcile({ maxMs: minute })
    expect(await after(clock, 14_999, pass)).toBe('pending')
    expect(await after(clock, 2_000, pass)).toMatchObject({ takenOn: 1 })
  })

  test('ends a pass in its middle: what was not read is read by the next', async () => {
    const { orders, receiver } = reconciling({ isFinal: () => true })
    for (let index = 0; index < 5; index++) orders.paid(`ord_${index}`)
    orders.beforePage = ({ pagesBefore }) => {
      if (pagesBefore === 1) throw new Error('a truncated page')
    }
    expect(await receiver.reconcile()).toMatchObject({ takenOn: 3, more: true })
    orders.beforePage = () => {}
    expect(await receiver.reconcile()).toMatchObject({ takenOn: 2, more: false })
  })
})

test('an item that can not be read is no reason to think that all is settled', async () => {
  const { orders, receiver, clock } = reconciling()
  const hidden = orders.paid('ord_hidden')
  orders.spoil = (page) => ({ ...page, items: page.items.filter(({ subject }) => subject !== hidden.id) })
  for (let index = 0; index < 5; index++) {
    await clock.advance(6 * minute)
    orders.paid(`ord_${index}`)
  }
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 5 })
  orders.spoil = (page) => page
  expect(await receiver.reconcile()).toMatchObject({ things: [{ subject: 'ord_hidden' }] })
})

describe('a question that nobody waits for any more is aborted, so that its request does not stay open', () => {
  test('once it was given up or has failed', async () => {
    const signals: AbortSignal[] = []
    const { receiver, clock } = reconciling({
      async readPage(_, __, { signal }) {
        signals.push(signal)
        if (signals.length === 1) return new Promise<never>(() => {})
        if (signals.length === 2) throw new Error('503')
        return { items: [], count: 0, isLast: true }
      },
    })
    const pass = receiver.reconcile({ maxMs: minute })
    expect(await after(clock, 14_999, pass)).toBe('pending')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await clock.advance(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(await after(clock, 15_000, pass)).toMatchObject({ more: false })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true])
  })

  test('once the time of the pass is over', async () => {
    const signals: AbortSignal[] = []
    const { receiver, clock } = reconciling({
      readPage(_, __, { signal }) {
        signals.push(signal)
        return new Promise<never>(() => {})
      },
    })
    const pass = receiver.reconcile({ maxMs: 5_000 })
    expect(await after(clock, 5_000, pass)).toMatchObject({ more: true })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })
})

describe('the rate limit', () => {
  test.each([
    [0.5, 5],
    [0.2, 2],
  ])('is used up to its share of %s: %i of 10 requests in each window', async (share, most) => {
    const windows: number[] = []
    const clock = manualClock(start)
    const rate = (): RateLimit => {
      const window = Math.floor((clock.now() - start) / minute)
      windows[window] = (windows[window] ?? 0) + 1
      return {
        limit: 10,
        remaining: 10 - windows[window],
        resetMs: (window + 1) * minute - (clock.now() - start),
      }
    }
    const orders = new Orders(clock, 1)
    const plain = orders.source({ share })
    const reconcile = orders.source({
      share,
      lists: () => [''],
      readPage(list, position, asking) {
        asking.onRateLimit(rate())
        return plain.readPage(list, position, asking)
      },
    })
    const { receiver } = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false })
    for (let index = 0; index < 12; index++) orders.paid(`ord_${index}`)
    const pass = receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
    for (let moved = 0; moved < 10; moved++) await clock.advance(minute)
    expect(await pass).toMatchObject({ takenOn: 12 })
    expect(Math.max(...windows)).toBe(most)
  })
})

test.each([
  { limit: 10, remaining: 0, resetMs: Number.NaN },
  { limit: Number.NaN, remaining: Number.NaN, resetMs: 3e6 },
])(
  'a rate limit that says nothing, as of an answer without the headers, changes no wait: %j',
  async (rate) => {
    const clock = manualClock(start)
    const orders = new Orders(clock)
    const plain = orders.source()
    const reconcile = orders.source({
      readPage(list, position, asking) {
        asking.onRateLimit(rate)
        return plain.readPage(list, position, asking)
      },
    })
    orders.beforePage = () => {
      if (orders.asked.length === 1) throw Object.assign(new Error('429'), { retryAfterMs: 7_000 })
    }
    const { receiver } = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false })
    orders.paid('ord_1')
    const pass = receiver.reconcile()
    expect(await after(clock, 6_999, pass)).toBe('pending')
    expect(orders.asked).toHaveLength(1)
    expect(await after(clock, 1, pass)).toMatchObject({ takenOn: 1 })
  },
)

test('where the next window has begun by our clock, the log says that the provider is asked again at once', async () => {
  const { receiver, log } = reconciling({
    async readPage(_list, _position, asking) {
      asking.onRateLimit({ limit: 10, remaining: 0, resetMs: -3_000 })
      return { items: [], count: 0, isLast: true }
    },
  })
  expect(await receiver.reconcile()).toMatchObject({ more: false })
  expect(log.at('info')).toMatchObject([
    { message: expect.stringMatching(/asked again in 0 s/), details: { waitMs: 0 } },
  ])
})

test('a rate limit that begins anew in a thousand years, as a time in milliseconds reads, ends no reconciling for good, and the log says how long it waits', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock, 1)
  const plain = orders.source()
  const reconcile = orders.source({
    readPage(list, position, asking) {
      if (orders.asked.length === 0) asking.onRateLimit({ limit: 10, remaining: 0, resetMs: 3e13 })
      return plain.readPage(list, position, asking)
    },
  })
  const { receiver, log } = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false })
  for (const id of ['ord_1', 'ord_2']) orders.paid(id)
  const pass = receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
  expect(await after(clock, 60 * minute - 1, pass)).toBe('pending')
  expect(orders.asked).toHaveLength(1)
  expect(log.at('info')).toMatchObject([
    { message: expect.stringMatching(/asked again in 3600 s/), details: { waitMs: 3_600_000 } },
  ])
  expect(await after(clock, 1, pass)).toMatchObject({ takenOn: 2, more: false })
})

describe('the time of a pass', () => {
  test('is bounded: what is left is found by the next', async () => {
    const { orders, receiver, clock } = reconciling()
    orders.paid('ord_1')
    orders.beforePage = () => {
      if (orders.asked.length === 1) throw Object.assign(new Error('429'), { retryAfterMs: minute })
    }
    const pass = receiver.reconcile({ maxMs: 5_000 })
    expect(await after(clock, 5_000, pass)).toMatchObject({ takenOn: 0, more: true })
    await clock.advance(minute)
    expect(await receiver.reconcile()).toMatchObject({ takenOn: 1, more: false })
  })

  test('is bounded, too, while another pass of this process is waiting for the provider', async () => {
    const { orders, receiver, clock } = reconciling()
    orders.beforePage = () => {
      throw Object.assign(new Error('429'), { retryAfterMs: 60 * minute })
    }
    const long = receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
    await clock.advance(1)
    const short = receiver.reconcile({ maxMs: 5_000 })
    expect(await after(clock, 5_000, short)).toMatchObject({ more: true, calls: 0 })
    await receiver.stop()
    expect(await long).toMatchObject({ more: true })
  })

  test('ends with its signal', async () => {
    const { receiver } = reconciling()
    expect(await receiver.reconcile({ signal: AbortSignal.abort() })).toMatchObject({ more: true, calls: 0 })
  })

  test.each([0, -1, Number.NaN, '5'])('can not be %s', async (maxMs) => {
    const { receiver } = reconciling()
    await expect(async () => receiver.reconcile({ maxMs: maxMs as number })).rejects.toThrow(/maxMs is/)
  })
})

describe('two processes over one inbox', () => {
  test('do not read at the same time: the second finds the first at it', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const one = reconciling({}, { clock, inbox })
    const other = reconciling({}, { clock, inbox: inboxInFront(inbox, { store: 'another name of it' }) })
    one.orders.paid('ord_1')
    let secondCounts: unknown
    one.orders.beforePage = async () => {
      secondCounts = await other.receiver.reconcile()
    }
    expect(await one.receiver.reconcile()).toMatchObject({ takenOn: 1 })
    expect(secondCounts).toMatchObject({ calls: 0, more: true })
    expect(await other.receiver.reconcile()).toMatchObject({ more: false })
  })

  test('one goes on when the other has died in the middle of a page', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const { notes } = inbox
    let isDead = false
    const lead: NonNullable<typeof notes>['lead'] = (...args) => {
      if (isDead) throw new Error('it is dead')
      return notes?.lead(...args) ?? false
    }
    const dying = reconciling(
      {},
      { clock, inbox: inboxInFront(inbox, { notes: { ...notes, lead } as never }) },
    )
    dying.orders.paid('ord_1')
    dying.orders.beforePage = () => new Promise<never>(() => {}) // never again heard of
    void dying.receiver.reconcile({ maxMs: Number.POSITIVE_INFINITY })
    await clock.advance(1)
    const other = reconciling({}, { clock, inbox: inboxInFront(inbox, { store: 'another name of it' }) })
    other.orders.orders.push(...dying.orders.orders)
    expect(await other.receiver.reconcile()).toMatchObject({ more: true, takenOn: 0 })
    isDead = true
    await clock.advance(15_000)
    expect(await other.receiver.reconcile()).toMatchObject({ more: false, takenOn: 1 })
  })

  test('one goes on when the store could not be told that the other has ended', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const resign = () => Promise.reject(new Error('the store is away'))
    const one = reconciling(
      {},
      { clock, inbox: inboxInFront(inbox, { notes: { ...inbox.notes, resign } as never }) },
    )
    expect(await one.receiver.reconcile()).toMatchObject({ more: false })
    const other = reconciling({}, { clock, inbox: inboxInFront(inbox, { store: 'another name of it' }) })
    expect(await other.receiver.reconcile()).toMatchObject({ more: true })
    await clock.advance(15_000)
    expect(await other.receiver.reconcile()).toMatchObject({ more: false })
  })
})

describe('the schedule', () => {
  test('finds what ended at most `every` and a tenth after it is listed, without being asked', async () => {
    const { orders, receiver, clock, observed } = reconciling({ every: minute }, { consume: true })
    receiver.start()
    await clock.advance(2_000)
    for (let index = 0; index < 5; index++) {
      orders.paid(`ord_${index}`)
      await clock.advance(1.1 * minute)
      expect(observed.reconciled).toHaveLength(index + 1)
    }
  })

  test.each([0.05, 0.5, 0.85])(
    'finds it as early after a restart that comes %s of `every` after a pass',
    async (share) => {
      const clock = manualClock(start)
      const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
      const first = reconciling({ every: 100 * minute }, { clock, inbox, consume: true })
      first.receiver.start()
      await clock.advance(2_000)
      await clock.advance(share * 100 * minute)
      await first.receiver.stop()
      const second = reconciling({ every: 100 * minute }, { clock, inbox, consume: true })
      second.receiver.start()
      second.orders.paid('ord_1')
      await clock.advance((1.1 - share) * 100 * minute)
      expect(second.observed.reconciled).toHaveLength(1)
    },
  )

  test('is that of one process among several: a pass of another counts', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const all = [1, 2, 3].map((index) =>
      reconciling({}, { clock, consume: true, inbox: inboxInFront(inbox, { store: `name ${index}` }) }),
    )
    for (const { receiver } of all) receiver.start()
    await clock.advance(60 * minute)
    const passes = all.flatMap(({ observed }) => observed.compared).length
    expect(passes).toBeGreaterThanOrEqual(54)
    expect(passes).toBeLessThanOrEqual(68)
  })

  test('ends with stop(), a pass that is under way included', async () => {
    const { orders, receiver, clock } = reconciling({}, { consume: true })
    orders.beforePage = () => new Promise<never>(() => {})
    receiver.start()
    await clock.advance(2_000)
    await receiver.stop()
    const asked = orders.asked.length
    await clock.advance(60 * minute)
    expect(orders.asked).toHaveLength(asked)
    await expect(receiver.reconcile()).rejects.toMatchObject({ code: 'inbox_closed' })
  })

  test('makes a pass anew, soon after a restart, that stop() has cut off', async () => {
    const clock = manualClock(start)
    const inbox = inboxInFront(memoryInbox({ clock }), { close: async () => {} })
    const first = reconciling({ every: 100 * minute }, { clock, inbox, consume: true })
    first.orders.beforePage = () => new Promise<never>(() => {})
    first.receiver.start()
    await clock.advance(2_000)
    expect(first.orders.asked).toHaveLength(1)
    await first.receiver.stop()
    const second = reconciling({ every: 100 * minute }, { clock, inbox, consume: true })
    second.orders.paid('ord_1')
    second.receiver.start()
    await clock.advance(2_000)
    expect(second.observed.reconciled).toHaveLength(1)
  })

  test('is part of a drain, where a pass is due, within half of its time', async () => {
    const { orders, receiver, clock } = reconciling({ every: minute })
    const handled: string[] = []
    receiver.onEvent('order.paid', ({ id }) => void handled.push(id))
    orders.paid('ord_1')
    expect(await receiver.drain()).toMatchObject({ handled: 1 })
    orders.paid('ord_2')
    expect(await receiver.drain()).toMatchObject({ handled: 0 })
    await clock.advance(minute)
    orders.beforePage = () => (orders.asked.length === 2 ? new Promise<never>(() => {}) : undefined)
    const drain = receiver.drain({ maxMs: 10_000 })
    expect(await after(clock, 5_000, drain)).toMatchObject({ handled: 0 })
    orders.beforePage = () => {}
    await clock.advance(minute)
    expect(await receiver.drain()).toMatchObject({ handled: 1 })
    expect(handled).toEqual(['listed_ord_1', 'listed_ord_2'])
  })
})

test('a pass that is shorter than all attempts says why it has nothing: a cron would never learn of a wrong address', async () => {
  const readPage = () => Promise.reject(new Error('getaddrinfo ENOTFOUND api.acme.exampel'))
  const { receiver, clock, log } = reconciling({ readPage })
  const pass = receiver.reconcile({ maxMs: 5_000 })
  await clock.advance(5_000)
  expect(await pass).toMatchObject({ listed: 0, more: true })
  expect(log.at('error')).toMatchObject([
    {
      message: expect.stringContaining('the provider could not be asked for what has ended'),
      details: { err: expect.objectContaining({ message: expect.stringContaining('ENOTFOUND') }) },
    },
  ])
})

test.each([undefined, null, 'one', { one: 1 }])(
  'a source that answers %j in place of the names of its lists is told of, with each pass and by each look',
  async (names) => {
    const { receiver, clock, log } = reconciling({ lists: () => names as never })
    expect(await receiver.reconcile()).toMatchObject({ listed: 0, more: true })
    const message = expect.stringContaining('must answer an array of names')
    expect(log.at('error')).toMatchObject([{ details: { err: { message } } }])
    const told = vi.fn()
    receiver.onEvent('order.paid', () => {}).onOverdue(told)
    await receiver.expect('ord_1', { within: minute })
    await clock.advance(7 * minute)
    await receiver.drain()
    expect(told.mock.lastCall?.[0]).toMatchObject({ askingFailed: message })
  },
)

test('a signal that is aborted by a question, which answers at once, ends the pass and not the process', async () => {
  const rejections = collectUnhandledRejections()
  const aborting = new AbortController()
  const lists = () => {
    aborting.abort()
    return ['']
  }
  const { receiver } = reconciling({ lists })
  expect(await receiver.reconcile({ signal: aborting.signal })).toMatchObject({ listed: 0, more: true })
  await rejectionsReported()
  expect(rejections).toEqual([])
})

test('a pass whose time is over while the provider answers has nothing to tell', async () => {
  const { receiver, clock, log } = reconciling({ readPage: () => new Promise(() => {}) })
  const pass = receiver.reconcile({ maxMs: 5_000 })
  await clock.advance(5_000)
  expect(await pass).toMatchObject({ more: true })
  expect(log.at('error')).toEqual([])
})

test('a list that shows the same page again and again, and says that it goes on, is not read forever', async () => {
  const clock = manualClock(start)
  const orders = new Orders(clock)
  orders.paid('ord_1')
  orders.spoil = (page) => ({ ...page, isLast: false })
  const reconcile = orders.source({
    // an API that does not look at where the page begins
    readPage: async (_list, _position, asking) =>
      orders.source().readPage('', { itemsBefore: 0, pagesBefore: 0 }, asking),
  })
  const { receiver, log } = acmeReceiver({ clock, provider: acmeOrders(), reconcile, consume: false })
  expect(await receiver.reconcile()).toMatchObject({ takenOn: 1, calls: 11, more: true })
  expect(log.at('error')).toMatchObject([
    {
      details: {
        err: expect.objectContaining({
          message: expect.stringContaining('the last 10 pages had nothing new'),
        }),
      },
    },
  ])
})

import {
  ConfigurationError,
  type Legacy,
  memoryInbox,
  type OrderOptions,
  PermanentError,
  type ReceiverOptions,
} from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test } from 'vitest'
import { acme, acmeSecret, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder } from '../support/acme-receiver.ts'

const hour = 3_600_000

function orderedReceiver(order: Partial<OrderOptions> = {}, options: Partial<ReceiverOptions> = {}) {
  const made = acmeReceiver({
    order: { by: (event) => event.payload.run as string | undefined, ...order },
    retry: { jitter: 0, attempts: 3 },
    ...(options as object),
  })
  const at = made.clock.now()
  return {
    ...made,
    /** An event of a run that happened so many milliseconds after the first. */
    sendOf: (run: string | undefined, id: string, ms: number, more: object = {}) =>
      made.send({ id, at: at + ms, run, ...more }),
  }
}

test('events of one key run one at a time and in the order of their times, those of others beside them', async () => {
  const { receiver, sendOf } = orderedReceiver({}, { consume: false })
  const ran: string[] = []
  const running = new Set<unknown>()
  let most = 0
  receiver.onEvent('order.paid', async ({ id, payload }) => {
    expect(running).not.toContain(payload.run)
    running.add(payload.run)
    most = Math.max(most, running.size)
    await new Promise((resolve) => setImmediate(resolve))
    ran.push(id)
    running.delete(payload.run)
  })
  for (const [id, ms] of [['a3', 3] as const, ['a1', 1] as const, ['a2', 2] as const])
    await sendOf('a', id, ms)
  for (const [id, ms] of [['b2', 2] as const, ['b1', 1] as const]) await sendOf('b', id, ms)
  receiver.start()
  await receiver.idle()
  expect(ran.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3'])
  expect(ran.filter((id) => id.startsWith('b'))).toEqual(['b1', 'b2'])
  expect(most).toBe(2)
})

test('at one time the lifecycle of the provider decides, or the rank that the application gives', async () => {
  const provider = acme({ secret: acmeSecret, lifecycle: [['order.paid'], ['order.cancelled']] })
  const given = [
    { rank: undefined },
    { rank: (event: { type: string }) => (event.type === 'order.paid' ? 9 : -9.5) },
  ]
  const orders: string[][] = []
  for (const { rank } of given) {
    const { receiver, sendOf } = orderedReceiver(rank && { rank }, { provider, consume: false } as never)
    const ran: string[] = []
    receiver.onAnyEvent(({ type }) => ran.push(type))
    await sendOf('a', '1', 0, { type: 'order.cancelled', data: { reason: 'none' } })
    await sendOf('a', '2', 0)
    receiver.start()
    await receiver.idle()
    orders.push(ran)
  }
  expect(orders).toEqual([
    ['order.paid', 'order.cancelled'],
    ['order.cancelled', 'order.paid'],
  ])
})

describe('a key', () => {
  test('is held until every handler of its event is done, retries included', async () => {
    const { receiver, sendOf, clock } = orderedReceiver({}, { retry: { initialDelay: 60_000, jitter: 0 } })
    const ran: string[] = []
    receiver.onEvent('order.paid', ({ id }) => ran.push(`save ${id}`), { name: 'save' })
    receiver.onEvent(
      'order.paid',
      ({ id }, { attempt }) => {
        ran.push(`mail ${id}`)
        if (id === 'one' && attempt === 1) throw new Error('no connection')
      },
      { name: 'mail' },
    )
    await sendOf('a', 'one', 1)
    await clock.advance(0)
    await receiver.idle()
    await sendOf('a', 'two', 2)
    await receiver.idle()
    expect(ran).toEqual(['save one', 'mail one'])
    await clock.advance(60_000)
    await receiver.idle()
    expect(ran).toEqual(['save one', 'mail one', 'mail one', 'save two', 'mail two'])
  })

  test('is passed on by a dead letter', async () => {
    const { receiver, sendOf, observed } = orderedReceiver()
    const hold = deferred<void>()
    receiver.onEvent('order.paid', async ({ id }) => {
      if (id !== 'one') return
      await hold.promise
      throw new PermanentError('broken')
    })
    await sendOf('a', 'one', 1)
    await sendOf('a', 'two', 2)
    hold.resolve()
    await receiver.idle()
    expect(observed.dead).toMatchObject([{ id: 'one' }])
    expect(observed.handled).toMatchObject([{ id: 'two' }])
  })

  test('is of its tenant: no other can hold it', async () => {
    const { receiver, clock } = acmeReceiver({
      provider: acme({ secret: ({ url }) => ({ tenant: url.slice(1), secret: acmeSecret }) }),
      order: { by: () => 'run' },
      consume: false,
    })
    const body = JSON.stringify(paidOrder(clock.now()))
    for (const url of ['/one', '/two']) await receiver.receive({ ...signedPost(body), url })
    const { items } = await receiver.inbox.list()
    expect(items.map(({ orderKey }) => orderKey)).toEqual(['acme@one:run', 'acme@two:run'])
  })

  test('that is long or odd is a digest in the store', async () => {
    const { receiver, sendOf } = orderedReceiver({}, { consume: false })
    await sendOf('x'.repeat(10_000), 'one', 1)
    await sendOf('\0 \ud800', 'two', 1)
    const { items } = await receiver.inbox.list()
    for (const { orderKey } of items) expect(orderKey).toMatch(/^acme:~[0-9a-f]{64}$/)
  })
})

describe('an event that is older than the newest that was handled of its key', () => {
  test('is skipped where that was asked for, and observed so', async () => {
    const { receiver, sendOf, observed } = orderedReceiver({ older: 'skip' })
    const ran: string[] = []
    receiver.onEvent('order.paid', ({ id }) => ran.push(id))
    for (const [id, ms] of [
      ['new', 5] as const,
      ['old', 1] as const,
      ['same time', 5] as const,
      ['newer', 6] as const,
    ]) {
      await sendOf('a', id, ms)
      await receiver.idle()
    }
    await sendOf('b', 'other', 1)
    await sendOf(undefined, 'unordered', 1)
    await receiver.idle()
    expect(ran).toEqual(['new', 'same time', 'newer', 'other', 'unordered'])
    expect(observed.skipped).toMatchObject([{ id: 'old', handlers: ['onEvent(order.paid)#0'] }])
    expect(observed.handled.map(({ id }) => id)).not.toContain('old')
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })

  test.each(['park', 'drop'] as const)(
    'is skipped by a catch-all, too, where no other handler takes its type: unhandled is %s',
    async (unhandled) => {
      const { receiver, sendOf } = orderedReceiver({ older: 'skip' }, { unhandled })
      const ran: string[] = []
      receiver.onEvent('order.cancelled', () => {})
      receiver.onAnyEvent(({ id }) => ran.push(id))
      for (const [id, ms] of [['new', 5] as const, ['old', 1] as const]) {
        await sendOf('a', id, ms)
        await receiver.idle()
      }
      expect(ran).toEqual(['new'])
    },
  )

  test('is handled by default', async () => {
    const { receiver, sendOf, observed } = orderedReceiver()
    receiver.onEvent('order.paid', () => {})
    for (const [id, ms] of [['new', 5] as const, ['old', 1] as const]) {
      await sendOf('a', id, ms)
      await receiver.idle()
    }
    expect(observed.handled.map(({ id }) => id)).toEqual(['new', 'old'])
    expect(observed.skipped).toEqual([])
  })

  test('is skipped by each handler for itself: who failed with the newer one still takes it', async () => {
    const { receiver, sendOf, observed } = orderedReceiver({ older: 'skip' })
    const ran: string[] = []
    receiver.onEvent('order.paid', ({ id }) => ran.push(`save ${id}`), { name: 'save' })
    receiver.onEvent(
      'order.paid',
      ({ id }) => {
        ran.push(`mail ${id}`)
        if (id === 'new') throw new PermanentError('broken')
      },
      { name: 'mail' },
    )
    for (const [id, ms] of [['new', 5] as const, ['old', 1] as const]) {
      await sendOf('a', id, ms)
      await receiver.idle()
    }
    expect(ran).toEqual(['save new', 'mail new', 'mail old'])
    expect(observed.skipped).toMatchObject([{ id: 'old', handlers: ['onEvent(order.paid):save'] }])
    expect(observed.handled).toMatchObject([{ id: 'old' }])
  })

  test('is told of as skipped once, though another handler takes several turns', async () => {
    const { receiver, sendOf, observed, clock } = orderedReceiver({ older: 'skip' }, { retry: { jitter: 0 } })
    receiver.onEvent('order.paid', () => {}, { name: 'save' })
    let left = 3
    receiver.onEvent(
      'order.paid',
      ({ id }) => {
        if (id === 'new') throw new PermanentError('broken')
        if (--left > 0) throw new Error('not yet')
      },
      { name: 'mail' },
    )
    for (const [id, ms] of [['new', 5] as const, ['old', 1] as const]) {
      await sendOf('a', id, ms)
      await receiver.idle()
    }
    await clock.advance(hour)
    expect([left, observed.failed.length]).toEqual([0, 2])
    expect(observed.skipped).toMatchObject([{ id: 'old', handlers: ['onEvent(order.paid):save'] }])
  })

  test('is skipped also where the newer one was discarded before all its handlers were done', async () => {
    const { receiver, sendOf } = orderedReceiver({ older: 'skip' })
    const ran: string[] = []
    receiver.onEvent('order.paid', ({ id }) => void ran.push(`save ${id}`), { name: 'save' })
    const mail = ({ id }: { id: string }) => {
      if (id === 'newer') throw new Error('broken')
      ran.push(`mail ${id}`)
    }
    receiver.onEvent('order.paid', mail, { name: 'mail' })
    await sendOf('a', 'newer', 2)
    await receiver.idle()
    expect(await receiver.inbox.discard('acme:newer')).toBe(true)
    await sendOf('a', 'older', 1)
    await receiver.idle()
    expect(ran).toEqual(['save newer', 'mail older'])
  })

  test('is skipped when it is redriven, unless it is forced', async () => {
    for (const force of [false, true]) {
      const { receiver, sendOf, observed } = orderedReceiver({ older: 'skip' })
      let isBroken = true
      receiver.onEvent('order.paid', () => {
        if (isBroken) throw new PermanentError('broken')
      })
      await sendOf('a', 'old', 1)
      await receiver.idle()
      isBroken = false
      await sendOf('a', 'new', 2)
      await receiver.idle()
      await receiver.redrive('acme:old', { force })
      await receiver.idle()
      expect(observed.skipped.map(({ id }) => id)).toEqual(force ? [] : ['old'])
      expect(observed.handled.map(({ id }) => id)).toEqual(force ? ['new', 'old'] : ['new'])
    }
  })

  test('is handled again once the newer one is forgotten', async () => {
    const options = {
      dedupeWindow: hour,
      maxAge: Number.POSITIVE_INFINITY,
      provider: acme({ secret: acmeSecret, retryHorizon: 0 }),
    }
    const { receiver, sendOf, observed, clock } = orderedReceiver({ older: 'skip' }, options as never)
    receiver.onEvent('order.paid', () => {})
    await sendOf('a', 'new', 5)
    await receiver.idle()
    await clock.advance(hour)
    await sendOf('a', 'old', 1)
    await receiver.idle()
    expect(observed.handled.map(({ id }) => id)).toEqual(['new', 'old'])
  })

  test('is kept as handled where handled events are kept', async () => {
    const { receiver, sendOf } = orderedReceiver({ older: 'skip' }, { keepHandledFor: hour })
    receiver.onEvent('order.paid', () => {})
    for (const [id, ms] of [['new', 5] as const, ['old', 1] as const]) {
      await sendOf('a', id, ms)
      await receiver.idle()
    }
    const old = await receiver.inbox.get('acme:old')
    expect(old).toMatchObject({
      state: 'handled',
      progress: { completed: [], skipped: ['onEvent(order.paid)#0'] },
    })
    expect(old?.progress.history?.['onEvent(order.paid)#0']).toMatchObject([{ outcome: 'skipped' }])
  })
})

describe('where the application can not say where an event stands', () => {
  const throwing = () => {
    throw new TypeError('no run')
  }
  test.each([
    ['by throws', { by: throwing }, /order\.by threw: no run/],
    ['by returns a number', { by: () => 7 as never }, /order\.by returned 7/],
    ['by returns an empty text', { by: () => '' }, /order\.by returned an empty string/],
    ['by returns a promise', { by: (async () => throwing()) as never }, /order\.by returned a promise/],
    ['rank returns a promise', { rank: async () => throwing() }, /order\.rank returned a promise/],
    ['rank throws', { rank: throwing }, /order\.rank threw: no run/],
    ['rank returns NaN', { rank: () => Number.NaN }, /order\.rank returned/],
  ])('it is held as a dead letter, and read anew when it is redriven: %s', async (_, broken, reason) => {
    let isBroken = true
    const mended = { by: () => 'a', rank: () => 1 }
    const choose = (name: 'by' | 'rank') => () =>
      (isBroken ? { ...mended, ...broken } : mended)[name as 'by']()
    const { receiver, sendOf, observed } = orderedReceiver({
      by: choose('by'),
      rank: choose('rank') as never,
    })
    receiver.onEvent('order.paid', () => {})
    expect((await sendOf('a', 'one', 1)).status).toBe(200)
    const [letter] = (await receiver.inbox.list({ state: 'dead' })).items
    expect(letter?.failures[0]?.message).toMatch(reason)
    isBroken = false
    await receiver.redrive(letter?.key ?? '')
    await receiver.idle()
    expect(observed.handled).toMatchObject([{ key: 'acme:one' }])
    expect((await sendOf('a', 'one', 1)).status).toBe(200)
    await receiver.idle()
    expect(observed.handled).toHaveLength(1)
  })

  test('it is held where `by` fetches: the delivery is to be answered within milliseconds', async () => {
    const { receiver, sendOf } = orderedReceiver({ by: (event) => String(event.fetch()) })
    receiver.onEvent('order.paid', () => {})
    expect((await sendOf('a', 'one', 1)).status).toBe(200)
    const [letter] = (await receiver.inbox.list({ state: 'dead' })).items
    expect(letter?.failures[0]?.message).toMatch(/order\.by threw: order can't fetch/)
  })

  test('it is held of a sender that does not sign, too', async () => {
    const provider = acme({ secret: undefined, allowUnsigned: true, signatureHeaders: [] } as never)
    const { receiver, send } = orderedReceiver({ by: throwing }, { provider } as never)
    receiver.onEvent('order.paid', () => {})
    expect((await send()).status).toBe(200)
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
  })
})

test('an event whose data does not fit is held as a dead letter, and never reaches `by`', async () => {
  const seen: unknown[] = []
  const by: OrderOptions['by'] = (event) => String(seen.push(event.data))
  const { receiver, send } = orderedReceiver({ by })
  receiver.onEvent('order.paid', () => {})
  expect((await send({ data: { amount: 'much' } })).status).toBe(200)
  expect(seen).toEqual([])
  expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
})

test.each([
  ['no function', { by: 'run' }, /order\.by is string/],
  [
    'another word',
    { by: (): string => 'a', older: 'drop' },
    /order\.older is "drop"; it must be 'handle' or 'skip'/,
  ],
  [
    'a misspelling',
    { by: (): string => 'a', ranks: () => 1 },
    /unknown option order\.ranks; did you mean order\.rank\?/,
  ],
  ['no object', true, /order must be an object/],
])('an order that can not work is an error at construction: %s', (_, order, message) => {
  expect(() => acmeReceiver({ order: order as never })).toThrow(ConfigurationError)
  expect(() => acmeReceiver({ order: order as never })).toThrow(message)
})

test('neither order nor keepHandledFor goes with after-handlers', () => {
  const acknowledge = 'after-handlers'
  expect(() => acmeReceiver({ acknowledge, order: { by: () => 'a' } })).toThrow(/order needs acknowledge/)
  expect(() => acmeReceiver({ acknowledge, keepHandledFor: 1 })).toThrow(/keepHandledFor needs acknowledge/)
})

test('what a handler has succeeded with is left to later events before the next handler begins, as the process may die in it', async () => {
  const memory = memoryInbox()
  const left: (Legacy | undefined)[] = []
  const inbox = inboxInFront(memory, {
    consume: (work, options) =>
      memory.consume(
        (attempt) => work({ ...attempt, checkpoint: (_, legacy) => void left.push(legacy) }),
        options,
      ),
  })
  const { receiver, sendOf, clock } = orderedReceiver({ older: 'skip' }, { inbox })
  for (const name of ['save', 'mail']) receiver.onEvent('order.paid', () => {}, { name })
  await sendOf('a', 'a1', 1)
  await sendOf(undefined, 'none', 1)
  await receiver.idle()
  const place = { createdAt: clock.now() + 1, rank: 0 }
  expect(left).toMatchObject([{ newest: { 'onEvent:save': place } }, undefined])
})

describe('with older: skip, an older event of another type', () => {
  const cancelled = { type: 'order.cancelled', data: { reason: 'late' } }
  type Register = (
    receiver: ReturnType<typeof orderedReceiver>['receiver'],
    ran: (id: string) => void,
  ) => void

  test.each<[string, Register, ran: string[]]>([
    [
      'is not handled by a handler of both types',
      (receiver, ran) => receiver.onEvent(['order.paid', 'order.cancelled'], ({ id }) => ran(id)),
      ['newer'],
    ],
    [
      'is not handled by a handler of both types that has a name',
      (receiver, ran) =>
        receiver.onEvent(['order.paid', 'order.cancelled'], ({ id }) => ran(id), { name: 'save' }),
      ['newer'],
    ],
    [
      'is not handled by a handler of both types that has a neighbour in one of them',
      (receiver, ran) =>
        receiver
          .onEvent('order.paid', () => {})
          .onEvent(['order.paid', 'order.cancelled'], ({ id }) => ran(id)),
      ['newer'],
    ],
    [
      'is handled by handlers without a name, each of one type',
      (receiver, ran) =>
        receiver.onEvent('order.cancelled', ({ id }) => ran(id)).onEvent('order.paid', ({ id }) => ran(id)),
      ['newer', 'older'],
    ],
    [
      'is not handled by a handler of the same name',
      (receiver, ran) =>
        receiver
          .onEvent('order.cancelled', ({ id }) => ran(id), { name: 'save' })
          .onEvent('order.paid', ({ id }) => ran(id), { name: 'save' }),
      ['newer'],
    ],
    [
      'is handled by a handler of its own',
      (receiver, ran) =>
        receiver
          .onEvent('order.cancelled', ({ id }) => ran(id), { name: 'cancel' })
          .onEvent('order.paid', ({ id }) => ran(id), { name: 'save' }),
      ['newer', 'older'],
    ],
  ])('%s', async (_, register, expected) => {
    const { receiver, sendOf } = orderedReceiver({ older: 'skip' })
    const ran: string[] = []
    register(receiver, (id) => void ran.push(id))
    await sendOf('run', 'newer', 1_000, cancelled)
    await receiver.idle()
    await sendOf('run', 'older', 0)
    await receiver.idle()
    expect(ran).toEqual(expected)
  })

  test('is not handled where it comes at the same time and has the lower rank', async () => {
    const rank = ({ type }: { type: string }) => (type === 'order.cancelled' ? 2 : 1)
    const { receiver, sendOf } = orderedReceiver({ older: 'skip', rank })
    const ran: string[] = []
    receiver.onEvent(['order.paid', 'order.cancelled'], ({ id }) => void ran.push(id))
    await sendOf('run', 'newer', 0, cancelled)
    await receiver.idle()
    await sendOf('run', 'older', 0)
    await receiver.idle()
    expect(ran).toEqual(['newer'])
  })
})

import { type Inbox, memoryInbox, type PutResult } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { acme, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const minute = 60_000

describe('a receiver', () => {
  test('that handles what comes is ok, with the counts of its own events', async () => {
    const { receiver, send } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    await send()
    await receiver.idle()
    expect(await receiver.health()).toEqual({
      status: 'ok',
      reasons: [],
      counts: { pending: 0, scheduled: 0, active: 0, parked: 0, dead: 0, handled: 0 },
      oldestPendingAge: 0,
    })
  })

  test.each([
    [{ timeout: Number.NaN }, 'health.timeout is NaN; it must be a number above 0'],
    [{ timeout: Number.POSITIVE_INFINITY }, 'health.timeout is Infinity; it must be a number above 0'],
    [{ maxPendingAge: -1 }, 'health.maxPendingAge is -1; it must be a number above 0, or Infinity'],
    [{ deadWindow: Number.NaN }, 'health.deadWindow is NaN; it must be a number above 0, or Infinity'],
  ])('is not asked with a bound that can not work: %j', async (options, message) => {
    const { receiver } = acmeReceiver()
    await expect(receiver.health(options)).rejects.toThrow(message)
  })

  test('is well from the moment that its first handler is registered', async () => {
    const { receiver } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
  })

  test('that shall handle and has no handler is degraded', async () => {
    const { receiver } = acmeReceiver()
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'not_consuming', message: expect.stringContaining('no handler') }],
    })
  })

  test('that only accepts is ok without one', async () => {
    const { receiver } = acmeReceiver({ consume: false })
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
  })

  test('whose store has come to a risk that it did not have at start is degraded, until that is over; what was told at start is no news', async () => {
    let risks = ['nothing is written to disk']
    const inbox = inboxInFront(memoryInbox(), { findRisks: async () => risks })
    const { receiver } = acmeReceiver({ inbox, consume: false })
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
    risks = [...risks, 'keys are evicted']
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'at_risk', message: 'keys are evicted' }],
    })
    risks = []
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
  })

  test('whose store does not say what may lose events is as well as before', async () => {
    const findRisks = () => Promise.reject(new Error('not allowed'))
    const { receiver } = acmeReceiver({ inbox: inboxInFront(memoryInbox(), { findRisks }), consume: false })
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
  })

  test('whose store never says what may lose events is as well as before', async () => {
    const findRisks = () => new Promise<never>(() => {})
    const inbox = inboxInFront(memoryInbox(), { findRisks })
    const { receiver, clock } = acmeReceiver({ inbox, consume: false })
    const health = receiver.health({ timeout: 2_000 })
    await clock.advance(1_000)
    expect(await health).toMatchObject({ status: 'ok' })
  })

  test('whose consumer could not begin is degraded', async () => {
    const inbox = inboxInFront(memoryInbox(), {
      consume: () => {
        throw new Error('broken')
      },
    })
    const { receiver } = acmeReceiver({ inbox })
    receiver.onEvent('order.paid', () => {})
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'not_consuming' }],
    })
  })

  test('that was stopped is down', async () => {
    const { receiver } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    await receiver.stop()
    const health = await receiver.health()
    expect(health.status).toBe('down')
    expect(health.reasons.map(({ code }) => code)).toEqual(['stopped', 'store_unreachable'])
  })

  test('whose newer namesake has taken over is degraded', async () => {
    const inbox = memoryInbox()
    const { receiver } = acmeReceiver({ inbox })
    receiver.onEvent('order.paid', () => {})
    acmeReceiver({ inbox })
    await new Promise((resolve) => setImmediate(resolve))
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'not_consuming', message: expect.stringContaining('taken over') }],
    })
  })
})

test('what is paused degrades it: a reason for each, with the handler and why', async () => {
  const { receiver } = acmeReceiver()
  receiver.onEvent('order.paid', () => {}, { name: 'save' })
  await receiver.pause({ handler: 'save', reason: 'plans are written twice' })
  await receiver.pause({ reason: 'the ERP is away' })
  const since = '2026-01-01T00:00:00.000Z'
  expect(await receiver.health()).toMatchObject({
    status: 'degraded',
    reasons: [
      { code: 'paused', message: `the handler save has been paused since ${since}: plans are written twice` },
      { code: 'paused', message: `all handling has been paused since ${since}: the ERP is away` },
    ],
  })
  for (const handler of ['save', undefined]) await receiver.resume({ handler })
  expect(await receiver.health()).toMatchObject({ status: 'ok', reasons: [] })
})

describe('the store', () => {
  test('that fails brings it down, and nothing is thrown', async () => {
    const inbox = inboxInFront(memoryInbox(), { counts: () => Promise.reject(new Error('no connection')) })
    const { receiver } = acmeReceiver({ inbox, consume: false })
    expect(await receiver.health()).toEqual({
      status: 'down',
      reasons: [{ code: 'store_unreachable', message: 'the inbox does not answer: no connection' }],
      counts: undefined,
      oldestPendingAge: undefined,
    })
  })

  test.each<[string, () => PutResult | Promise<PutResult>]>([
    ['rejects', () => Promise.reject(new Error('disk full'))],
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
  ])('that answers, and %s what it should keep, degrades it until an event is taken on', async (_, fail) => {
    const memory = memoryInbox()
    let isFull = true
    let known: Parameters<Inbox['put']> | undefined
    const inbox = inboxInFront(memory, {
      put: (...asked) => {
        known ??= asked
        return isFull ? fail() : memory.put(...asked)
      },
    })
    const { receiver, send, clock } = acmeReceiver({ inbox, consume: false })
    await send({ id: 'evt_1' })
    await clock.advance(5_000)
    expect(await send({ id: 'evt_2' })).toMatchObject({ status: 503 })
    const since = new Date(start).toISOString()
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [
        {
          code: 'refusing',
          message: `no event was stored since ${since}, and the senders were asked to send them again: the inbox failed: disk full`,
        },
      ],
    })
    isFull = false
    await memory.put(...(known as Parameters<Inbox['put']>))
    expect(await send({ id: 'evt_1' })).toMatchObject({ status: 200 }) // another process took it on: nothing was stored here
    expect(await receiver.health()).toMatchObject({ reasons: [{ code: 'refusing' }] })
    await send({ id: 'evt_2' })
    expect(await receiver.health()).toMatchObject({ status: 'ok', reasons: [] })
  })

  test('that answers too late degrades it until the last of these events comes again: it was stored', async () => {
    const memory = memoryInbox()
    let isSlow = true
    const put: Inbox['put'] = async (...asked) => {
      const result = await memory.put(...asked)
      if (isSlow) await new Promise(() => {})
      return result
    }
    const { receiver, send, clock } = acmeReceiver({ inbox: inboxInFront(memory, { put }), consume: false })
    const refused = send({ id: 'evt_1' })
    await clock.advance(3_000)
    expect(await refused).toMatchObject({ status: 503 })
    isSlow = false
    expect(await receiver.health()).toMatchObject({ reasons: [{ code: 'refusing' }] })
    expect(await send({ id: 'evt_1' })).toMatchObject({ status: 200 })
    expect(await receiver.health()).toMatchObject({ status: 'ok', reasons: [] })
  })

  test('that is full degrades it', async () => {
    const { receiver, send } = acmeReceiver({ inbox: memoryInbox({ maxIds: 1 }), consume: false })
    await send({ id: 'evt_1' })
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
    await send({ id: 'evt_2' })
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'refusing', message: expect.stringContaining('maxIds') }],
    })
  })

  test('is not blamed for deliveries that strangers send, or events that come twice', async () => {
    const { receiver, send } = acmeReceiver({ consume: false })
    await send({ id: 'evt_1' })
    await send({ id: 'evt_1' })
    const forged = signedPost(
      JSON.stringify(paidOrder(start, { id: 'evt_2' })),
      'a wrong secret of some length',
    )
    expect(await receiver.receive(forged)).toMatchObject({ status: 401 })
    expect(await receiver.health()).toMatchObject({ status: 'ok', reasons: [] })
  })

  test('is not blamed where a handler fails before the reply', async () => {
    const { receiver, send } = acmeReceiver({ acknowledge: 'after-handlers' })
    receiver.onEvent('order.paid', () => {
      throw new Error('broken')
    })
    expect(await send()).toMatchObject({ status: 500 })
    expect(await receiver.health()).toMatchObject({ status: 'ok', reasons: [] })
  })

  test('is not blamed where the secret of a delivery can not be had', async () => {
    const provider = acme({ secret: () => Promise.reject(new Error('no such tenant')) })
    const { receiver, send } = acmeReceiver({ provider, consume: false })
    expect(await send()).toMatchObject({ status: 503 })
    expect(await receiver.health()).toMatchObject({ status: 'ok', reasons: [] })
  })

  test('that does not answer is waited for no longer than the timeout', async () => {
    const inbox = inboxInFront(memoryInbox(), { counts: () => new Promise<never>(() => {}) })
    const { receiver, clock } = acmeReceiver({ inbox, consume: false })
    const asked = receiver.health({ timeout: 700 })
    await clock.advance(700)
    expect(await asked).toMatchObject({
      status: 'down',
      reasons: [{ message: 'the inbox does not answer: there was no answer within 700 ms' }],
    })
  })
})

describe('an event that waits for its first attempt', () => {
  test('for longer than the limit degrades it, and no sooner', async () => {
    const { receiver, send, clock } = acmeReceiver({ consume: false })
    await send()
    await clock.advance(5 * minute)
    expect(await receiver.health()).toMatchObject({ status: 'ok', oldestPendingAge: 5 * minute })
    await clock.advance(1)
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'pending_too_old' }],
    })
    expect(await receiver.health({ maxPendingAge: Number.POSITIVE_INFINITY })).toMatchObject({ status: 'ok' })
  })

  test('is not one that had its turn: a redriven dead letter is as old as it is', async () => {
    const { receiver, send, clock } = acmeReceiver({ consume: false, retry: { attempts: 1 } })
    receiver.onEvent('order.paid', () => Promise.reject(new Error('broken')))
    await send()
    await receiver.drain()
    await clock.advance(60 * minute)
    await receiver.redriveAll()
    expect(await receiver.health()).toMatchObject({
      status: 'ok',
      oldestPendingAge: 0,
      counts: { pending: 1 },
    })
  })

  test('is found behind hundreds of those', async () => {
    const { receiver, send, clock } = acmeReceiver({ consume: false, retry: { attempts: 1 } })
    receiver.onEvent('order.paid', () => Promise.reject(new Error('broken')))
    for (let index = 0; index < 400; index++) await send({ id: `evt_${index}` })
    await receiver.drain()
    await send({ id: 'evt_new' })
    await receiver.redriveAll()
    await clock.advance(6 * minute)
    expect(await receiver.health()).toMatchObject({ reasons: [{ code: 'pending_too_old' }] })
  })

  test('is found where the store answers a first page without events', async () => {
    const memory = memoryInbox()
    const inbox = inboxInFront(memory, {
      list: ({ cursor, ...filter } = {}) => (cursor ? memory.list(filter) : { items: [], cursor: 'next' }),
    })
    const { receiver, send, clock } = acmeReceiver({ inbox, consume: false })
    await send()
    await clock.advance(minute)
    expect(await receiver.health()).toMatchObject({ oldestPendingAge: minute })
  })
})

describe('dead letters', () => {
  async function dying() {
    const made = acmeReceiver({ consume: false, retry: { attempts: 1 } })
    made.receiver.onEvent('order.paid', () => Promise.reject(new Error('broken')))
    const die = async (id: string) => {
      await made.send({ id })
      await made.receiver.drain()
    }
    await die('evt_1')
    return { ...made, die }
  }

  test('that were there before are no news', async () => {
    const { receiver } = await dying()
    expect(await receiver.health()).toMatchObject({ status: 'ok', counts: { dead: 1 } })
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
  })

  test('that have become more degrade it, until that is longer ago than the window', async () => {
    const { receiver, clock, die } = await dying()
    await receiver.health()
    await clock.advance(minute)
    await die('evt_2')
    await die('evt_3')
    expect(await receiver.health()).toMatchObject({
      status: 'degraded',
      reasons: [{ code: 'dead_growing', message: expect.stringContaining('2 more dead letters') }],
    })
    await clock.advance(9 * minute)
    expect(await receiver.health()).toMatchObject({ status: 'degraded' })
    await clock.advance(1)
    expect(await receiver.health()).toMatchObject({ status: 'ok' })
  })

  test('are seen to grow over the whole window, however often and with whatever other window it is asked', async () => {
    const { receiver, clock, die } = await dying()
    await receiver.health()
    await die('evt_2')
    for (let second = 0; second < 9 * 60; second++) {
      await clock.advance(1_000)
      for (const deadWindow of [1_000, minute, 10 * minute]) await receiver.health({ deadWindow })
    }
    expect(await receiver.health()).toMatchObject({ reasons: [{ code: 'dead_growing' }] })
    expect(await receiver.health({ deadWindow: minute })).toMatchObject({ status: 'ok' })
  })
})

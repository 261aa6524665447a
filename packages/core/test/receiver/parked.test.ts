import { memoryInbox, PermanentError, type ReceiverOptions, RetryLater } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import { type AcmeReceiver, acmeReceiver } from '../support/acme-receiver.ts'

const received = { status: 200, body: '{"received":true}' }
const day = 24 * 3_600_000

/** A receiver with a handler for `order.paid`, to which an event of another type is sent. */
async function sendUnhandled(
  options: Omit<ReceiverOptions, 'provider'> = {},
  prepare: (receiver: AcmeReceiver['receiver']) => unknown = () => {},
): Promise<AcmeReceiver> {
  const acme = acmeReceiver(options as object)
  acme.receiver.onEvent('order.paid', () => {})
  prepare(acme.receiver)
  expect(await acme.send({ id: 'new', type: 'order.teleported' })).toMatchObject(received)
  await acme.receiver.idle()
  return acme
}

/** The type checker knows which types there are; a deploy may bring others. */
const laterType = 'order.teleported' as 'order.paid'

describe('an event that no handler takes', () => {
  test('is parked, and never called handled', async () => {
    const { receiver, observed } = await sendUnhandled()
    expect(observed.parked).toMatchObject([
      { provider: 'acme', source: 'acme', id: 'new', type: 'order.teleported' },
    ])
    expect([observed.handled, observed.unhandled, observed.dead]).toEqual([[], [], []])
    expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, parked: 1 })
  })

  test('runs the catch-alls once, and is then parked with what they did', async () => {
    const ran: string[] = []
    const { receiver, clock, observed } = await sendUnhandled({}, (receiver) =>
      receiver.onAnyEvent(() => ran.push('any')).onUnhandledEvent(() => ran.push('unhandled')),
    )
    await clock.advance(day)
    expect(ran).toEqual(['unhandled', 'any'])
    expect(observed.parked).toHaveLength(1)
    receiver.onEvent(laterType, () => ran.push('its own'))
    await receiver.idle()
    expect(ran).toEqual(['unhandled', 'any', 'its own'])
    expect(observed.handled).toMatchObject([{ id: 'new' }])
  })

  test('is parked, and no dead letter, when a catch-all has failed for good: its own handler runs later', async () => {
    const ran: string[] = []
    const { receiver, observed } = await sendUnhandled({}, (receiver) =>
      receiver.onUnhandledEvent(() => {
        throw new PermanentError('no such type')
      }),
    )
    expect(observed.parked).toHaveLength(1)
    expect(observed.dead).toEqual([])
    receiver.onEvent(laterType, () => ran.push('its own'))
    await receiver.idle()
    expect(ran).toEqual(['its own'])
  })

  test('is parked, and the log says what has failed: nothing else would', async () => {
    const { log } = await sendUnhandled({}, (receiver) =>
      receiver
        .onAnyEvent(() => {
          throw new PermanentError('no room')
        })
        .onUnhandledEvent(() => {}),
    )
    expect(log.at('error')).toMatchObject([
      {
        details: { id: 'new', failures: [{ handler: 'onAnyEvent#0', message: 'no room' }] },
        message: expect.stringContaining('failed for good'),
      },
    ])
  })

  test('does not wait with a catch-all that asks for time: its own handler runs as soon as there is one', async () => {
    const ran: string[] = []
    const { receiver, clock, observed } = await sendUnhandled({}, (receiver) =>
      receiver.onAnyEvent((_, { attempt }) => {
        ran.push(`any, attempt ${attempt}`)
        if (ran.length === 1) throw new RetryLater(day)
        if (ran.length === 2) throw new Error('broken')
      }),
    )
    expect([observed.parked, observed.handled]).toEqual([[], []])
    await clock.advance(day)
    expect(ran).toEqual(['any, attempt 1', 'any, attempt 1'])
    receiver.onEvent(laterType, () => ran.push('its own'))
    await receiver.idle()
    expect(ran).toEqual(['any, attempt 1', 'any, attempt 1', 'its own'])
    expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, scheduled: 1 })
    await clock.advance(day)
    expect(ran).toEqual(['any, attempt 1', 'any, attempt 1', 'its own', 'any, attempt 2'])
    expect(observed.handled).toMatchObject([{ id: 'new' }])
  })

  test('is parked once a catch-all that failed has succeeded', async () => {
    const attempts: number[] = []
    const { clock, observed } = await sendUnhandled({}, (receiver) =>
      receiver.onAnyEvent((_, { attempt }) => {
        if (attempts.push(attempt) === 1) throw new Error('not yet')
      }),
    )
    expect(observed.parked).toEqual([])
    await clock.advance(2_000)
    expect(attempts).toEqual([1, 2])
    expect(observed.parked).toHaveLength(1)
  })

  test.each(['onAnyEvent', 'onUnhandledEvent'] as const)(
    'is done where there is but %s',
    async (catchAll) => {
      const { receiver, send, observed } = acmeReceiver()
      receiver[catchAll](() => {})
      await send({ type: 'order.teleported' })
      await receiver.idle()
      expect(observed.handled).toHaveLength(1)
      expect(observed.parked).toEqual([])
      expect(await receiver.inbox.counts()).toEqual(emptyCounts)
    },
  )

  test('is dropped after keepParkedFor, with a line and an observation', async () => {
    const { receiver, send, clock, observed, log } = await sendUnhandled({ keepParkedFor: day })
    await clock.advance(day - 1)
    await send({ id: 'young', type: 'order.teleported' })
    await receiver.idle()
    expect(observed.unhandled).toEqual([])
    await clock.advance(1)
    await send({ id: 'paid' })
    await receiver.idle()
    expect(observed.unhandled).toMatchObject([{ id: 'new' }])
    expect(log.at('warn').at(-1)).toMatchObject({
      details: { type: 'order.teleported' },
      message: expect.stringContaining('was dropped'),
    })
    expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, parked: 1 })
  })

  test('gives way to younger ones beyond maxParkedBytes, and causes no refusal', async () => {
    const { receiver, send, observed } = await sendUnhandled({ maxParkedBytes: 250 })
    for (let sent = 0; sent < 20; sent++)
      expect(await send({ id: `evt_${sent}`, type: 'order.teleported' })).toMatchObject(received)
    await receiver.idle()
    const { items } = await receiver.inbox.list({ state: 'parked' })
    expect(items.length).toBeGreaterThan(0)
    expect(items.length).toBeLessThan(4)
    expect(items.at(-1)).toMatchObject({ id: 'evt_19' })
    expect(observed.unhandled).toHaveLength(21 - items.length)
    expect(observed.unhandled[0]).toMatchObject({ id: 'new' })
  })
})

describe("with unhandled: 'drop'", () => {
  test('it is dropped at once, observed as unhandled, and remembered', async () => {
    const { receiver, send, observed } = await sendUnhandled({ unhandled: 'drop' })
    expect(observed.unhandled).toMatchObject([{ id: 'new' }])
    expect([observed.parked, observed.handled]).toEqual([[], []])
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
    await send({ id: 'new', type: 'order.teleported' })
    expect(observed.duplicate).toMatchObject([{ id: 'new' }])
  })

  test('the catch-alls run before', async () => {
    const seen = vi.fn()
    const { receiver, observed } = await sendUnhandled({ unhandled: 'drop' }, (receiver) =>
      receiver.onAnyEvent(seen),
    )
    expect(seen).toHaveBeenCalledOnce()
    expect(observed.unhandled).toHaveLength(1)
    expect(observed.handled).toEqual([])
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })

  test('it is a dead letter where a catch-all has failed for good, and is dropped once that has succeeded', async () => {
    const failing = vi.fn().mockImplementationOnce(() => {
      throw new PermanentError('no room')
    })
    const { receiver, observed } = await sendUnhandled({ unhandled: 'drop' }, (receiver) =>
      receiver.onAnyEvent(failing),
    )
    expect(observed.dead).toMatchObject([{ id: 'new', failures: [{ message: 'no room' }] }])
    expect(observed.unhandled).toEqual([])
    expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, dead: 1 })
    await receiver.redriveAll()
    await receiver.idle()
    expect(failing).toHaveBeenCalledTimes(2)
    expect(observed.unhandled).toMatchObject([{ id: 'new' }])
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })
})

describe('with after-handlers', () => {
  const acknowledge = 'after-handlers'

  test('it is acknowledged and gone from a memory inbox, which a warning and an observation say', async () => {
    const { receiver, observed, log } = await sendUnhandled({ acknowledge })
    expect(observed.unhandled).toHaveLength(1)
    expect([observed.parked, observed.handled]).toEqual([[], []])
    expect(log.at('warn')).toMatchObject([{ message: expect.stringContaining('acknowledged and lost') }])
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })

  test('it is parked in a durable inbox', async () => {
    const inbox = inboxInFront(memoryInbox(), { durable: true })
    const { receiver, observed } = await sendUnhandled({ acknowledge, inbox, consume: false })
    expect(observed.parked).toHaveLength(1)
    expect(observed.unhandled).toEqual([])
    expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, parked: 1 })
  })

  test('a durable inbox is told for how long to remember its id, and that no handler failed', async () => {
    const kept = memoryInbox()
    const park = vi.spyOn(kept, 'park')
    const inbox = inboxInFront(kept, { durable: true })
    const { receiver } = await sendUnhandled({ acknowledge, inbox, consume: false, dedupeWindow: 3 * day })
    expect(park.mock.calls.map(([, { key }, options]) => [key, options])).toEqual([
      ['acme:new', expect.objectContaining({ failures: [], rememberMs: 3 * day })],
    ])
    await receiver.stop()
  })

  test('it is not acknowledged where it can not be parked', async () => {
    const park = () => Promise.reject(new Error('the disk is full'))
    const inbox = inboxInFront(memoryInbox(), { durable: true, park })
    const { send } = acmeReceiver({ acknowledge, inbox, consume: false })
    expect(await send({ type: 'order.teleported' })).toMatchObject({ status: 503 })
  })
})

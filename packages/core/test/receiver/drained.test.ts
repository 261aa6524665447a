import {
  ConfigurationError,
  type EventRecord,
  InboxClosedError,
  PermanentError,
  RetryLater,
} from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

// Over the other inboxes: describeDrains of the testkit, in the tests of their packages.

const nothing = { handled: 0, failed: 0, dead: 0, parked: 0, unhandled: 0, more: false }

afterEach(() => void vi.unstubAllEnvs())

function draining(options: Parameters<typeof acmeReceiver>[0] = {}) {
  return acmeReceiver({ consume: false, ...options })
}

async function sendSome(send: ReturnType<typeof draining>['send'], count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) await send({ id: `evt_${sent}` })
}

describe('a drain', () => {
  test('handles what is due with consume: false, and nothing was handled before', async () => {
    const { receiver, send, observed } = draining()
    receiver.onEvent('order.paid', () => {})
    await sendSome(send, 40)
    await receiver.idle()
    expect(observed.handled).toEqual([])
    expect(await receiver.drain()).toEqual({ ...nothing, handled: 40 })
    expect(observed.handled).toHaveLength(40)
    expect(await receiver.drain()).toEqual(nothing)
  })

  test('counts what was handled, failed, waits, died and was parked', async () => {
    const { receiver, send } = draining()
    receiver.onEvent('order.paid', ({ id }) => {
      if (id === 'evt_fails') throw new Error('not yet')
      if (id === 'evt_waits') throw new RetryLater(5_000)
      if (id === 'evt_dies') throw new PermanentError('never')
    })
    for (const id of ['evt_1', 'evt_2', 'evt_fails', 'evt_waits', 'evt_dies']) await send({ id })
    await send({ id: 'evt_other', type: 'order.cancelled', data: { reason: 'none' } })
    expect(await receiver.drain()).toEqual({ ...nothing, handled: 2, failed: 2, dead: 1, parked: 1 })
  })

  test('goes on with events of a type that gets its handler while it is under way', async () => {
    const { receiver, send } = draining()
    receiver.onEvent('order.paid', () => void receiver.onEvent('order.cancelled', () => {}))
    await send()
    await send({ id: 'evt_other', type: 'order.cancelled', data: { reason: 'none' } })
    expect(await receiver.drain()).toMatchObject({ handled: 2, more: false })
  })

  test('counts what was dropped as nothing takes it', async () => {
    const { receiver, send } = draining({ unhandled: 'drop' })
    receiver.onEvent('order.cancelled', () => {})
    await send()
    expect(await receiver.drain()).toEqual({ ...nothing, unhandled: 1 })
  })

  test('waits for no retry that lies in the future, which the next drain after it runs', async () => {
    const { receiver, send, clock } = draining({ retry: { initialDelay: 1_000, jitter: 0 } })
    const handler = vi.fn().mockImplementationOnce(() => {
      throw new Error('not yet')
    })
    receiver.onEvent('order.paid', handler)
    await send()
    expect(await receiver.drain()).toEqual({ ...nothing, failed: 1 })
    await clock.advance(999)
    expect(await receiver.drain()).toEqual(nothing)
    await clock.advance(1)
    expect(await receiver.drain()).toEqual({ ...nothing, handled: 1 })
  })

  test('begins no handler once its time is used, waits for what runs, and leaves the rest to the next', async () => {
    const { receiver, send, clock, observed } = draining({ concurrency: 1 })
    const first = deferred()
    const handler = vi.fn(({ id }) => (id === 'evt_0' ? first.promise : undefined))
    receiver.onEvent('order.paid', handler)
    await sendSome(send, 3)
    const settled = vi.fn()
    const counts = receiver.drain({ maxMs: 1_000 }).then((counts) => {
      settled()
      return counts
    })
    await clock.advance(999)
    expect(handler).toHaveBeenCalledTimes(1)
    await clock.advance(1)
    expect(settled).not.toHaveBeenCalled()
    first.resolve()
    expect(await counts).toEqual({ ...nothing, handled: 1, more: true })
    await clock.advance(0)
    expect(handler).toHaveBeenCalledTimes(1)
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 2, active: 0 })
    expect(await receiver.drain()).toEqual({ ...nothing, handled: 2 })
    expect(observed.handled.map(({ id }) => id)).toEqual(['evt_0', 'evt_1', 'evt_2'])
  })

  test('takes nothing up once its time is used, though it has room and waits for a handler', async () => {
    const { receiver, send, clock } = draining({ concurrency: 2 })
    const [first, second] = [deferred(), deferred()]
    receiver.onEvent('order.paid', ({ id }) => (id === 'evt_0' ? first : second).promise)
    await sendSome(send, 5)
    const counts = receiver.drain({ maxMs: 1_000 })
    await clock.advance(1_000)
    second.resolve()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 3, active: 1, scheduled: 0 })
    first.resolve()
    expect(await counts).toEqual({ ...nothing, handled: 2, more: true })
    expect(await receiver.drain()).toEqual({ ...nothing, handled: 3 })
  })

  test('waits no longer for what runs than its handlerTimeout', async () => {
    const { receiver, send, clock } = draining({ handlerTimeout: 3_000 })
    receiver.onEvent('order.paid', () => new Promise(() => {}))
    await send()
    const counts = receiver.drain({ maxMs: 1_000 })
    await clock.advance(3_000)
    expect(await counts).toEqual({ ...nothing, failed: 1, more: true })
  })

  test.each(['its signal is aborted', 'its time is used, though its signal is not aborted'])(
    'ends when %s: the handler after the one that runs does not begin, and progress is kept',
    async (when) => {
      const { receiver, send, clock } = draining()
      const ran: string[] = []
      const mayEnd = deferred()
      receiver.onEvent('order.paid', async () => {
        ran.push('first')
        await mayEnd.promise
      })
      receiver.onEvent('order.paid', () => void ran.push('second'))
      await send()
      const leaving = new AbortController()
      const counts = receiver.drain({ signal: leaving.signal, maxMs: 1_000 })
      await clock.advance(0)
      if (when.startsWith('its time')) await clock.advance(1_000)
      else leaving.abort()
      mayEnd.resolve()
      expect(await counts).toEqual({ ...nothing, more: true })
      await clock.advance(0)
      expect(ran).toEqual(['first'])
      expect(await receiver.drain()).toEqual({ ...nothing, handled: 1 })
      expect(ran).toEqual(['first', 'second'])
    },
  )

  test('begins nothing where its signal was aborted before', async () => {
    const { receiver, send } = draining()
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    await send()
    expect(await receiver.drain({ signal: AbortSignal.abort() })).toEqual({ ...nothing, more: true })
    expect(handler).not.toHaveBeenCalled()
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
  })

  test('handles nothing that comes once nothing was due: it ends, however much comes', async () => {
    const clock = manualClock(start)
    let atEnd = () => {}
    const after: typeof clock.after = (...timer) => {
      const cancel = clock.after(...timer)
      return () => {
        atEnd()
        cancel()
      }
    }
    const { receiver, send } = draining({ clock: { ...clock, after } })
    receiver.onEvent('order.paid', () => {})
    await send()
    const [event] = (await receiver.inbox.list()).items
    atEnd = () =>
      void receiver.inbox.put({ ...event, key: 'acme::late', rawBody: new Uint8Array() } as EventRecord, {
        rememberMs: 1,
      })
    expect(await receiver.drain()).toEqual({ ...nothing, handled: 1 })
    await clock.advance(0)
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
  })

  test('sets no timer that outlives it', async () => {
    const { receiver, send, clock } = draining()
    receiver.onEvent('order.paid', () => {})
    await send()
    await receiver.drain({ maxMs: 60_000 })
    expect(clock.pendingTimers).toBe(0)
  })

  test('rejects without a handler, as it would park all that waits', async () => {
    const { receiver, send } = draining()
    await send()
    await expect(receiver.drain()).rejects.toThrow(ConfigurationError)
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1, parked: 0 })
  })

  test.each([0, -1, Number.NaN, '1000', null])('rejects for a maxMs of %j', async (maxMs) => {
    const { receiver } = draining()
    receiver.onEvent('order.paid', () => {})
    await expect(receiver.drain({ maxMs: maxMs as number })).rejects.toThrow(/maxMs is .*above 0/)
  })

  test('rejects once the receiver was stopped', async () => {
    const { receiver } = draining()
    receiver.onEvent('order.paid', () => {})
    await receiver.stop()
    await expect(receiver.drain()).rejects.toThrow(InboxClosedError)
  })

  test('under way is finished where the receiver is stopped, and what a memory inbox holds is handled', async () => {
    const { receiver, send, clock, observed } = draining({ concurrency: 1 })
    const mayEnd = deferred()
    receiver.onEvent('order.paid', () => mayEnd.promise)
    await sendSome(send, 3)
    const counts = receiver.drain()
    await clock.advance(0)
    const stopped = receiver.stop()
    mayEnd.resolve()
    await stopped
    expect(observed.handled).toHaveLength(3)
    expect(await counts).toMatchObject({ handled: 3 })
  })
})

describe('two drains at once', () => {
  test('share the work: each event is handled once, and counted once', async () => {
    const { receiver, send, observed } = draining({ concurrency: 3 })
    receiver.onEvent('order.paid', () => new Promise<void>((resolve) => setImmediate(resolve)))
    await sendSome(send, 30)
    const [one, other] = await Promise.all([receiver.drain(), receiver.drain()])
    expect(one.handled + other.handled).toBe(30)
    expect([one.more, other.more]).toEqual([false, false])
    expect(new Set(observed.handled.map(({ id }) => id)).size).toBe(30)
    expect(observed.handled).toHaveLength(30)
  })

  test('run no more handlers at once than concurrency, beside a consumer too', async () => {
    const { receiver, send } = draining({ concurrency: 2 })
    let running = 0
    let most = 0
    receiver.onEvent('order.paid', async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    })
    await sendSome(send, 20)
    receiver.start()
    const counts = await Promise.all([receiver.drain(), receiver.drain()])
    await receiver.idle()
    expect(most).toBe(2)
    expect(counts.every(({ more }) => !more)).toBe(true)
  })

  test('end each at its own time: one that waits for room does not wait for the handlers of the other', async () => {
    const { receiver, send, clock } = draining({ concurrency: 1 })
    const mayEnd = deferred()
    receiver.onEvent('order.paid', () => mayEnd.promise)
    await sendSome(send, 2)
    const long = receiver.drain({ maxMs: 60_000 })
    await clock.advance(0)
    const short = receiver.drain({ maxMs: 1_000 })
    await clock.advance(1_000)
    expect(await short).toEqual({ ...nothing, more: true })
    mayEnd.resolve()
    await clock.advance(0)
    expect((await long).handled + (await receiver.drain()).handled).toBe(2)
  })
})

describe('beside a consumer of this process', () => {
  test('a drain does no harm: each event is handled once, and the consumer goes on', async () => {
    const { receiver, send, observed } = draining()
    receiver.onEvent('order.paid', () => new Promise<void>((resolve) => setImmediate(resolve)))
    await sendSome(send, 30)
    receiver.start()
    expect(await receiver.drain()).toMatchObject({ more: false })
    await receiver.idle()
    expect(observed.handled).toHaveLength(30)
    await send({ id: 'evt_later' })
    await receiver.idle()
    expect(observed.handled).toHaveLength(31)
  })

  test('a drain whose time is used leaves its events to the consumer', async () => {
    const { receiver, send, observed, clock } = draining({ concurrency: 1 })
    const mayEnd = deferred()
    receiver.onEvent('order.paid', ({ id }) => (id === 'evt_0' ? mayEnd.promise : undefined))
    await sendSome(send, 5)
    receiver.start()
    const counts = receiver.drain({ maxMs: 1_000 })
    await clock.advance(1_000)
    mayEnd.resolve()
    expect((await counts).more).toBe(true)
    await clock.advance(0)
    await receiver.idle()
    expect(observed.handled).toHaveLength(5)
  })
})

describe('idle, with consume: false', () => {
  const handled = async (receiver: ReturnType<typeof draining>) => {
    receiver.receiver.onEvent('order.paid', () => {})
    await receiver.send()
    await receiver.receiver.idle()
    return receiver.observed.handled.length
  }

  test('handles nothing on a server: another process does', async () => {
    expect(await handled(draining())).toBe(0)
  })

  test('drains where a route for drains was made', async () => {
    const made = draining()
    made.receiver.drainRoute({ secret: 'cron-secret' })
    expect(await handled(made)).toBe(1)
  })

  test.each([
    ['no longer than the route, as the limit of the function is that of both', 1_000, 1_000],
    ['no longer than 20 s where the route may take longer', 60_000, 20_000],
  ])('drains for %s', async (_, maxMs, until) => {
    const { receiver, send, clock } = draining({ concurrency: 1 })
    const first = deferred()
    const handler = vi.fn(({ id }) => (id === 'evt_0' ? first.promise : undefined))
    receiver.onEvent('order.paid', handler)
    receiver.drainRoute({ secret: 'cron-secret', maxMs })
    await sendSome(send, 2)
    const idle = receiver.idle()
    await clock.advance(until)
    first.resolve()
    await idle
    await clock.advance(0)
    expect(handler).toHaveBeenCalledTimes(1)
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1, active: 0 })
  })

  test('drains nothing where no handler is registered: it is a process that only accepts', async () => {
    const { receiver, send } = draining()
    receiver.drainRoute({ secret: 'cron-secret' })
    await send()
    await receiver.idle()
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
  })

  test('has nothing to drain after stop', async () => {
    const { receiver } = draining()
    receiver.onEvent('order.paid', () => {})
    receiver.drainRoute({ secret: 'cron-secret' })
    await receiver.stop()
    await expect(receiver.idle()).resolves.toBeUndefined()
  })
})

test('where timers end with their request, a drain handles what is due, and ends at its time', async () => {
  vi.stubGlobal('EdgeRuntime', 'edge-runtime')
  const { receiver, send, clock } = draining()
  vi.unstubAllGlobals()
  const hangs = deferred()
  receiver.onEvent('order.paid', ({ id }) => (id === 'evt_hangs' ? hangs.promise : undefined))
  await send()
  expect(await receiver.drain()).toEqual({ ...nothing, handled: 1 })
  await send({ id: 'evt_hangs' })
  const counts = receiver.drain({ maxMs: 1_000 })
  await clock.advance(1_000)
  hangs.resolve()
  expect(await counts).toMatchObject({ handled: 1, more: true })
})

describe('a drain that is over while its handler still runs', () => {
  test('keeps nothing from the consumer beside it: what was parked is handled there once it has a handler', async () => {
    const { receiver, send, observed } = draining()
    const paying = deferred()
    const ran: string[] = []
    receiver.onEvent('order.paid', () => {
      ran.push('paid')
      return paying.promise
    })
    await send({ id: 'parked', type: 'order.shipped' })
    await receiver.drain()
    expect(observed.parked).toHaveLength(1)
    await send({ id: 'paid' })
    const ending = new AbortController()
    const drained = receiver.drain({ signal: ending.signal })
    await vi.waitFor(() => expect(ran).toEqual(['paid']), 10_000)
    receiver.start()
    ending.abort()
    receiver.onEvent('order.shipped' as 'order.paid', () => void ran.push('shipped'))
    await vi.waitFor(() => expect(ran).toEqual(['paid', 'shipped']), 10_000)
    paying.resolve()
    await drained
  })
})

test('what a drain gives back, as its time was over while it stood in line, is due at once: idle waits for it', async () => {
  const { receiver, send } = acmeReceiver({ concurrency: 1 })
  const [first, ran] = [deferred(), [] as string[]]
  receiver.onEvent('order.paid', ({ id }) => {
    ran.push(id)
    return first.promise
  })
  await send({ id: 'one' })
  await vi.waitFor(() => expect(ran).toEqual(['one']), 10_000)
  await send({ id: 'two' })
  const ending = new AbortController()
  const drained = receiver.drain({ signal: ending.signal })
  await vi.waitFor(async () => expect(await receiver.inbox.counts()).toMatchObject({ active: 2 }), 10_000)
  ending.abort()
  await drained
  first.resolve()
  await receiver.idle()
  expect(ran).toEqual(['one', 'two'])
})

import { type Inbox, memoryInbox } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { EventTable } from '@hookport/testkit/inbox/event-table'
import { describe, expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { tableInbox } from '../support/table-inbox.ts'

const second = 1_000
const received = { status: 200 }
const inProgress = { status: 409 }

/** Handlers before the reply, on a memory inbox of which some methods are others. */
function afterHandlersWith(change: (inbox: Inbox) => Partial<Inbox>, concurrency = 16) {
  const clock = manualClock(start)
  const inbox = memoryInbox({ clock })
  const changed = inboxInFront(inbox, change(inbox))
  const handlerTimeout = 600 * second
  const options = { clock, inbox: changed, handlerTimeout, concurrency }
  return { ...acmeReceiver({ acknowledge: 'after-handlers', ...options }), inbox }
}

describe('before the reply', () => {
  test('the lease of an event that waits in line for its turn is renewed: it is not handled beside itself', async () => {
    const { receiver, send, clock } = afterHandlersWith(() => ({}), 1)
    const mayEnd = deferred()
    const ran: string[] = []
    receiver.onEvent('order.paid', async ({ id }) => {
      ran.push(id)
      await mayEnd.promise
    })
    const replies = ['evt_1', 'evt_2'].map((id) => send({ id, at: start }))
    await clock.advance(45 * second)
    const again = send({ id: 'evt_2', at: start })
    await clock.advance(0)
    mayEnd.resolve()
    expect(await again).toMatchObject(inProgress)
    for (const reply of await Promise.all(replies)) expect(reply).toMatchObject(received)
    expect(ran).toEqual(['evt_1', 'evt_2'])
  })

  test('a handler that has ended is told of no lease that is lost later, while the next one runs', async () => {
    const { receiver, send, clock } = afterHandlersWith(() => ({ renew: () => false }))
    const signals: AbortSignal[] = []
    receiver.onEvent('order.paid', async (_, { signal }) => void signals.push(signal))
    receiver.onEvent('order.paid', async (_, { signal }) => {
      signals.push(signal)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    void send()
    await clock.advance(10 * second)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
  })

  test('the next handler of an event does not start under a lost lease', async () => {
    const { receiver, send, clock } = afterHandlersWith((inbox) => ({
      renew: async (lease) => {
        await inbox.release(lease, lease.progress, false)
        return false
      },
    }))
    const ran: string[] = []
    receiver.onEvent('order.paid', async (_, { signal }) => {
      ran.push('first')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    receiver.onEvent('order.paid', () => ran.push('second'))
    const reply = send()
    await clock.advance(10 * second)
    expect(await reply).toMatchObject(inProgress)
    await clock.advance(0)
    expect(ran).toEqual(['first'])
  })

  test.each(['confirm', 'release'] as const)(
    'a %s that rejects leaves no timer, and the next claim is granted once the lease is over',
    async (method) => {
      let isBroken = true
      const { receiver, send, clock } = afterHandlersWith((inbox) => ({
        [method]: (...args: Parameters<Inbox['confirm']> & Parameters<Inbox['release']>) => {
          if (isBroken) return Promise.reject(new Error('no connection'))
          return (inbox[method] as (...given: unknown[]) => boolean)(...args)
        },
      }))
      let runs = 0
      receiver.onEvent('order.paid', () => {
        runs += 1
        if (method === 'release' && isBroken) throw new Error('not yet')
      })
      await send()
      expect(runs).toBe(1)
      expect(clock.pendingTimers, 'of renewal').toBe(0)
      isBroken = false
      expect(await send({ at: start })).toMatchObject(inProgress)
      await clock.advance(30 * second)
      expect(await send({ at: start })).toMatchObject(received)
      expect(runs).toBe(2)
    },
  )

  test('a claim that is answered late counts from when it was asked for', async () => {
    const { receiver, send, clock } = afterHandlersWith((inbox) => ({
      async claim(event, options) {
        const claim = await inbox.claim(event, options)
        await new Promise<void>((resolve) => clock.after(2 * second, resolve))
        return claim
      },
      renew: () => new Promise<never>(() => {}),
    }))
    let heard: AbortSignal | undefined
    receiver.onEvent('order.paid', (_, { signal }) => {
      heard = signal
      return new Promise(() => {})
    })
    const reply = send()
    await clock.advance(30 * second - 1)
    expect(heard?.aborted).toBe(false)
    await clock.advance(1)
    expect(heard?.aborted).toBe(true)
    await reply
  })

  test('a renewal that is answered late counts from when it was asked for', async () => {
    const answers = [9 * second, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    const { receiver, send, clock } = afterHandlersWith((inbox) => ({
      renew: async (lease, leaseMs) => {
        const renewed = await inbox.renew(lease, leaseMs)
        const waitMs = answers.shift() ?? 0
        await new Promise<void>((resolve) => clock.after(waitMs, resolve))
        return renewed
      },
    }))
    const signals: AbortSignal[] = []
    receiver.onEvent('order.paid', (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    const reply = send()
    await clock.advance(10 * second + 30 * second - 1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await clock.advance(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    await reply
  })

  test('handlers that end while their lease is being renewed leave no timer', async () => {
    const renewal = deferred<boolean>()
    const { receiver, send, clock } = afterHandlersWith(() => ({ renew: () => renewal.promise }))
    const gate = deferred()
    receiver.onEvent('order.paid', () => gate.promise)
    const reply = send()
    await clock.advance(10 * second)
    gate.resolve()
    expect(await reply).toMatchObject(received)
    renewal.resolve(true)
    await clock.advance(0)
    expect(clock.pendingTimers).toBe(0)
  })
})

test('a handler that runs on although its event was given to another process is not run beside itself, once that one has died too', async () => {
  const clock = manualClock(start)
  const table = new EventTable(clock)
  const { receiver, send } = acmeReceiver({
    clock,
    inbox: tableInbox(table, clock),
    handlerTimeout: 600 * second,
  })
  const mayEnd = deferred()
  let runs = 0
  receiver.onEvent('order.paid', async () => {
    runs += 1
    await mayEnd.promise
  })
  await send()
  await expect.poll(() => runs).toBe(1)
  table.loseLeases()
  await clock.advance(60 * second)
  expect(runs).toBe(1)
  mayEnd.resolve()
  await clock.advance(60 * second)
  expect(runs).toBe(2)
})

describe('a checkpoint', () => {
  function withCheckpoint(checkpoint: () => Promise<boolean>) {
    const clock = manualClock(start)
    const table = new EventTable(clock)
    table.checkpoint = checkpoint
    const acme = acmeReceiver({ clock, inbox: tableInbox(table, clock) })
    const ran: string[] = []
    for (const name of ['first', 'second'])
      acme.receiver.onEvent('order.paid', async () => void ran.push(name), { name })
    return { ...acme, ran, table }
  }

  test('that is pending keeps the next handler from starting', async () => {
    const kept = deferred<boolean>()
    const { send, clock, ran } = withCheckpoint(() => kept.promise)
    await send()
    await expect.poll(() => ran).toEqual(['first'])
    await clock.advance(second)
    expect(ran).toEqual(['first'])
    kept.resolve(true)
    await expect.poll(() => ran).toEqual(['first', 'second'])
  })

  test('that finds the lease lost keeps the next handler from starting, however late it answers', async () => {
    const kept = deferred<boolean>()
    const { send, clock, ran } = withCheckpoint(() => kept.promise)
    await send()
    await expect.poll(() => ran).toEqual(['first'])
    kept.resolve(false)
    await clock.advance(second)
    expect(ran).toEqual(['first'])
  })

  test('that a store in trouble rejects keeps the next handler from starting, until the store has heard of the first', async () => {
    const { send, clock, ran, table, observed } = withCheckpoint(() => Promise.reject(new Error('no room')))
    const conclude = table.conclude.bind(table)
    let isInTrouble = true
    table.conclude = async (taken, verdict) => {
      if (isInTrouble) throw new Error('no room')
      return conclude(taken, verdict)
    }
    await send()
    await expect.poll(() => ran).toEqual(['first'])
    await clock.advance(20 * second)
    expect(ran).toEqual(['first'])
    isInTrouble = false
    await clock.advance(10 * second)
    expect(ran).toEqual(['first', 'second'])
    expect(observed.handled).toMatchObject([{ attempt: 1 }])
    expect(observed.failed).toEqual([])
  })

  test('that a store in trouble rejects costs the event nothing: the verdict tells all of it again', async () => {
    const { receiver, send, ran, observed } = withCheckpoint(() => Promise.reject(new Error('no connection')))
    await send()
    await receiver.idle()
    expect(ran).toEqual(['first', 'second'])
    expect(observed.handled).toMatchObject([{ attempt: 1 }])
  })
})

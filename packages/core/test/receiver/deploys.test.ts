import { type Attempt, RetryLater } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { EventTable } from '@hookport/testkit/inbox/event-table'
import { describe, expect, test } from 'vitest'
import { type AcmeReceiver, acmeReceiver, start } from '../support/acme-receiver.ts'
import { tableInbox } from '../support/table-inbox.ts'

const key = 'acme:evt_1'

/** A store, and processes that come and go over it, each with the handlers of its version. */
function deployments() {
  const clock = manualClock(start)
  const table = new EventTable(clock)
  const ran: string[] = []
  return {
    clock,
    table,
    ran,
    deploy(register: (receiver: AcmeReceiver['receiver']) => unknown, options: object = {}): AcmeReceiver {
      const inbox = tableInbox(table, clock)
      const version = acmeReceiver({ inbox, clock, retry: { jitter: 0 }, ...options })
      register(version.receiver)
      version.receiver.start()
      return version
    },
  }
}

const second = 1_000

describe('a deploy that changes handlers', () => {
  test('[charge, mail] to [audit, charge, mail] with a retry pending: audit runs, charge runs no second time', async () => {
    const { clock, table, ran, deploy } = deployments()
    const before = deploy((receiver) => {
      receiver.onEvent('order.paid', () => ran.push('charge'), { name: 'charge' })
      receiver.onEvent(
        'order.paid',
        () => {
          ran.push('mail')
          throw new Error('no connection')
        },
        { name: 'mail' },
      )
    })
    await before.send()
    await clock.advance(0)
    await before.receiver.stop()
    expect(table.describe(key)).toMatchObject({ state: 'scheduled' })
    const attempts: number[] = []
    deploy((receiver) => {
      receiver.onEvent('order.paid', () => ran.push('audit'), { name: 'audit' })
      receiver.onEvent('order.paid', () => ran.push('charge'), { name: 'charge' })
      receiver.onEvent('order.paid', (_, { attempt }) => ran.push('mail') && attempts.push(attempt), {
        name: 'mail',
      })
    })
    await clock.advance(2 * second)
    expect(ran).toEqual(['charge', 'mail', 'audit', 'mail'])
    expect(attempts).toEqual([2])
    expect(table.rows.size).toBe(0)
  })

  test('a handler that waits and is no longer there holds up nothing', async () => {
    const { clock, table, ran, deploy } = deployments()
    const before = deploy((receiver) => {
      receiver.onEvent('order.paid', () => ran.push('charge'), { name: 'charge' })
      receiver.onEvent('order.paid', () => Promise.reject(new RetryLater(60 * second)), { name: 'mail' })
    })
    await before.send()
    await clock.advance(0)
    await before.receiver.stop()
    deploy((receiver) => receiver.onEvent('order.paid', () => ran.push('charge'), { name: 'charge' }))
    await clock.advance(61 * second)
    expect(ran).toEqual(['charge'])
    expect(table.rows.size).toBe(0)
  })

  test('a handler that had no name keeps what it did, where it was the only one of its type', async () => {
    const { clock, table, ran, deploy } = deployments()
    const before = deploy((receiver) => {
      receiver.onEvent('order.paid', () => ran.push('save'))
      receiver.onAnyEvent(() => Promise.reject(new Error('no connection')), { name: 'log' })
    })
    await before.send()
    await clock.advance(0)
    await before.receiver.stop()
    deploy((receiver) => {
      receiver.onEvent('order.paid', () => ran.push('save'), { name: 'save' })
      receiver.onAnyEvent(() => ran.push('log'), { name: 'log' })
    })
    await clock.advance(2 * second)
    expect(ran).toEqual(['save', 'log'])
    expect(table.rows.size).toBe(0)
  })

  test('of two versions side by side, the one that knows a type handles all 200 of its events', async () => {
    const { clock, table, ran, deploy } = deployments()
    const old = deploy((receiver) => receiver.onEvent('order.paid', () => ran.push('paid')))
    deploy((receiver) => {
      receiver.onEvent('order.paid', () => ran.push('paid'))
      receiver.onEvent('order.cancelled', ({ id }) => ran.push(id))
    })
    for (let sent = 0; sent < 200; sent++)
      await old.send({ id: `evt_${sent}`, type: 'order.cancelled', data: { reason: 'none' } })
    await clock.advance(5 * second)
    expect(new Set(ran).size).toBe(200)
    expect(ran).toHaveLength(200)
    expect(old.observed.handled).toEqual([])
    expect(table.rows.size).toBe(0)
  })
})

describe('stop', () => {
  test('begins no further handler of an event, and keeps what was done: the next process does the rest', async () => {
    const { clock, table, ran, deploy } = deployments()
    const gate = deferred()
    const register = (receiver: AcmeReceiver['receiver'], charge: () => unknown) => {
      receiver.onEvent('order.paid', charge, { name: 'charge' })
      receiver.onEvent('order.paid', () => ran.push('mail'), { name: 'mail' })
    }
    const before = deploy((receiver) =>
      register(receiver, () => {
        ran.push('charge')
        return gate.promise
      }),
    )
    await before.send()
    await clock.advance(0)
    const stopping = before.receiver.stop()
    gate.resolve()
    await stopping
    expect(ran).toEqual(['charge'])
    expect(table.rows.get(key)).toMatchObject({
      state: 'scheduled',
      attempt: 1,
      dueAt: clock.elapsed(),
      progress: { completed: ['onEvent(order.paid):charge'] },
    })
    deploy((receiver) => register(receiver, () => ran.push('charge')))
    await clock.advance(second)
    expect(ran).toEqual(['charge', 'mail'])
  })

  test('begins no further handler in a drain that is under way either', async () => {
    const { clock, table, ran, deploy } = deployments()
    const gate = deferred()
    const register = (receiver: AcmeReceiver['receiver']) => {
      receiver.onEvent('order.paid', () => ran.push('charge') && gate.promise, { name: 'charge' })
      receiver.onEvent('order.paid', () => ran.push('mail'), { name: 'mail' })
    }
    const inbox = tableInbox(table, clock)
    const draining = acmeReceiver({ inbox, clock, consume: false })
    register(draining.receiver)
    await draining.send()
    const drain = draining.receiver.drain({ maxMs: 60_000 })
    await clock.advance(0)
    const stopping = draining.receiver.stop()
    gate.resolve()
    await stopping
    expect(await drain).toMatchObject({ handled: 0, more: true })
    expect(ran).toEqual(['charge'])
    deploy(register)
    await clock.advance(second)
    expect(ran).toEqual(['charge', 'mail'])
  })

  test('takes nothing more while a delivery is under way', async () => {
    const { clock, table, ran, deploy } = deployments()
    const put = deferred()
    const inbox = inboxInFront(tableInbox(table, clock), {
      async put() {
        await put.promise
        return { outcome: 'accepted' }
      },
    })
    const { receiver, send } = deploy(
      (receiver) => receiver.onEvent('order.paid', ({ id }) => ran.push(id)),
      { inbox },
    )
    await clock.advance(0)
    const delivery = send({ id: 'under_way' })
    await clock.advance(0)
    let takings = 0
    const take = table.take.bind(table)
    table.take = (ask) => {
      takings += 1
      return take(ask)
    }
    const stopping = receiver.stop()
    await clock.advance(2 * second)
    put.resolve()
    expect(await delivery).toMatchObject({ status: 200 })
    await stopping
    expect(takings).toBe(0)
  })
})

describe('a bad error', () => {
  test.each<[string, unknown]>([
    ['with a bigint for its message', Object.assign(new Error(), { message: 10n })],
    [
      'that is circular',
      Object.assign(new Error(), {
        get message() {
          return this
        },
        code: Symbol('code'),
      }),
    ],
    ['of 1 MB', new Error('x'.repeat(1_000_000))],
  ])('%s costs its neighbours nothing, and ends as a dead letter', async (_, error) => {
    const { clock, table, ran, deploy } = deployments()
    const { send } = deploy(
      (receiver) =>
        receiver.onEvent('order.paid', ({ id }) => {
          ran.push(id)
          if (id === 'bad') throw error
        }),
      { retry: { attempts: 2, initialDelay: second, maxDelay: second, jitter: 0 } },
    )
    for (const id of ['evt_1', 'bad', 'evt_2']) await send({ id })
    await clock.advance(5 * second)
    expect(ran).toEqual(['evt_1', 'bad', 'evt_2', 'bad'])
    expect([...table.rows.values()]).toMatchObject([{ state: 'dead', event: { id: 'bad' } }])
    expect(JSON.stringify(table.rows.get('acme:bad')).length).toBeLessThan(64 * 1024)
  })

  test('of the store at a checkpoint costs the event nothing', async () => {
    const { clock, table, ran, deploy } = deployments()
    table.checkpoint = () => Promise.reject(new Error('the disk is full'))
    const { send, observed } = deploy((receiver) => {
      for (const name of ['one', 'two', 'three'])
        receiver.onEvent('order.paid', () => ran.push(name), { name })
    })
    await send()
    await clock.advance(0)
    expect(ran).toEqual(['one', 'two', 'three'])
    expect(observed.failed).toEqual([])
    expect(table.rows.size).toBe(0)
  })
})

describe('a handler that ignores its signal', () => {
  test('is not run beside itself, until it has settled', async () => {
    const { clock, table, deploy } = deployments()
    const gates = [deferred(), deferred()]
    let begun = 0
    const { send } = deploy((receiver) => receiver.onEvent('order.paid', () => gates[begun++]?.promise), {
      handlerTimeout: 25 * second,
    })
    await send()
    await clock.advance(25 * second)
    await clock.advance(20 * second)
    expect(begun).toBe(1)
    gates[0]?.resolve()
    await clock.advance(2 * second)
    expect(begun).toBe(2)
    gates[1]?.resolve()
    await clock.advance(0)
    expect(table.rows.size).toBe(0)
  })

  test('is waited for as long as a handler may take once more, and a line names it', async () => {
    const { clock, deploy } = deployments()
    const attempts: Attempt['attempt'][] = []
    const { send, log } = deploy(
      (receiver) =>
        receiver.onEvent('order.paid', (_, { attempt }) => {
          attempts.push(attempt)
          return attempt === 1 ? new Promise(() => {}) : undefined
        }),
      { handlerTimeout: 25 * second },
    )
    await send()
    await clock.advance(50 * second - 1)
    expect(attempts).toEqual([1])
    await clock.advance(2 * second)
    expect(attempts).toEqual([1, 2])
    expect(log.at('warn')).toContainEqual(
      expect.objectContaining({
        details: { key, handler: 'onEvent(order.paid)#0' },
        message: expect.stringContaining('Does it obey context.signal?'),
      }),
    )
  })
})

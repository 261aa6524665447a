import type { Observers } from '@hookport/core'
import { describe, expect, test } from 'vitest'
import { signedPost } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const order = {
  provider: 'acme',
  source: 'acme',
  tenant: undefined,
  id: 'evt_1',
  type: 'order.paid',
  key: 'acme:evt_1',
}

test('an accepted event is observed with its key', async () => {
  const { send, observed } = acmeReceiver()
  await send()
  expect(observed.accepted).toEqual([{ ...order, secretIndex: 0 }])
})

test('a handled event is observed with its attempt and how long that took', async () => {
  const { receiver, send, clock, observed } = acmeReceiver()
  receiver.onEvent('order.paid', () => new Promise<void>((resolve) => clock.after(1_500, resolve)))
  await send()
  const idle = receiver.idle()
  await clock.advance(1_500)
  await idle
  expect(observed.handled).toEqual([{ ...order, attempt: 1, durationMs: 1_500 }])
})

test('failures carry the time and the stack for observers, and are logged without the stack', async () => {
  const { receiver, send, clock, observed, log } = acmeReceiver({ retry: { attempts: 2, jitter: 0 } })
  receiver.onEvent('order.paid', () => Promise.reject(new Error('broken')))
  await send()
  await receiver.idle()
  const failedAt = clock.now()
  await clock.advance(1_000)
  await receiver.idle()
  const failure = { message: 'broken', stack: expect.stringContaining('observers.test') }
  expect(observed.failed).toMatchObject([{ failures: [{ ...failure, at: failedAt }] }])
  expect(observed.dead).toMatchObject([{ failures: [{ ...failure, at: failedAt + 1_000 }] }])
  expect(log.at('warn')).toMatchObject([{ details: { failures: [{ message: 'broken' }] } }])
  expect(log.at('error')).toMatchObject([{ details: { failures: [{ message: 'broken' }] } }])
  expect(log.text()).not.toContain('observers.test')
})

const names = ['accepted', 'duplicate', 'rejected', 'handled', 'failed', 'dead', 'redriven'] as const

describe('an observer that throws is harmless, and the log says that it did', () => {
  const broken: Record<string, () => unknown> = {
    'at once': () => {
      throw new Error('observer broken')
    },
    'as a promise': async () => {
      throw new Error('observer broken')
    },
    'as a promise of another library': () => ({
      // biome-ignore lint/suspicious/noThenProperty: as such a library makes one
      then: (_: unknown, fail: (error: Error) => void) => fail(new Error('observer broken')),
    }),
  }

  test.each(Object.entries(broken))('%s', async (_, throwError) => {
    const rejections = collectUnhandledRejections()
    const observers: Observers = Object.fromEntries(names.map((name) => [name, throwError]))
    const { receiver, send, clock, log } = acmeReceiver({ observers, retry: { attempts: 2, jitter: 0 } })
    const attempts: number[] = []
    receiver.onEvent('order.paid', (_, { attempt }) => {
      attempts.push(attempt)
      if (attempts.length < 3) throw new Error('not yet')
    })
    expect(await send()).toMatchObject({ status: 200 })
    expect(await send()).toMatchObject({ status: 200 })
    expect(await send({ id: 'old', at: 0 })).toMatchObject({ status: 400 })
    await receiver.idle()
    await clock.advance(1_000)
    await receiver.idle()
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
    expect(await receiver.redrive('acme:evt_1')).toBe(true)
    await receiver.idle()
    expect(attempts).toEqual([1, 2, 1])
    await rejectionsReported()
    const complaints = log.lines.filter(({ message }) => /^the observer \w+ threw$/.test(message))
    expect(complaints.map(({ details }) => details.observer).sort()).toEqual([...names].sort())
    expect(rejections).toEqual([])
  })
})

test('observers may be methods that use this, also those of an instrument', async () => {
  class Metrics {
    #accepted = 0
    accepted(): void {
      this.#accepted += 1
    }
    get seen(): number {
      return this.#accepted
    }
  }
  const [own, ofInstrument] = [new Metrics(), new Metrics()]
  const { receiver, send } = acmeReceiver({ observers: own })
  receiver.instrument({ observers: ofInstrument })
  await send()
  expect([own.seen, ofInstrument.seen]).toEqual([1, 1])
})

test('strangers make an observer that throws say so no more than ten times a minute', async () => {
  const rejected = () => {
    throw new Error('no metrics today')
  }
  const { receiver, log } = acmeReceiver({ observers: { rejected } })
  const forged = signedPost('{}', 'another secret')
  for (let sent = 0; sent < 30; sent += 1)
    expect(await receiver.receive(forged)).toMatchObject({ status: 401 })
  expect(log.lines.filter(({ message }) => message === 'the observer rejected threw')).toHaveLength(10)
})

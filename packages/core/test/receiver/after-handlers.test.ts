import { type Inbox, memoryInbox, PermanentError, type ReceiverOptions, RetryLater } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

const second = 1_000
const received = { status: 200, body: '{"received":true}' }
const handlerFailed = { status: 500, body: '{"error":"handler_failed"}' }
const inProgress = { status: 409, body: '{"error":"in_progress"}' }

function afterHandlers(options: Omit<ReceiverOptions, 'provider'> = {}) {
  return acmeReceiver({ acknowledge: 'after-handlers', ...options })
}

/** After handlers, on an inbox whose methods are those of a memory inbox, but for some. */
function afterHandlersWith(
  change: (inbox: Inbox) => Partial<Inbox>,
  options: Omit<ReceiverOptions, 'provider'> = {},
) {
  const clock = manualClock(start)
  const inbox = memoryInbox({ clock })
  return { ...afterHandlers({ clock, inbox: inboxInFront(inbox, change(inbox)), ...options }), inbox }
}

describe('the reply waits for the handlers', () => {
  test('it is 200 once they have succeeded, and a duplicate is not handled again', async () => {
    const { receiver, send, clock, observed } = afterHandlers()
    const gate = deferred()
    const handler = vi.fn(() => gate.promise)
    receiver.onEvent('order.paid', handler)
    let replied = false
    const reply = send().then((reply) => {
      replied = true
      return reply
    })
    await clock.advance(0)
    expect(replied).toBe(false)
    gate.resolve()
    expect(await reply).toMatchObject(received)
    expect(await send({ at: start })).toMatchObject(received)
    expect(handler).toHaveBeenCalledOnce()
    expect(observed.accepted).toHaveLength(1)
    expect(observed.handled).toHaveLength(1)
    expect(observed.duplicate).toHaveLength(1)
  })

  test('a failure is 500, and the next delivery runs only the handler that failed', async () => {
    const { receiver, send, observed, log } = afterHandlers()
    const ran: string[] = []
    receiver
      .onEvent('order.paid', () => ran.push('fine'))
      .onEvent('order.paid', (_, { attempt }) => {
        ran.push(`failing ${attempt}`)
        if (attempt < 3) throw new Error('not yet')
      })
      .onEvent('order.paid', () => ran.push('fine too'))
    expect(await send()).toMatchObject(handlerFailed)
    expect(await send()).toMatchObject(handlerFailed)
    expect(await send()).toMatchObject(received)
    expect(ran).toEqual(['fine', 'failing 1', 'fine too', 'failing 2', 'failing 3'])
    expect(observed.failed.map(({ attempt, retryInMs }) => ({ attempt, retryInMs }))).toEqual([
      { attempt: 1, retryInMs: null },
      { attempt: 2, retryInMs: null },
    ])
    expect(log.at('warn').map(({ details }) => details.interruptions)).toEqual([0, 0])
    expect(observed.rejected.map(({ code }) => code)).toEqual(['handler_failed', 'handler_failed'])
  })

  test('retries are the sender’s: however often a handler fails, nothing is run in between, nor given up', async () => {
    const { receiver, send, clock } = afterHandlers({ retry: { attempts: 2 } })
    const handler = vi.fn(() => Promise.reject(new Error('never')))
    receiver.onEvent('order.paid', handler)
    for (let delivery = 0; delivery < 5; delivery++) {
      expect(await send({ at: start })).toMatchObject(handlerFailed)
      await clock.advance(3_600 * second)
    }
    expect(handler).toHaveBeenCalledTimes(5)
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })

  test('RetryLater tells the sender how long to wait, and does not use up an attempt', async () => {
    const { receiver, send } = afterHandlers()
    const attempts: number[] = []
    receiver.onEvent('order.paid', (_, { attempt }) => {
      attempts.push(attempt)
      if (attempts.length < 3) throw new RetryLater(1_500)
    })
    expect(await send()).toMatchObject({ ...handlerFailed, headers: { 'retry-after': '2' } })
    expect(await send()).toMatchObject(handlerFailed)
    expect(await send()).toMatchObject(received)
    expect(attempts).toEqual([1, 1, 1])
  })

  test('a handler that runs out of time is a failure', async () => {
    const { receiver, send, clock } = afterHandlers({ handlerTimeout: 2 * second })
    const signals: AbortSignal[] = []
    receiver.onEvent('order.paid', (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    const reply = send()
    await clock.advance(2 * second)
    expect(await reply).toMatchObject(handlerFailed)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('no more than `concurrency` events are handled at once, and the others wait in line', async () => {
    const { receiver, send, clock } = afterHandlers({ concurrency: 2 })
    const gates = Array.from({ length: 5 }, () => deferred())
    const running = new Set<string>()
    receiver.onEvent('order.paid', async ({ id }) => {
      running.add(id)
      await gates[Number(id)]?.promise
      running.delete(id)
    })
    const replies = [0, 1, 2].map((id) => send({ id: String(id) }))
    for (const [id, gate] of gates.entries()) {
      await clock.advance(0)
      expect([...running]).toEqual([id, id + 1].filter((running) => running < 5).map(String))
      gate.resolve()
      const late = id + 3
      if (late < 5) replies.push(send({ id: String(late) }))
    }
    for (const reply of await Promise.all(replies)) expect(reply).toMatchObject(received)
  })
})

describe('an event that fails for good', () => {
  test('is acknowledged and kept as a dead letter', async () => {
    const { receiver, send, observed } = afterHandlers()
    const handler = vi.fn(() => {
      throw new PermanentError('no such customer')
    })
    receiver.onEvent('order.paid', handler)
    expect(await send()).toMatchObject(received)
    expect(observed.dead).toMatchObject([{ failures: [{ code: 'permanent_failure' }] }])
    expect(await receiver.inbox.get('acme:evt_1')).toMatchObject({ state: 'dead' })
    expect(await send()).toMatchObject(received)
    expect(handler).toHaveBeenCalledOnce()
  })

  test('because its data does not fit is a dead letter, too', async () => {
    const { receiver, send, observed } = afterHandlers()
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    expect(await send({ data: {} })).toMatchObject(received)
    expect(handler).not.toHaveBeenCalled()
    expect(observed.dead).toMatchObject([{ failures: [{ code: 'invalid_data' }] }])
  })

  test('can be redriven, and is retried by the inbox then', async () => {
    const { receiver, send, clock, observed } = afterHandlers({ retry: { jitter: 0 } })
    const attempts: number[] = []
    receiver.onEvent('order.paid', (_, { attempt }) => {
      attempts.push(attempt)
      if (attempts.length === 1) throw new PermanentError('broken')
      if (attempts.length === 2) throw new Error('not yet')
    })
    await send()
    await receiver.redrive('acme:evt_1')
    await receiver.idle()
    await clock.advance(second)
    expect(attempts).toEqual([1, 1, 2])
    expect(observed.failed).toMatchObject([{ retryInMs: second }])
    expect(observed.handled).toMatchObject([{ attempt: 2 }])
  })

  test('is not acknowledged where the inbox does not keep it', async () => {
    const { receiver, send } = afterHandlersWith(() => ({
      bury: () => Promise.reject(new Error('disk full')),
    }))
    receiver.onEvent('order.paid', () => Promise.reject(new PermanentError('broken')))
    expect(await send()).toMatchObject({ status: 503 })
  })
})

describe('while another delivery of the event is being handled', () => {
  test('99 of 100 are told to come back when its lease is over, and it is handled once', async () => {
    const { receiver, send, clock } = afterHandlers()
    const gate = deferred()
    const handler = vi.fn(() => gate.promise)
    receiver.onEvent('order.paid', handler)
    const first = send()
    await clock.advance(4_500)
    const others = await Promise.all(Array.from({ length: 99 }, () => send({ at: start })))
    for (const reply of others)
      expect(reply).toMatchObject({ ...inProgress, headers: { 'retry-after': '26' } })
    gate.resolve()
    expect(await first).toMatchObject(received)
    expect(handler).toHaveBeenCalledOnce()
  })

  test('its lease is renewed, so that it is never handled twice at once, however long it takes', async () => {
    const { receiver, send, clock } = afterHandlers({ handlerTimeout: 600 * second })
    const gate = deferred()
    const handler = vi.fn(() => gate.promise)
    receiver.onEvent('order.paid', handler)
    const first = send()
    for (let seconds = 0; seconds < 300; seconds += 29) {
      await clock.advance(29 * second)
      expect(await send({ at: start })).toMatchObject(inProgress)
    }
    gate.resolve()
    expect(await first).toMatchObject(received)
    expect(handler).toHaveBeenCalledOnce()
    await clock.advance(600 * second)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a lease that is lost', () => {
  const lostBy: Record<string, { renew: (inbox: Inbox) => Inbox['renew']; noticedAfterMs: number }> = {
    'is taken away': {
      renew: (inbox) => async (lease) => {
        await inbox.release(lease, lease.progress, false)
        return false
      },
      noticedAfterMs: 10 * second,
    },
    'is not renewed, as the inbox rejects': {
      renew: () => () => Promise.reject(new Error('no connection')),
      noticedAfterMs: 30 * second,
    },
    'is not renewed, as the inbox hangs': {
      renew: () => () => new Promise(() => {}),
      noticedAfterMs: 30 * second,
    },
  }

  test.each(Object.entries(lostBy))(
    'because it %s aborts the handler’s signal, and the reply is 409',
    async (_, { renew, noticedAfterMs }) => {
      const { receiver, send, clock, observed } = afterHandlersWith((inbox) => ({ renew: renew(inbox) }), {
        handlerTimeout: 600 * second,
      })
      const signals: AbortSignal[] = []
      receiver.onEvent('order.paid', (_, { signal }) => {
        signals.push(signal)
        return new Promise(() => {})
      })
      const reply = send()
      await clock.advance(noticedAfterMs - 1)
      expect(signals.map(({ aborted }) => aborted)).toEqual([false])
      await clock.advance(1)
      expect(signals.map(({ aborted }) => aborted)).toEqual([true])
      expect(signals[0]?.reason).toMatchObject({ code: 'interrupted' })
      expect(await reply).toMatchObject(inProgress)
      expect({ ...observed, observers: {} }).toMatchObject({
        accepted: [],
        handled: [],
        failed: [],
        dead: [],
      })
      await clock.advance(600 * second)
      expect(clock.pendingTimers).toBe(0)
    },
  )

  test('leaves the event to the next delivery, once a handler that goes on regardless has ended', async () => {
    const { receiver, send, clock, observed } = afterHandlersWith(
      () => ({ renew: () => Promise.reject(new Error('no connection')) }),
      { handlerTimeout: 600 * second },
    )
    const gates = [deferred(), deferred()]
    let calls = 0
    receiver.onEvent('order.paid', () => gates[calls++]?.promise)
    const first = send()
    await clock.advance(30 * second)
    expect(await first).toMatchObject(inProgress)
    expect(await send({ at: start })).toMatchObject(inProgress)
    gates[0]?.resolve()
    await clock.advance(0)
    expect(calls).toBe(1)
    const next = send({ at: start })
    await clock.advance(0)
    expect(calls).toBe(2)
    expect(observed.accepted).toEqual([])
    gates[1]?.resolve()
    expect(await next).toMatchObject(received)
    expect(observed.accepted).toHaveLength(1)
  })

  test('at the very last is answered 409, though the handler has succeeded', async () => {
    const { receiver, send, observed } = afterHandlersWith(
      (inbox) => ({
        confirm: async (lease, event, options) => {
          await inbox.put(event, options)
          return inbox.confirm(lease, event, options)
        },
      }),
      { consume: false },
    )
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    expect(await send()).toMatchObject(inProgress)
    expect(handler).toHaveBeenCalledOnce()
    expect(observed.accepted).toEqual([])
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 1 })
  })
})

describe('an inbox in trouble', () => {
  test('that can’t be told of a success does not turn it into a failure', async () => {
    const { receiver, send, log } = afterHandlersWith(() => ({
      confirm: () => Promise.reject(new Error('no connection')),
    }))
    receiver.onEvent('order.paid', () => {})
    expect(await send()).toMatchObject(received)
    expect(log.at('error')).toMatchObject([{ details: { key: 'acme:evt_1', outcome: 'done' } }])
  })

  test('that does not grant a claim in time is 503, and a claim granted late is given back', async () => {
    const late = deferred()
    const rejections = collectUnhandledRejections()
    const { receiver, send, clock } = afterHandlersWith((inbox) => ({
      claim: async (event, options) => {
        await late.promise
        return inbox.claim(event, options)
      },
    }))
    const attempts: number[] = []
    receiver.onEvent('order.paid', (_, { attempt }) => attempts.push(attempt))
    const reply = send()
    await clock.advance(3 * second)
    expect(await reply).toMatchObject({ status: 503 })
    late.resolve()
    await rejectionsReported()
    expect(attempts).toEqual([])
    expect(await send({ at: start })).toMatchObject(received)
    expect(attempts, 'it used up no attempt').toEqual([1])
    expect(rejections).toEqual([])
  })

  test('that refuses a claim is 503', async () => {
    const { receiver, send } = afterHandlersWith(() => ({ claim: () => Promise.reject(new Error('down')) }))
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    expect(await send()).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(handler).not.toHaveBeenCalled()
  })
})

import { type HandlerContext, memoryInbox, PermanentError, RetryLater } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type AcmeReceiver, acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const second = 1_000

describe('retries', () => {
  test('a handler that fails is run again until it succeeds, and then no more', async () => {
    const { receiver, send, clock, observed } = acmeReceiver()
    const attempts: number[] = []
    receiver.onEvent('order.paid', (_, { attempt }) => {
      attempts.push(attempt)
      if (attempt < 3) throw new Error('not yet')
    })
    await send()
    await receiver.idle()
    await clock.advance(3_600 * second)
    expect(attempts).toEqual([1, 2, 3])
    expect(observed.handled).toMatchObject([{ attempt: 3 }])
    expect(observed.failed).toHaveLength(2)
    expect(await receiver.inbox.counts()).toEqual(emptyCounts)
  })

  test.each([
    ['20 % early at the earliest', 0, 0.8],
    ['on time in the middle', 0.5, 1],
    ['20 % late at the latest', 1, 1.2],
  ])(
    '8 attempts are made, 1 s to 15 min apart, each %s; then it is a dead letter',
    async (_, random, share) => {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      onTestFinished(() => void vi.restoreAllMocks())
      const { receiver, send, clock, observed } = acmeReceiver()
      const at: number[] = []
      receiver.onEvent('order.paid', () => {
        at.push(clock.now())
        throw new Error('never')
      })
      await send()
      await receiver.idle()
      for (let retry = 0; retry < 8; retry++) await clock.advance(1_200 * second)
      expect(at).toHaveLength(8)
      const waits = at.slice(1).map((time, index) => time - (at[index] as number))
      const documented = [0, 1, 2, 3, 4, 5, 6].map((step) => second * 900 ** (step / 6))
      expect(waits).toEqual(documented.map((ms) => Math.round(share * ms)))
      expect(observed.failed.map(({ attempt, retryInMs }) => ({ attempt, retryInMs }))).toEqual(
        waits.map((retryInMs, index) => ({ attempt: index + 1, retryInMs })),
      )
      expect(observed.dead).toMatchObject([
        { attempt: 8, failures: [{ handler: 'onEvent(order.paid)#0', code: 'error', message: 'never' }] },
      ])
    },
  )

  test('the policy is the application’s to set', async () => {
    const retry = { attempts: 3, initialDelay: 100, maxDelay: 700, jitter: 0 }
    const { receiver, send, clock } = acmeReceiver({ retry })
    const at: number[] = []
    const startedAt = clock.now()
    receiver.onEvent('order.paid', () => {
      at.push(clock.now() - startedAt)
      throw new Error('never')
    })
    await send()
    await receiver.idle()
    await clock.advance(10_000)
    expect(at).toEqual([0, 100, 800])
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
  })

  test('an event with one attempt only is a dead letter after it', async () => {
    const { receiver, send } = acmeReceiver({ retry: { attempts: 1 } })
    receiver.onEvent('order.paid', () => Promise.reject(new Error('no')))
    await send()
    await receiver.idle()
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1, scheduled: 0 })
  })

  test.each<[string, unknown, string]>([
    ['text', 'just text', 'just text'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { toString: () => 'an object' }, 'an object'],
  ])('a handler may throw %s', async (_, thrown, message) => {
    const { receiver, send, observed } = acmeReceiver()
    receiver.onEvent('order.paid', () => {
      throw thrown
    })
    await send()
    await receiver.idle()
    expect(observed.failed).toMatchObject([{ failures: [{ code: 'error', message }] }])
  })
})

describe('several handlers', () => {
  test('run in the order of their registration, those for any event last', async () => {
    const { receiver, send } = acmeReceiver()
    const ran: string[] = []
    receiver
      .onAnyEvent(() => ran.push('any'))
      .onEvent('order.paid', () => ran.push('first'))
      .onUnhandledEvent(() => ran.push('unhandled'))
      .onEvent(['order.cancelled', 'order.paid'], () => ran.push('second'))
    await send()
    await receiver.idle()
    expect(ran).toEqual(['first', 'second', 'any'])
  })

  test('the failure of one does not keep the others from running, and only it is run again', async () => {
    const { receiver, send, clock } = acmeReceiver()
    const ran: string[] = []
    receiver
      .onEvent('order.paid', () => ran.push('before'))
      .onEvent('order.paid', (_, { attempt }) => {
        ran.push(`failing ${attempt}`)
        if (attempt < 3) throw new Error('not yet')
      })
      .onEvent('order.paid', () => ran.push('after'))
      .onAnyEvent(() => ran.push('any'))
    await send()
    await receiver.idle()
    await clock.advance(60 * second)
    expect(ran).toEqual(['before', 'failing 1', 'after', 'any', 'failing 2', 'failing 3'])
  })

  test('what has succeeded is kept at once, before the next one is run', async () => {
    const { receiver, send, clock } = acmeReceiver()
    const gate = deferred()
    receiver.onEvent('order.paid', () => {}, { name: 'quick' })
    receiver.onEvent('order.paid', () => gate.promise, { name: 'slow' })
    await send()
    const idle = receiver.idle()
    await clock.advance(0)
    expect(await receiver.inbox.get('acme:evt_1')).toMatchObject({
      state: 'active',
      progress: { completed: ['onEvent(order.paid):quick'] },
    })
    gate.resolve()
    await idle
  })

  test('one that fails for good leaves the others to succeed, and then the event is a dead letter', async () => {
    const { receiver, send, clock, observed } = acmeReceiver()
    const ran: string[] = []
    receiver
      .onEvent('order.paid', () => {
        ran.push('hopeless')
        throw new PermanentError('no such customer')
      })
      .onEvent('order.paid', (_, { attempt }) => {
        ran.push(`slow ${attempt}`)
        if (attempt < 2) throw new Error('not yet')
      })
    await send()
    await receiver.idle()
    expect(observed.dead).toEqual([])
    await clock.advance(60 * second)
    expect(ran).toEqual(['hopeless', 'slow 1', 'slow 2'])
    expect(observed.dead).toMatchObject([
      { failures: [{ code: 'permanent_failure', message: 'no such customer' }] },
    ])
  })

  test('two of one name are an error, unless they are for different types', () => {
    const { receiver } = acmeReceiver()
    receiver.onEvent('order.paid', () => {}, { name: 'save' })
    receiver.onEvent('order.cancelled', () => {}, { name: 'save' })
    expect(() => receiver.onEvent('order.paid', () => {}, { name: 'save' })).toThrow(
      /already has a handler named "save"/,
    )
  })

  test('what is no function is an error', () => {
    const { receiver } = acmeReceiver()
    // @ts-expect-error: as JavaScript may have it
    expect(() => receiver.onEvent('order.paid', undefined)).toThrow(/needs a function, got undefined/)
  })
})

describe('the context of a handler', () => {
  test('names the handler as progress and failures do', async () => {
    const { receiver, send, observed } = acmeReceiver({ retry: { attempts: 1 } })
    const handlers: string[] = []
    const fail = (_: unknown, { handler }: HandlerContext) => {
      handlers.push(handler)
      throw new Error('no')
    }
    receiver.onEvent('order.paid', fail, { name: 'save' }).onAnyEvent(fail)
    await send()
    await receiver.idle()
    expect(handlers).toEqual(['onEvent(order.paid):save', 'onAnyEvent#0'])
    expect(observed.dead[0]?.failures.map(({ handler }) => handler)).toEqual(handlers)
  })

  test('can be spread: the copy has its signal, which is aborted with the handler, and its logger', async () => {
    const { receiver, send, clock, log } = acmeReceiver({ handlerTimeout: second, retry: { attempts: 1 } })
    let copy: HandlerContext | undefined
    receiver.onEvent('order.paid', (_, context) => {
      copy = { ...context }
      return new Promise(() => {})
    })
    await send()
    const idle = receiver.idle()
    await clock.advance(0)
    expect(copy).toMatchObject({
      attempt: 1,
      provider: 'acme',
      handler: 'onEvent(order.paid)#0',
      handlerTimeout: second,
    })
    expect(copy?.signal.aborted).toBe(false)
    copy?.logger.info({ order: 7 }, 'half way')
    expect(log.at('info')).toMatchObject([
      { message: 'half way', details: { provider: 'acme', id: 'evt_1', attempt: 1, order: 7 } },
    ])
    await clock.advance(second)
    await idle
    expect(copy?.signal.aborted).toBe(true)
  })
})

test('a handler sees the other keys of its event, and none where there are none', async () => {
  const { receiver, send, clock } = acmeReceiver()
  const seen: (readonly string[])[] = []
  receiver.onEvent('order.paid', ({ aliases }) => seen.push(aliases))
  await send()
  await receiver.inbox.put(
    {
      key: 'acme:evt_2',
      source: 'acme',
      id: 'evt_2',
      type: 'order.paid',
      createdAt: clock.now(),
      receivedAt: clock.now(),
      rawBody: new TextEncoder().encode(JSON.stringify(paidOrder(clock.now(), { id: 'evt_2' }))),
      fingerprint: 2,
      origin: 'delivery',
      aliases: ['acme:order:7'],
    },
    { rememberMs: 60 * second },
  )
  await receiver.idle()
  expect(seen).toEqual([[], ['acme:order:7']])
})

describe('PermanentError', () => {
  test('makes the event a dead letter at once, with the reason', async () => {
    const { receiver, send, clock, observed } = acmeReceiver()
    const handler = vi.fn(() => {
      throw new PermanentError('no such customer')
    })
    receiver.onEvent('order.paid', handler)
    await send()
    await receiver.idle()
    await clock.advance(3_600 * second)
    expect(handler).toHaveBeenCalledOnce()
    expect(observed.failed).toEqual([])
    expect(observed.dead).toMatchObject([{ attempt: 1 }])
    expect(await receiver.inbox.get('acme:evt_1')).toMatchObject({
      state: 'dead',
      failures: [
        { handler: 'onEvent(order.paid)#0', code: 'permanent_failure', message: 'no such customer' },
      ],
    })
  })
})

describe('RetryLater', () => {
  test('waits as long as it says, without jitter, and does not use up an attempt', async () => {
    const { receiver, send, clock } = acmeReceiver({ retry: { attempts: 2 } })
    const ran: [attempt: number, at: number][] = []
    const startedAt = clock.now()
    receiver.onEvent('order.paid', (_, { attempt }) => {
      ran.push([attempt, clock.now() - startedAt])
      if (ran.length < 5) throw new RetryLater(30 * second)
    })
    await send()
    await receiver.idle()
    await clock.advance(3_600 * second)
    expect(ran).toEqual([0, 30, 60, 90, 120].map((at) => [1, at * second]))
  })

  test.each([
    ['the process', 0],
    ['a store that counts from another instant', 3_600 * second],
  ])(
    'delays no other handler: each has its own attempts and its own time, on the time of %s',
    async (_, ahead) => {
      const clock = manualClock(start)
      const ofInbox = { ...clock, elapsed: () => clock.elapsed() + ahead }
      const inbox = memoryInbox({ clock: ofInbox })
      const { receiver, send } = acmeReceiver({ retry: { jitter: 0 }, clock, inbox })
      const ran: [name: string, attempt: number, at: number][] = []
      const startedAt = clock.now()
      const record = (name: string, attempt: number) => ran.push([name, attempt, clock.now() - startedAt])
      receiver.onEvent('order.paid', (_, { attempt }) => {
        if (record('waits', attempt) === 1) throw new RetryLater(60 * second)
      })
      receiver.onEvent('order.paid', (_, { attempt }) => {
        record('fails', attempt)
        if (attempt === 1) throw new Error('not yet')
      })
      await send()
      await receiver.idle()
      await clock.advance(3_600 * second)
      expect(ran).toEqual([
        ['waits', 1, 0],
        ['fails', 1, 0],
        ['fails', 2, 1 * second],
        ['waits', 1, 60 * second],
      ])
    },
  )

  test('0 ms is a wait; less, or no number, is an error where it is thrown', () => {
    expect(new RetryLater(0).delayMs).toBe(0)
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new RetryLater(wrong)).toThrow(RangeError)
    }
  })
})

describe('handlerTimeout', () => {
  test('aborts the signal of the handler at its time, not before, and counts as a failure', async () => {
    const { receiver, send, clock, observed } = acmeReceiver({ handlerTimeout: 5 * second })
    const signals: AbortSignal[] = []
    receiver.onEvent('order.paid', (_, { signal, attempt }) => {
      signals.push(signal)
      return attempt === 1 ? new Promise(() => {}) : undefined
    })
    await send()
    const idle = receiver.idle()
    await clock.advance(5 * second - 1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await clock.advance(1)
    await idle
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(signals[0]?.reason).toMatchObject({ code: 'handler_timeout' })
    expect(observed.failed).toMatchObject([{ attempt: 1, failures: [{ code: 'handler_timeout' }] }])
    await clock.advance(5 * second - 1)
    expect(signals, 'run anew beside itself').toHaveLength(1)
    await clock.advance(2 * second)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(observed.handled).toMatchObject([{ attempt: 2 }])
  })

  test('a promise whose own then throws fails its handler, at once, and harms nobody at the time of its end', async () => {
    const { receiver, send, clock, observed } = acmeReceiver({ handlerTimeout: second })
    receiver.onEvent('order.paid', (_, { attempt }) => {
      if (attempt > 1) return undefined
      const fails = () => {
        throw new Error('no then')
      }
      const returned = Promise.resolve()
      Object.defineProperty(returned, 'then', { value: fails })
      return returned
    })
    await send()
    await receiver.idle()
    expect(observed.failed).toMatchObject([{ failures: [{ message: 'no then' }] }])
    await clock.advance(2 * second)
    expect(observed.failed).toHaveLength(1)
  })

  test('a handler that fails after its time is up harms nobody', async () => {
    const { receiver, send, clock, observed } = acmeReceiver({ handlerTimeout: second })
    const late = deferred()
    receiver.onEvent('order.paid', (_, { attempt }) => (attempt === 1 ? late.promise : undefined))
    await send()
    const idle = receiver.idle()
    await clock.advance(second)
    await idle
    late.reject(new Error('too late'))
    await clock.advance(2 * second)
    expect(observed.failed).toHaveLength(1)
    expect(observed.handled).toHaveLength(1)
  })

  test('is 25 s unless said otherwise', async () => {
    const { receiver, send, clock, observed } = acmeReceiver()
    receiver.onEvent('order.paid', () => new Promise(() => {}))
    await send()
    const idle = receiver.idle()
    await clock.advance(25 * second - 1)
    expect(observed.failed).toEqual([])
    await clock.advance(1)
    await idle
    expect(observed.failed).toMatchObject([{ failures: [{ code: 'handler_timeout' }] }])
  })

  test('no timer is set for a handler that returns no promise', async () => {
    const { receiver, send, clock } = acmeReceiver()
    const pending: number[] = []
    receiver.onEvent('order.paid', () => {
      queueMicrotask(() => pending.push(clock.pendingTimers))
    })
    await send()
    await receiver.idle()
    expect(pending).toEqual([0])
  })

  test.each(['succeeds', 'fails'])('no timer is left behind by a handler that waits and %s', async (ends) => {
    const { receiver, send, clock } = acmeReceiver({ retry: { attempts: 1 } })
    const gate = deferred()
    receiver.onEvent('order.paid', () => gate.promise)
    await send()
    const idle = receiver.idle()
    await clock.advance(1)
    expect(clock.pendingTimers).toBe(1)
    if (ends === 'succeeds') gate.resolve()
    else gate.reject(new Error('no'))
    await idle
    expect(clock.pendingTimers).toBe(0)
  })

  test('no timer is left behind by handlers that are done', async () => {
    const { receiver, send, clock } = acmeReceiver()
    const handled = vi.fn()
    receiver.onEvent('order.paid', handled)
    await send()
    await receiver.idle()
    expect(handled).toHaveBeenCalledOnce()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('dead letters', () => {
  async function withDeadLetter(): Promise<AcmeReceiver & { ran: string[]; mend(): void }> {
    const acme = acmeReceiver({ retry: { attempts: 2, jitter: 0 } })
    const ran: string[] = []
    let broken = true
    acme.receiver.onEvent('order.paid', () => ran.push('fine'))
    acme.receiver.onEvent('order.paid', (_, { attempt }) => {
      ran.push(`broken ${attempt}`)
      if (broken) throw new Error('broken')
    })
    acme.receiver.onEvent('order.paid', (_, { attempt }) => {
      ran.push(`hopeless ${attempt}`)
      if (broken) throw new PermanentError('hopeless')
    })
    await acme.send()
    await acme.receiver.idle()
    await acme.clock.advance(second)
    const mend = () => {
      broken = false
    }
    return { ...acme, ran, mend }
  }

  test('list every handler that has failed, and why', async () => {
    const { receiver } = await withDeadLetter()
    const { items } = await receiver.inbox.list({ state: 'dead' })
    expect(items).toMatchObject([{ id: 'evt_1', attempt: 2 }])
    expect(items[0]?.failures.map(({ handler, message }) => ({ handler, message }))).toEqual([
      { handler: 'onEvent(order.paid)#2', message: 'hopeless' },
      { handler: 'onEvent(order.paid)#1', message: 'broken' },
    ])
  })

  test('are redriven from attempt 1, without the handlers that have succeeded', async () => {
    const { receiver, ran, mend, observed } = await withDeadLetter()
    expect(ran).toEqual(['fine', 'broken 1', 'hopeless 1', 'broken 2'])
    mend()
    expect(await receiver.redrive('acme:evt_1')).toBe(true)
    await receiver.idle()
    expect(ran.slice(4)).toEqual(['broken 1', 'hopeless 1'])
    expect(observed.redriven).toEqual([{ key: 'acme:evt_1' }])
    expect(observed.handled).toMatchObject([{ attempt: 1 }])
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 0 })
  })

  test('that are not there are not redriven, and nobody is told that they were', async () => {
    const { receiver, observed } = await withDeadLetter()
    expect(await receiver.redrive('acme:unknown')).toBe(false)
    expect(observed.redriven).toEqual([])
  })

  test('are duplicates to the sender', async () => {
    const { send, ran, observed } = await withDeadLetter()
    const ranBefore = ran.length
    expect(await send({ at: Date.UTC(2026, 0, 1) })).toMatchObject({ status: 200 })
    expect(observed.duplicate).toHaveLength(1)
    expect(ran).toHaveLength(ranBefore)
  })
})

test('no more than `concurrency` events are handled at once', async () => {
  const { receiver, send, clock } = acmeReceiver({ concurrency: 2 })
  const gate = deferred()
  let running = 0
  let most = 0
  receiver.onEvent('order.paid', async () => {
    running += 1
    most = Math.max(most, running)
    await gate.promise
    running -= 1
  })
  for (let id = 0; id < 6; id++) await send({ id: String(id) })
  const idle = receiver.idle()
  await clock.advance(0)
  expect(running).toBe(2)
  gate.resolve()
  await idle
  expect(most).toBe(2)
})

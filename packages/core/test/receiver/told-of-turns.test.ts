import {
  type Attempt,
  type ConsumeOptions,
  type Inbox,
  memoryInbox,
  RetryLater,
  type SecretOptions,
  type Verdict,
  type Work,
} from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { acme, acmeSecret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

const hour = 3_600_000

/** An inbox that hands out its events as the test changes them, and the verdicts on them. */
function changing(change: (attempt: Attempt) => Partial<Attempt>) {
  const clock = manualClock(start)
  const memory = memoryInbox({ clock })
  const verdicts: Verdict[] = []
  const consume: Inbox['consume'] = (work, options) =>
    memory.consume(async (attempt) => {
      const verdict = await work({ ...attempt, ...change(attempt) })
      verdicts.push(verdict)
      return verdict
    }, options)
  return { clock, verdicts, inbox: inboxInFront(memory, { consume }) }
}

test.each([1_000, 0.4])(
  'an event that a process died of waits for its next turn (%d ms): the log says so, and no observer is told of a failure',
  async (initialDelay) => {
    let died = { interruptions: 1, interruptedAlone: 1, wasInterrupted: true }
    const { inbox, clock } = changing(() => {
      const turn = died
      died = { interruptions: 0, interruptedAlone: 0, wasInterrupted: false }
      return turn
    })
    const { receiver, send, observed, log } = acmeReceiver({
      inbox,
      clock,
      retry: { initialDelay, jitter: 0 },
    })
    receiver.onEvent('order.paid', () => {})
    await send()
    await receiver.idle()
    await clock.advance(1_000)
    expect(log.at('warn')).toMatchObject([
      { details: { interruptions: 1 }, message: expect.stringContaining('the process died') },
    ])
    expect([observed.failed.length, observed.handled.length]).toEqual([0, 1])
  },
)

test('a retry is due after its delay, whatever the time of the inbox is', async () => {
  const { inbox, clock, verdicts } = changing(({ now }) => ({ now: now + hour }))
  const { receiver, send } = acmeReceiver({ inbox, clock, retry: { initialDelay: 1_000, jitter: 0 } })
  receiver.onEvent('order.paid', async () => {
    await new Promise<void>((resolve) => clock.after(500, resolve))
    throw new Error('broken')
  })
  await send()
  await clock.advance(500)
  await receiver.idle()
  expect(verdicts).toMatchObject([
    { outcome: 'retry', delayMs: 1_000, progress: { waiting: [{ dueAt: clock.elapsed() + hour + 1_000 }] } },
  ])
  await receiver.stop()
})

test('an event that others still wait for is due when the first of them is, whatever the time of the inbox is', async () => {
  const { inbox, clock, verdicts } = changing(({ now }) => ({ now: now + hour }))
  const { receiver, send } = acmeReceiver({ inbox, clock })
  const waits: readonly [name: string, ms: number][] = [
    ['mail', 60_000],
    ['save', 3_000],
  ]
  for (const [name, ms] of waits) {
    let isFirst = true
    const handle = () => {
      if (!isFirst) return
      isFirst = false
      throw new RetryLater(ms)
    }
    receiver.onEvent('order.paid', handle, { name })
  }
  await send()
  await receiver.idle()
  await clock.advance(3_000)
  await receiver.idle()
  expect(verdicts).toMatchObject([{ delayMs: 3_000 }, { delayMs: 57_000 }])
  await receiver.stop()
})

test('a handler that asks to be called later is told of, though another is paused, and once', async () => {
  const { receiver, send, observed, log, clock } = acmeReceiver()
  receiver.onEvent(
    'order.paid',
    () => {
      throw new RetryLater(hour)
    },
    { name: 'mail' },
  )
  receiver.onEvent('order.paid', () => {}, { name: 'save' })
  await receiver.pause({ handler: 'save', reason: 'a test' })
  await send()
  await receiver.idle()
  await clock.advance(60_000)
  expect(observed.failed).toMatchObject([{ failures: [], retryInMs: expect.any(Number) }])
  expect(log.at('warn').filter(({ message }) => message.includes('tried again'))).toHaveLength(1)
  await receiver.stop()
})

test('the line of an event that is tried again, though nothing has failed, says which handlers asked for it', async () => {
  const { receiver, send, log } = acmeReceiver()
  const later = () => {
    throw new RetryLater(hour)
  }
  receiver.onEvent('order.paid', later, { name: 'mail' })
  receiver.onEvent('order.paid', () => {}, { name: 'save' })
  await send()
  await receiver.idle()
  expect(log.at('warn')).toMatchObject([
    {
      message: 'a handler waits, it will be tried again',
      details: { waiting: ['onEvent(order.paid):mail'] },
    },
  ])
  expect(log.text()).not.toContain('not handled')
  await receiver.stop()
})

test('when an event is tried again is told in whole milliseconds, as times of a machine have many digits', async () => {
  const clock = manualClock(start)
  let readings = 0
  const elapsed = () => clock.elapsed() + 0.3 * readings++
  const { receiver, send, observed } = acmeReceiver({ clock: { ...clock, elapsed } })
  receiver.onEvent('order.paid', () => {
    throw new RetryLater(hour)
  })
  await send()
  await receiver.idle()
  expect(observed.failed.map(({ retryInMs }) => Number.isInteger(retryInMs))).toEqual([true])
  await receiver.stop()
})

test('an event that can not be opened is tried again, though handlers are paused', async () => {
  const provider = acme({
    secret: acmeSecret,
    readData() {
      throw new Error('not loaded')
    },
  })
  const { receiver, send, observed } = acmeReceiver({ provider })
  receiver.onEvent('order.paid', () => {}, { name: 'save' })
  await receiver.pause({ handler: 'save', reason: 'a test' })
  await send()
  await receiver.idle()
  expect(observed.failed).toMatchObject([{ failures: [{ handler: null, message: 'not loaded' }] }])
  await receiver.stop()
})

describe('of an event that no handler takes', () => {
  const laterType = { id: 'new', type: 'order.teleported' }

  test('that a catch-all has handled, the log and observers say that it waits', async () => {
    const { receiver, send, observed, log } = acmeReceiver()
    receiver.onEvent('order.paid', () => {}).onAnyEvent(() => {})
    await send(laterType)
    await receiver.idle()
    expect(observed.parked).toMatchObject([{ key: 'acme:new', type: 'order.teleported' }])
    expect(log.at('warn')).toMatchObject([{ message: expect.stringContaining('they wait for a process') }])
  })

  test('that is dropped as the receiver says, the log says nothing', async () => {
    const { receiver, send, observed, log } = acmeReceiver({ unhandled: 'drop' })
    receiver.onEvent('order.paid', () => {}).onAnyEvent(() => {})
    await send(laterType)
    await receiver.idle()
    expect(observed.unhandled).toMatchObject([{ key: 'acme:new' }])
    expect(log.at('warn')).toEqual([])
  })

  test('that a catch-all failed with for good, the log says so once, and nothing where none has failed', async () => {
    const failure = { handler: 'onAnyEvent#0', code: 'error', message: 'broken', at: start } as const
    for (const abandoned of [[], [failure]]) {
      const { inbox, clock } = changing(({ progress }) => ({ progress: { ...progress, abandoned } }))
      const { receiver, send, log } = acmeReceiver({ inbox, clock })
      receiver.onEvent('order.paid', () => {}).onAnyEvent(() => {})
      await send(laterType)
      await receiver.idle()
      expect(await inbox.counts()).toMatchObject({ parked: 1 })
      expect(log.at('error')).toEqual([])
      await receiver.stop()
    }
  })

  test('that has waited for too long, the log says that it was dropped, and not that it waits', () => {
    let reporting: ConsumeOptions | undefined
    const consume = (_: Work, options: ConsumeOptions) => {
      reporting = options
      return { wake() {}, idle: async () => {}, stop: async () => {} }
    }
    const { receiver, log, observed } = acmeReceiver({ inbox: inboxInFront(memoryInbox(), { consume }) })
    receiver.onEvent('order.paid', () => {}).start()
    const event = { key: 'acme:new', source: 'acme', tenant: undefined, ...laterType }
    reporting?.report({ event, outcome: 'expired' })
    expect(log.at('warn')).toMatchObject([{ message: expect.stringContaining('was dropped') }])
    reporting?.report({ event, outcome: 'dropped' })
    expect(log.at('warn')).toHaveLength(1)
    expect([observed.unhandled.length, observed.parked.length]).toEqual([2, 0])
  })
})

test('a type that is probably misspelt is told of with the provider', () => {
  const { receiver, log } = acmeReceiver()
  receiver.onEvent('order.payd' as 'order.paid', () => {})
  expect(log.at('warn')).toMatchObject([
    { details: { provider: 'acme', type: 'order.payd' }, message: expect.stringContaining('order.paid') },
  ])
})

test.each<[string, SecretOptions, number]>([
  [
    'of a sender that does not sign write ten lines a minute, as anybody may send them',
    { allowUnsigned: true },
    10,
  ],
  ['of one that signs write a line each', { secret: acmeSecret }, 12],
])('events that fail for good %s', async (_, signing, lines) => {
  const { receiver, send, log } = acmeReceiver({ provider: acme(signing) })
  receiver.onEvent('order.paid', () => {})
  for (let number = 0; number < 12; number++) await send({ id: `evt_${number}`, data: { amount: 'much' } })
  await receiver.idle()
  expect(log.at('error')).toHaveLength(lines)
})

import { type ManualClock, manualClock } from '@hookport/core/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { signedPost } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

// What this comes to in a real runtime is seen in test/runtimes/workerd.test.ts.
beforeEach(() => void vi.stubGlobal('EdgeRuntime', 'edge-runtime'))
afterEach(() => void vi.unstubAllGlobals())

/** A clock whose timers can be lost, as they are with their request. */
function losingClock() {
  const clock = manualClock(start)
  let lost = false
  const after: ManualClock['after'] = (...timer) => (lost ? () => {} : clock.after(...timer))
  const loseTimers = () => {
    lost = true
  }
  return { ...clock, after, loseTimers }
}

const hangs = () => new Promise<void>(() => {})

describe('where timers end with their request', () => {
  test('no timer is set before the first delivery, nor by an event that nothing waits for', async () => {
    const setTimer = vi.spyOn(globalThis, 'setTimeout')
    const { receiver, clock, send } = acmeReceiver()
    receiver.onEvent('order.paid', () => {}).start()
    await send()
    expect(setTimer).not.toHaveBeenCalled()
    expect(clock.pendingTimers).toBe(0)
    setTimer.mockRestore()
  })

  test('idle handles what is due, whichever request it came with', async () => {
    const { receiver, send, observed } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    await send({ id: 'evt_1' })
    await send({ id: 'evt_2' })
    expect(observed.handled).toEqual([])
    await receiver.idle()
    expect(observed.handled).toMatchObject([{ id: 'evt_1' }, { id: 'evt_2' }])
  })

  test('a handler whose request ended is run again by a later one, once its time is over', async () => {
    const clock = losingClock()
    const { receiver, send, observed, log } = acmeReceiver({ handlerTimeout: 5_000, clock })
    const handler = vi.fn(hangs)
    receiver.onEvent('order.paid', handler)
    await send()
    clock.loseTimers()
    void receiver.idle()
    await vi.waitFor(() => expect(handler).toHaveBeenCalledTimes(1), 10_000)
    handler.mockImplementation(async () => {})
    await clock.advance(5_999)
    await receiver.idle()
    expect(handler).toHaveBeenCalledTimes(1)
    await clock.advance(1)
    await receiver.idle()
    expect(observed.handled).toMatchObject([{ id: 'evt_1', attempt: 1 }])
    expect(log.lines.slice(1)).toMatchObject([{ level: 'warn', details: { type: 'order.paid' } }])
  })

  test('a verdict that comes after another request has taken the event up changes nothing', async () => {
    const clock = losingClock()
    const { receiver, send } = acmeReceiver({ handlerTimeout: 5_000, clock })
    let fail: (error: Error) => void = () => {}
    const handler = vi.fn(() => new Promise<void>((_, reject) => (fail = reject)))
    receiver.onEvent('order.paid', handler)
    await send()
    clock.loseTimers()
    void receiver.idle()
    await vi.waitFor(() => expect(handler).toHaveBeenCalledTimes(1), 10_000)
    const failFirst = fail
    await clock.advance(6_000)
    void receiver.idle()
    await vi.waitFor(() => expect(handler).toHaveBeenCalledTimes(2), 10_000)
    failFirst(new Error('late'))
    await clock.advance(0)
    expect(await receiver.inbox.counts()).toMatchObject({ active: 1, scheduled: 0 })
  })

  test('a failed handler is run again by the first request after its delay', async () => {
    const { receiver, send, observed, clock } = acmeReceiver({ retry: { initialDelay: 1_000, jitter: 0 } })
    let fails = true
    receiver.onEvent('order.paid', () => {
      if (fails) throw new Error('not yet')
    })
    await send()
    await receiver.idle()
    fails = false
    await clock.advance(999)
    await receiver.idle()
    expect(observed.handled).toEqual([])
    await clock.advance(1)
    await receiver.idle()
    expect(observed.handled).toMatchObject([{ attempt: 2 }])
  })

  test('a handler that is registered later finds what was parked', async () => {
    const { receiver, send, observed } = acmeReceiver()
    receiver.onEvent('order.cancelled', () => {})
    await send()
    await receiver.idle()
    expect(await receiver.inbox.counts()).toMatchObject({ parked: 1 })
    receiver.onEvent('order.paid', () => {})
    await receiver.idle()
    expect(observed.handled).toHaveLength(1)
  })

  test('deliveries that nothing is kept alive for are told of once', async () => {
    const { receiver, send, log } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    for (let sent = 0; sent < 25; sent++) await send({ id: `evt_${sent}` })
    expect(log.lines.slice(1)).toMatchObject([
      { level: 'warn', details: { fix: expect.stringContaining('ctx') } },
    ])
  })

  test('deliveries that something is kept alive for are told of by nobody, however many come', async () => {
    const { receiver, send, log } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    const warned = log.lines.length
    for (let sent = 1; sent <= 30; sent++) {
      await send({ id: `evt_${sent}` })
      if (sent % 5 === 0) await receiver.idle()
    }
    expect(log.lines.slice(warned)).toEqual([])
  })

  test('deliveries of strangers are none that wait', async () => {
    const { receiver, log } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    const warned = log.at('warn').length
    for (let sent = 0; sent < 25; sent++)
      expect(await receiver.receive(signedPost('{}', 'wrong'))).toMatchObject({ status: 401 })
    expect(log.at('warn').slice(warned)).not.toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('events are waiting') }),
    )
  })

  test('a receiver that only accepts handles nothing before start is called', async () => {
    const { receiver, send, observed } = acmeReceiver({ consume: false })
    receiver.onEvent('order.paid', () => {})
    await send()
    await receiver.idle()
    expect(observed.handled).toEqual([])
    await receiver.start().idle()
    expect(observed.handled).toHaveLength(1)
  })

  test('stop handles what is due', async () => {
    const { receiver, send, observed } = acmeReceiver()
    receiver.onEvent('order.paid', () => {})
    await send()
    await receiver.stop()
    expect(observed.handled).toHaveLength(1)
  })

  test('no event waits in line for handlers of requests that may have ended', async () => {
    const { receiver, send } = acmeReceiver({ acknowledge: 'after-handlers', concurrency: 1 })
    receiver.onEvent('order.paid', ({ id }) => (id === 'evt_hangs' ? hangs() : undefined))
    void send({ id: 'evt_hangs' })
    expect(await send({ id: 'evt_2' })).toMatchObject({ status: 200 })
  })
})

test('elsewhere, a delivery in the same turn as the first handler has consumption begin', async () => {
  vi.unstubAllGlobals()
  const setTimer = vi.spyOn(globalThis, 'setTimeout').mockImplementation((() => {}) as never)
  const { receiver, send } = acmeReceiver()
  const handler = vi.fn()
  receiver.onEvent('order.paid', handler)
  await send()
  setTimer.mockRestore()
  await vi.waitFor(() => expect(handler).toHaveBeenCalledTimes(1), 10_000)
})

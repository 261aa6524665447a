import type { Consumer } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { expect, test, vi } from 'vitest'
import { type DrainTools, drain } from '../../src/handle/consume/drain.ts'

// Over a receiver: receiver/drained.test.ts.

const never = () => new Promise<void>(() => {})

function toolsOf(more: Partial<DrainTools> = {}, idle: Consumer['idle'] = async () => {}) {
  const consumer: Consumer = { wake() {}, idle, stop: vi.fn(async () => {}) }
  const onBegin = vi.fn()
  const tools: DrainTools = {
    consume: () => consumer,
    clock: manualClock(),
    isStopping: () => false,
    hasStopped: () => false,
    first: async () => false,
    onBegin,
    ...more,
  }
  return { tools, consumer, onBegin }
}

test('a drain whose time is over before it has begun to handle anything ends, and says that there is more', async () => {
  const leaving = new AbortController()
  const first = async () => {
    leaving.abort()
    return false
  }
  const { tools, consumer } = toolsOf({ first }, never)
  expect(await drain({ signal: leaving.signal }, tools)).toMatchObject({ handled: 0, more: true })
  expect(consumer.stop).toHaveBeenCalledOnce()
})

test('a drain that ends as the receiver is stopped says that there is more', async () => {
  const { tools } = toolsOf({ isStopping: () => true })
  expect(await drain({}, tools)).toMatchObject({ more: true })
})

test('a drain that has left something of what comes first says that there is more', async () => {
  const { tools } = toolsOf({ first: async () => true })
  expect(await drain({}, tools)).toMatchObject({ more: true })
})

test('a drain whose receiver is taken over while it handles says that there is more', async () => {
  let hasStopped = false
  const idle = async () => {
    hasStopped = true
  }
  const { tools } = toolsOf({ hasStopped: () => hasStopped }, idle)
  expect(await drain({}, tools)).toMatchObject({ more: true })
})

test('a drain whose receiver was stopped while it did what comes first begins to handle nothing', async () => {
  const consume = vi.fn()
  const { tools } = toolsOf({ consume, hasStopped: () => true })
  expect(await drain({}, tools)).toMatchObject({ handled: 0, more: true })
  expect(consume).not.toHaveBeenCalled()
})

test.each(['first', 'consume'] as const)(
  'a drain that fails at %s leaves no timer and no listener',
  async (step) => {
    const clock = manualClock()
    const broken = () => {
      throw new Error('no connection')
    }
    const { tools } = toolsOf({ clock, [step]: broken })
    const { signal } = new AbortController()
    const [heard, left] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    await expect(drain({ signal }, tools)).rejects.toThrow('no connection')
    expect(clock.pendingTimers).toBe(0)
    expect(left.mock.calls).toEqual(heard.mock.calls)
  },
)

test('what is not of its kinds is not counted', async () => {
  const { tools, consumer } = toolsOf({
    consume: (ending) => {
      for (const name of ['skipped', 'handled', 'redriven'] as const)
        ending?.observe(name, () => expect.unreachable())
      return consumer
    },
  })
  expect(await drain({}, tools)).toEqual({
    handled: 1,
    failed: 0,
    dead: 0,
    parked: 0,
    unhandled: 0,
    more: false,
  })
})

test('who stops drains is given the consumer as it begins', async () => {
  const { tools, consumer, onBegin } = toolsOf()
  await drain({}, tools)
  expect(onBegin.mock.calls).toEqual([[consumer]])
})

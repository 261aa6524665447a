import type { Consumer } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { recordedLogger } from '@hookport/testkit/logs'
import { describe, expect, test, vi } from 'vitest'
import { Consumption, type ConsumptionOptions } from '../../src/handle/consume/consumption.ts'

// With handlers that run: receiver/lifecycle.test.ts, drained.test.ts and request-bound.test.ts.

/** A consumption whose consumers write down what is asked of them, each under its number. */
function consumptionOf(
  options: Partial<ConsumptionOptions> = {},
  idle: () => Promise<void> = async () => {},
) {
  const asked: string[] = []
  let consumers = 0
  const consume = (): Consumer => {
    const number = ++consumers
    return {
      wake: () => void asked.push(`wake ${number}`),
      idle() {
        asked.push(`idle ${number}`)
        return idle()
      },
      async stop() {
        asked.push(`stop ${number}`)
      },
    }
  }
  const log = recordedLogger()
  const consumption = new Consumption(consume, {
    startsByItself: true,
    endsWithRequest: false,
    drainsWhenIdle: false,
    clock: manualClock(),
    logger: log.logger,
    onBegin() {},
    onStop: async () => {},
    beforeDrain: async () => false,
    hasHandlers: () => true,
    isStopping: () => false,
    ...options,
  })
  return { consumption, asked, log }
}

test('a handler that is added while a drain is under way wakes that drain, and the consumer', async () => {
  const over = deferred()
  const { consumption, asked } = consumptionOf({}, () => over.promise)
  consumption.start()
  const drained = consumption.drain({})
  await new Promise((resolve) => setImmediate(resolve))
  consumption.handlerAdded()
  over.resolve()
  await drained
  consumption.handlerAdded()
  expect(asked).toEqual(['idle 2', 'wake 1', 'wake 2', 'stop 2', 'wake 1'])
})

describe('stop', () => {
  test('stops the drains that are under way, and waits for them', async () => {
    const over = deferred()
    const { consumption, asked } = consumptionOf({ startsByItself: false }, () => over.promise)
    const drained = consumption.drain({})
    await new Promise((resolve) => setImmediate(resolve))
    await consumption.stop()
    expect(asked).toEqual(['idle 1', 'stop 1'])
    over.resolve()
    await drained
  })

  test('asks nothing more of drains that have ended, and have stopped already', async () => {
    const { consumption, asked } = consumptionOf({ startsByItself: false })
    await consumption.drain({})
    expect(asked).toEqual(['idle 1', 'stop 1'])
    await consumption.stop()
    expect(asked).toEqual(['idle 1', 'stop 1'])
  })

  test('lets no drain begin to handle that is still at what comes first', async () => {
    const first = deferred<boolean>()
    const { consumption, asked } = consumptionOf({ startsByItself: false, beforeDrain: () => first.promise })
    const drained = consumption.drain({})
    await consumption.stop()
    first.resolve(false)
    expect(await drained).toMatchObject({ handled: 0, more: true })
    expect(asked).toEqual([])
  })

  test('asks nothing of a drain that could not begin', async () => {
    const beforeDrain = () => Promise.reject(new Error('no connection'))
    const { consumption, asked } = consumptionOf({ startsByItself: false, beforeDrain })
    await expect(consumption.drain({})).rejects.toThrow('no connection')
    await consumption.stop()
    expect(asked).toEqual([])
  })

  test('first handles what is due, where no other moment would', async () => {
    const { consumption, asked } = consumptionOf({ endsWithRequest: true })
    consumption.handlerAdded()
    await consumption.stop()
    expect(asked).toEqual(['idle 1', 'stop 1'])
  })

  test('lets handling begin that was about to, so that an inbox which is not durable finishes what it holds', async () => {
    const { consumption, asked } = consumptionOf()
    consumption.handlerAdded()
    await consumption.stop()
    expect(asked).toEqual(['stop 1'])
  })

  test('is the end: neither start, handlers nor deliveries begin anything, and a drain says what to do', async () => {
    for (const endsWithRequest of [true, false]) {
      const { consumption, asked } = consumptionOf({ endsWithRequest })
      await consumption.stop()
      consumption.start()
      consumption.handlerAdded()
      consumption.deliveryCame()
      await consumption.idle()
      await expect(consumption.drain({})).rejects.toThrow(
        /another of the same name has taken over: drain that one/,
      )
      expect(asked).toEqual([])
    }
  })
})

describe('idle, where there is a route for drains', () => {
  const drained = ['idle 1', 'stop 1']

  test('drains as long as nothing else handles events', async () => {
    const { consumption, asked } = consumptionOf({ startsByItself: false, drainsWhenIdle: true })
    await consumption.idle()
    expect(asked).toEqual(drained)
  })

  test('waits for the consumer once start was called', async () => {
    const { consumption, asked } = consumptionOf({ startsByItself: false, drainsWhenIdle: true })
    consumption.start()
    await consumption.idle()
    expect(asked).toEqual(['idle 1'])
  })

  test('handles in the request once start was called, where timers end with requests', async () => {
    const beforeDrain = vi.fn()
    const { consumption, asked } = consumptionOf({
      startsByItself: false,
      drainsWhenIdle: true,
      endsWithRequest: true,
      beforeDrain,
    })
    await consumption.idle()
    expect(beforeDrain).toHaveBeenCalledOnce()
    consumption.start()
    await consumption.idle()
    expect(beforeDrain, 'this was no drain').toHaveBeenCalledOnce()
    expect(asked).toEqual([...drained, 'idle 2', 'stop 2'])
  })
})

describe('where timers end with requests, and no request is kept alive', () => {
  const deliveries = (consumption: Consumption, count: number) => {
    for (let came = 0; came < count; came++) consumption.deliveryCame()
  }

  test('the log says at the tenth delivery that events wait', () => {
    const { consumption, log } = consumptionOf({ endsWithRequest: true })
    deliveries(consumption, 9)
    expect(log.lines).toEqual([])
    deliveries(consumption, 11)
    expect(log.lines).toMatchObject([{ level: 'warn', details: { fix: expect.stringContaining('ctx') } }])
  })

  test('nothing is said where this process is not meant to handle any', () => {
    const { consumption, log } = consumptionOf({ endsWithRequest: true, startsByItself: false })
    deliveries(consumption, 20)
    expect(log.lines).toEqual([])
  })
})

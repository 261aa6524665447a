import type { ConsumeOptions } from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test } from 'vitest'
import { type Answer, askedBench, pollMs, watched } from '../support/asked-store.ts'

/** One consumer that is alone in its process, over a store that gives these answers. */
function oneConsumer(answers: readonly Answer[] = [], options: Partial<ConsumeOptions> = {}) {
  const bench = askedBench()
  const store = bench.store()
  store.willAnswer(...answers)
  const consumer = inAnotherProcess(() => bench.consume(store, options))
  return { ...bench, store, consumer, takings: () => bench.takings(store) }
}

describe('a store is asked', () => {
  test('at once, and then every pollMs', async () => {
    const { clock, takings } = oneConsumer()
    await clock.advance(2 * pollMs)
    expect(takings()).toEqual(['0: 4', '1000: 4', '2000: 4'])
  })

  test('again at once where more is due than it gave, for as many as there is room', async () => {
    const { rest, takings } = oneConsumer([{ ids: ['one', 'two'], nextDueMs: 0 }])
    await rest()
    expect(takings()).toEqual(['0: 4', '0: 2'])
  })

  test('again at once where it has only parked, and more is due', async () => {
    const report = { event: eventRecord(), outcome: 'parked' } as const
    const { rest, takings } = oneConsumer([{ reports: [report], nextDueMs: 0 }])
    await rest()
    expect(takings()).toEqual(['0: 4', '0: 4'])
  })

  test('10 ms later where something is due, and it gave nothing', async () => {
    const { clock, takings } = oneConsumer([{ nextDueMs: 0 }])
    await clock.advance(10)
    expect(takings()).toEqual(['0: 4', '10: 4'])
  })

  test('when the next event is due, and not before', async () => {
    const { clock, takings } = oneConsumer([{ nextDueMs: 300 }, { nextDueMs: 5 * pollMs }])
    await clock.advance(300 + pollMs)
    expect(takings()).toEqual(['0: 4', '300: 4', '1300: 4'])
  })

  test.each([
    [
      'once more for what is next of an order key, when the verdict is stored',
      false,
      ['0: 4', '0: 4', '0: 4'],
    ],
    ['but not where its takings come after verdicts', true, ['0: 4', '0: 4']],
  ])('%s', async (_, takesAfterVerdicts, asked) => {
    const { store, rest, end, takings } = oneConsumer([{ ids: ['one'], orderKey: 'a line' }])
    store.takesAfterVerdicts = takesAfterVerdicts
    await rest()
    end('one', done)
    await rest()
    expect(takings()).toEqual(asked)
  })

  test('only once at a time, and once more for all that is told meanwhile', async () => {
    const slow = deferred()
    const { consumer, clock, rest, takings } = oneConsumer([{ answersAfter: slow.promise }])
    consumer.wake()
    consumer.wake()
    await clock.advance(300)
    expect(takings()).toEqual(['0: 4'])
    slow.resolve()
    await rest()
    expect(takings()).toEqual(['0: 4', '300: 4'])
  })

  test('no sooner because a taking lasts longer than pollMs', async () => {
    const slow = deferred()
    const { consumer, clock, takings } = oneConsumer([{}, { answersAfter: slow.promise }])
    await clock.advance(500)
    consumer.wake()
    await clock.advance(pollMs)
    slow.resolve()
    await clock.advance(pollMs)
    expect(takings()).toEqual(['0: 4', '500: 4', '2500: 4'])
  })

  test('not while the consumer is paused, and once when it goes on, however often it was woken', async () => {
    let isPaused = true
    const { consumer, clock, takings } = oneConsumer([], { isPaused: () => isPaused })
    for (let time = 0; time < 3; time++) consumer.wake()
    await clock.advance(5 * pollMs)
    expect(takings()).toEqual([])
    isPaused = false
    await clock.advance(pollMs)
    expect(takings()).toEqual(['6000: 4'])
  })

  test('not while as many are handled as may be', async () => {
    const { consumer, clock, takings } = oneConsumer([{ ids: ['one', 'two'], nextDueMs: 0 }], {
      concurrency: 2,
    })
    await clock.advance(pollMs)
    consumer.wake()
    await clock.advance(pollMs)
    expect(takings()).toEqual(['0: 2'])
  })

  test('not once the consumer was stopped, and no timer is left', async () => {
    const slow = deferred()
    const { consumer, clock, takings } = oneConsumer([{ answersAfter: slow.promise }])
    const stopping = consumer.stop()
    consumer.wake()
    slow.resolve()
    await stopping
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(pollMs)
    expect(takings()).toEqual(['0: 4'])
  })
})

test('a taking that was in progress when the consumer was stopped asks for nothing', async () => {
  const slow = deferred()
  const { consumer, takings } = oneConsumer([{ asksAfter: slow.promise }])
  const stopping = consumer.stop()
  slow.resolve()
  await stopping
  expect(takings()).toEqual(['0: 0'])
})

describe('where an event has ended, the store is asked', () => {
  test.each([
    ['well', done],
    ['to be retried after pollMs', retryIn(pollMs)],
    ['to be retried later', retryIn(2 * pollMs)],
  ])('once, together with the verdict, where it ended %s', async (_, verdict) => {
    const { clock, end, takings } = oneConsumer([{ ids: ['one'] }])
    await clock.advance(100)
    end('one', verdict)
    await clock.advance(pollMs - 1)
    expect(takings()).toEqual(['0: 4', '100: 4'])
  })

  test.each([
    ['retried before the next poll', retryIn(pollMs - 1)],
    ['replaced', { outcome: 'replace', event: eventRecord(), rememberMs: 0 } as const],
  ])('once more after the verdict, where it is %s: that taking has left it out', async (_, verdict) => {
    const { clock, end, takings } = oneConsumer([{ ids: ['one'] }])
    await clock.advance(100)
    end('one', verdict)
    await clock.advance(500)
    expect(takings()).toEqual(['0: 4', '100: 4', '100: 4'])
  })

  test('once more when the verdict is stored, which the store did not take at first', async () => {
    const { clock, end, store, takings } = oneConsumer([{ ids: ['one'] }], { concurrency: 1 })
    await clock.advance(100)
    const { conclude } = store
    store.conclude = () => Promise.reject(new Error('the disk is full'))
    end('one', done)
    await clock.advance(50)
    store.conclude = conclude
    await clock.advance(100)
    expect(takings()).toEqual(['0: 1', '100: 1', '200: 1'])
  })
})

describe('idle', () => {
  test('resolves at once where the consumer is paused', async () => {
    const { consumer, rest } = oneConsumer([], { isPaused: () => true })
    const idle = watched(consumer.idle())
    await rest()
    expect(idle.isOver).toBe(true)
  })

  test('does not resolve before the store has said that nothing is due', async () => {
    const slow = deferred()
    const { consumer, clock, rest } = oneConsumer([{}, { answersAfter: slow.promise }])
    await rest()
    const idle = watched(consumer.idle())
    await clock.advance(5 * pollMs)
    expect(idle.isOver).toBe(false)
    slow.resolve()
    await rest()
    expect(idle.isOver).toBe(true)
  })

  test('does not resolve where something is due that the store could not give', async () => {
    const { consumer, clock } = oneConsumer([{ nextDueMs: 0 }, { nextDueMs: 0 }])
    const idle = watched(consumer.idle())
    await clock.advance(9)
    expect(idle.isOver).toBe(false)
    await clock.advance(1)
    expect(idle.isOver).toBe(true)
  })

  test('does not stop the consumer', async () => {
    const { consumer, clock, stops, takings } = oneConsumer()
    await consumer.idle()
    await clock.advance(pollMs)
    expect(stops()).toBe(0)
    expect(takings()).toContain('1000: 4')
  })
})

describe('stop', () => {
  test('is told of once it is over', async () => {
    const { consumer, rest, end, stops } = oneConsumer([{ ids: ['one'] }])
    await rest()
    const stopping = consumer.stop()
    await rest()
    expect(stops()).toBe(0)
    end('one', done)
    await stopping
    expect(stops()).toBe(1)
  })

  test('after 5 s, where the store does not answer a taking: nothing was lost, and nothing is logged', async () => {
    const { consumer, clock, log } = oneConsumer([{ answersAfter: new Promise(() => {}) }])
    const stopping = watched(consumer.stop())
    await clock.advance(4_999)
    expect(stopping.isOver).toBe(false)
    await clock.advance(1)
    expect(stopping.isOver).toBe(true)
    expect(log.lines).toEqual([])
  })
})

test('a consumer says whose events it takes', () => {
  expect(oneConsumer().consumer.source).toBe('acme')
})

test('the log says what can not be asked for work, and why', async () => {
  const { store, consumer, clock, log } = oneConsumer()
  await clock.advance(0)
  const err = new Error('no connection')
  store.take = () => Promise.reject(err)
  consumer.wake()
  await clock.advance(0)
  expect(log.lines).toEqual([
    { level: 'error', message: 'the inbox can not be asked for work', details: { source: 'acme', err } },
  ])
})

test('the log says of which event the verdict is void, as another process has taken it', async () => {
  const { store, clock, log, end } = oneConsumer([{ ids: ['one'] }])
  await clock.advance(0)
  store.conclude = async () => false
  end('one', done)
  await clock.advance(0)
  expect(log.lines).toMatchObject([{ level: 'warn', details: { key: 'acme:one', outcome: 'done' } }])
  expect(log.lines[0]?.message).toMatch('another process has taken the event')
})

import { inAnotherProcess } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { done } from '@hookport/testkit/inbox/attempts'
import { expect, test } from 'vitest'
import { type Answer, askedBench, leaseMs } from '../support/asked-store.ts'

/** A consumer that asks its store only when it is woken. */
async function consumerOf(...answers: readonly Answer[]) {
  const bench = askedBench()
  const store = bench.store()
  store.willAnswer(...answers)
  const consumer = inAnotherProcess(() => bench.consume(store, {}, { pollMs: 100 * leaseMs }))
  await bench.rest()
  return { ...bench, store, consumer, takings: () => bench.takings(store) }
}

test('what is still held is renewed when another event has ended', async () => {
  const { store, clock, end } = await consumerOf({ ids: ['one', 'two'] })
  await clock.advance(100)
  end('one', done)
  await clock.advance(leaseMs / 3)
  expect(store.renewals).toEqual([['two']])
})

test('what is lost is not renewed any more', async () => {
  const { store, clock, signals } = await consumerOf({ ids: ['one', 'two'] })
  const renew = store.renew.bind(store)
  store.renew = async (events) => {
    await renew(events)
    return events.map(({ event }) => event.id !== 'one')
  }
  await clock.advance((2 * leaseMs) / 3)
  expect(store.renewals).toEqual([['one', 'two'], ['two']])
  expect(['one', 'two'].map((id) => signals.get(id)?.aborted)).toEqual([true, false])
})

test('an event that has ended while it was renewed is not lost', async () => {
  const { store, clock, end, signals, rest } = await consumerOf({ ids: ['one'] })
  const answer = deferred<readonly boolean[]>()
  store.renew = () => answer.promise
  await clock.advance(leaseMs / 3)
  end('one', done)
  await rest()
  answer.resolve([false])
  await rest()
  expect(signals.get('one')?.aborted).toBe(false)
})

test('an event is not lost to a renewal that finds it done with, while the store answers the verdict', async () => {
  const { store, clock, end, signals, rest } = await consumerOf({ ids: ['one'] })
  const stored = deferred<boolean>()
  store.conclude = () => stored.promise
  store.renew = async () => [false]
  end('one', done)
  await rest()
  await clock.advance(leaseMs / 3)
  expect(signals.get('one')?.aborted).toBe(false)
  stored.resolve(true)
  await rest()
})

test('an event is lost to others after its handlers have ended, where the store does not take the verdict', async () => {
  const { store, clock, end, signals, rest } = await consumerOf({ ids: ['one'] })
  let refused = 0
  store.conclude = async () => {
    refused += 1
    throw new Error('no connection')
  }
  store.renew = async () => [false]
  end('one', done)
  await rest()
  await clock.advance(leaseMs / 3)
  expect(signals.get('one')?.aborted).toBe(true)
  const before = refused
  await clock.advance(10 * leaseMs)
  expect(refused).toBe(before)
})

test('a renewal that failed is followed by the next one, while the lease still runs', async () => {
  const { store, clock } = await consumerOf({ ids: ['one'] })
  const renew = store.renew.bind(store)
  store.renew = () => Promise.reject(new Error('no connection'))
  await clock.advance(leaseMs / 3)
  store.renew = renew
  await clock.advance(leaseMs / 3)
  expect(store.renewals).toEqual([['one']])
})

test('a renewal that the store never answers is followed by the next one, while the lease still runs', async () => {
  const { store, clock } = await consumerOf({ ids: ['one'] })
  const renew = store.renew.bind(store)
  store.renew = () => new Promise(() => {})
  await clock.advance(leaseMs / 3)
  store.renew = renew
  await clock.advance(leaseMs / 3)
  expect(store.renewals).toEqual([['one']])
})

test('where renewals have failed, what is held comes before what could be taken, though another event was taken since', async () => {
  const { store, consumer, clock, rest, takings } = await consumerOf({ ids: ['one'] }, { ids: ['two'] })
  const renew = store.renew.bind(store)
  store.renew = () => Promise.reject(new Error('no connection'))
  await clock.advance(leaseMs / 2)
  consumer.wake()
  await clock.advance(leaseMs / 5)
  expect(takings()).toEqual(['0: 4', '15000: 3'])
  store.renew = renew
  consumer.wake()
  await rest()
  expect(store.renewals).toEqual([['one', 'two']])
  expect(takings()).toEqual(['0: 4', '15000: 3', '21000: 2'])
})

test('an answer to an earlier renewal that comes late does not make the next one overdue', async () => {
  const { store, consumer, clock, rest, takings } = await consumerOf({ ids: ['one'] }, { ids: ['two'] })
  const renew = store.renew.bind(store)
  const slow = deferred<readonly boolean[]>()
  store.renew = () => slow.promise
  await clock.advance(leaseMs / 3)
  store.renew = renew
  await clock.advance(leaseMs / 3)
  slow.resolve([true])
  store.renew = () => new Promise(() => {})
  await clock.advance(leaseMs / 3 + 2_000)
  store.renew = renew
  store.renewals.length = 0
  consumer.wake()
  await rest()
  expect([takings().length, store.renewals]).toEqual([2, []])
})

test('where a checkpoint finds that another process has the event, its handlers are told', async () => {
  const { store, checkpoint, signals } = await consumerOf({ ids: ['one'] })
  store.checkpoint = async () => false
  await checkpoint('one')
  expect(signals.get('one')?.aborted).toBe(true)
})

test('what it holds keeps no process alive, and that it waits for work does', async () => {
  const { timers } = await consumerOf({ ids: ['one'] })
  expect(timers).toEqual([
    { delayMs: leaseMs / 3, isInBackground: true },
    { delayMs: 100 * leaseMs, isInBackground: false },
  ])
})

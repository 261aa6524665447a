import type { ConsumeOptions } from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { done, retryIn } from '@hookport/testkit/inbox/attempts'
import { expect, test } from 'vitest'
import { type Inhabitant, Solitude } from '../../src/inbox-kit/consumer/solitude.ts'
import { type Answer, type AskedStore, askedBench, leaseMs, watched } from '../support/asked-store.ts'

/** Two consumers of one process, over stores that give these answers. */
function twoConsumers(
  answers: { readonly acme?: readonly Answer[]; readonly other?: readonly Answer[] },
  options: Partial<ConsumeOptions> = {},
) {
  const bench = askedBench()
  const [acmeStore, otherStore] = [bench.store(), bench.store()]
  acmeStore.willAnswer(...(answers.acme ?? []))
  otherStore.willAnswer(...(answers.other ?? []))
  const [acme, other] = inAnotherProcess(() => [
    bench.consume(acmeStore, options),
    bench.consume(otherStore, { source: 'other' }),
  ])
  return {
    ...bench,
    acme: { consumer: acme, store: acmeStore, takings: () => bench.takings(acmeStore) },
    other: { consumer: other, store: otherStore, takings: () => bench.takings(otherStore) },
  }
}

/** What a store answers that has a suspect. */
const suspectIsDue: readonly Answer[] = [{ aloneIsDue: true }, { ids: ['suspect'] }]

function refuseVerdicts(store: AskedStore): void {
  store.conclude = () => Promise.reject(new Error('the disk is full'))
}

test('a suspect is asked for at once where nothing else runs, however often its store asks what it may take', async () => {
  const { acme, begun, rest } = twoConsumers({ acme: [{ aloneIsDue: true }, { ids: ['suspect'], asks: 2 }] })
  await rest()
  expect(acme.takings()).toEqual(['0: 4', '0: 1 alone'])
  expect(begun()).toEqual(['suspect'])
})

test('a suspect is asked for as soon as the last event has ended', async () => {
  const { acme, clock, end, rest } = twoConsumers({ acme: [{ ids: ['one'], aloneIsDue: true }] })
  await clock.advance(300)
  end('one', done)
  await rest()
  expect(acme.takings()).toEqual(['0: 4', '300: 1 alone'])
})

test('a suspect waits for the taking of another consumer', async () => {
  const slow = deferred()
  const { acme, clock, rest } = twoConsumers({
    acme: suspectIsDue,
    other: [{ answersAfter: slow.promise }],
  })
  await clock.advance(300)
  expect(acme.takings()).toEqual(['0: 4'])
  slow.resolve()
  await rest()
  expect(acme.takings()).toEqual(['0: 4', '300: 1 alone'])
})

test('a suspect whose turn was prevented at the last moment is still due', async () => {
  const running = new Set<string>()
  const prevented = deferred()
  const { acme, clock, rest } = twoConsumers(
    { acme: [{ aloneIsDue: true }, { asksAfter: prevented.promise, aloneIsDue: true }] },
    { running: () => running },
  )
  await clock.advance(100)
  running.add('acme:cut_off')
  prevented.resolve()
  await clock.advance(100)
  running.clear()
  acme.consumer.wake()
  await rest()
  expect(acme.takings()).toEqual(['0: 4', '100: 0 alone', '200: 1 alone'])
})

test('suspects of two consumers take turns: the one that waits first is first', async () => {
  const running = new Set(['acme:cut_off'])
  const { acme, begun, clock, end, rest } = twoConsumers(
    { acme: suspectIsDue, other: [{ aloneIsDue: true }, { ids: ['second'] }] },
    { running: () => running },
  )
  await clock.advance(300)
  expect(begun()).toEqual([])
  running.clear()
  acme.consumer.wake()
  await rest()
  expect(begun()).toEqual(['suspect'])
  end('suspect', done)
  await rest()
  expect(begun()).toEqual(['suspect', 'second'])
})

test('a suspect that another process has taken holds up nobody', async () => {
  const slow = deferred()
  const { other, clock, rest } = twoConsumers({
    acme: [{ aloneIsDue: true }, { answersAfter: slow.promise }],
  })
  await rest()
  const before = other.takings()
  await clock.advance(300)
  other.consumer.wake()
  await rest()
  expect(other.takings()).toEqual(before)
  slow.resolve()
  await rest()
  expect(other.takings()).toEqual([...before, '300: 4'])
})

test('the others go on as soon as a suspect has ended, whatever its own store is doing', async () => {
  const { other, begun, clock, end, rest } = twoConsumers({
    acme: [...suspectIsDue, { answersAfter: new Promise(() => {}) }],
  })
  await clock.advance(300)
  expect(begun()).toEqual(['suspect'])
  const before = other.takings()
  other.consumer.wake()
  await rest()
  expect(other.takings()).toEqual(before)
  end('suspect', done)
  await rest()
  expect(other.takings()).toEqual([...before, '300: 4'])
})

test('a suspect stays alone though its receiver is paused meanwhile', async () => {
  let isPaused = false
  const { acme, other, clock, end, rest } = twoConsumers({ acme: suspectIsDue }, { isPaused: () => isPaused })
  await clock.advance(300)
  const before = other.takings()
  isPaused = true
  acme.consumer.wake()
  other.consumer.wake()
  await rest()
  expect(other.takings()).toEqual(before)
  end('suspect', done)
  await rest()
  expect(other.takings()).toEqual([...before, '300: 4'])
})

test('a simulated process that fails to begin leaves this one as it was', () => {
  const idle: Inhabitant = { isBusy: false, wake() {} }
  const [here, beside] = [new Solitude(idle), inThisProcessAfterFailing(() => new Solitude(idle))]
  expect([here.enter(), beside.isUndisturbed]).toEqual([true, false])
  for (const one of [here, beside]) one.moveOut()
})

function inThisProcessAfterFailing<Result>(begin: () => Result): Result {
  const fail = () => {
    throw new Error('broken')
  }
  expect(() => inAnotherProcess(fail)).toThrow('broken')
  return begin()
}

test('all go on at once where the verdict on a suspect can not be stored', async () => {
  const { acme, other, clock, end, rest } = twoConsumers({ acme: suspectIsDue })
  await clock.advance(300)
  refuseVerdicts(acme.store)
  end('suspect', done)
  await rest()
  expect(acme.takings().slice(2)).toEqual(['300: 3'])
  expect(other.takings().at(-1)).toBe('300: 4')
})

test('a suspect begins at once where the verdict on the last event can not be stored', async () => {
  const { acme, other, clock, end, rest } = twoConsumers({ acme: [{ ids: ['one'] }], other: suspectIsDue })
  await clock.advance(300)
  refuseVerdicts(acme.store)
  end('one', done)
  await rest()
  expect(other.takings()).toEqual(['0: 4', '300: 1 alone'])
})

test('a suspect that waits to be alone holds up nobody while its consumer is paused, and is asked for once that is over', async () => {
  let isPaused = false
  const { acme, other, clock, end, rest } = twoConsumers(
    { acme: suspectIsDue, other: [{ ids: ['one'] }] },
    { isPaused: () => isPaused },
  )
  await clock.advance(100)
  isPaused = true
  end('one', done)
  await rest()
  expect(other.takings()).toEqual(['0: 4', '100: 4'])
  isPaused = false
  acme.consumer.wake()
  await rest()
  expect(acme.takings()).toEqual(['0: 4', '100: 1 alone'])
})

test('a suspect whose consumer is stopped stays alone until it has ended', async () => {
  const { acme, other, clock, end } = twoConsumers({ acme: suspectIsDue })
  await clock.advance(300)
  const before = other.takings()
  const stopping = acme.consumer.stop()
  await clock.advance(5_000)
  expect(other.takings()).toEqual(before)
  end('suspect', done)
  await stopping
  expect(other.takings()).toEqual([...before, '5300: 4'])
})

test.each([
  ['a suspect', suspectIsDue, 'suspect'],
  ['an event', [{ ids: ['one'] }], 'one'],
] as const)(
  'a consumer that has left without storing the verdict on %s is in the way of no suspect',
  async (_, acmeAnswers, id) => {
    const { acme, other, clock, end, rest } = twoConsumers({ acme: acmeAnswers })
    await rest()
    acme.store.conclude = () => new Promise(() => {})
    end(id, done)
    await rest()
    const stopping = acme.consumer.stop()
    await clock.advance(5_000)
    await stopping
    other.store.willAnswer({ aloneIsDue: true })
    other.consumer.wake()
    await rest()
    expect(other.takings().at(-1)).toBe('5000: 1 alone')
  },
)

test('a suspect is renewed as any event is', async () => {
  const { acme, clock } = twoConsumers({ acme: suspectIsDue })
  await clock.advance(leaseMs / 3)
  expect(acme.store.renewals).toEqual([['suspect']])
})

test('`idle` waits for a taking that was kept from bringing anything', async () => {
  const [asks, alone] = [deferred(), deferred()]
  const { acme, other, clock, rest } = twoConsumers({
    acme: [{}, { asksAfter: asks.promise }],
    other: [{}, { aloneIsDue: true }, { answersAfter: alone.promise }],
  })
  await rest()
  const idle = watched(acme.consumer.idle())
  other.consumer.wake()
  await clock.advance(100)
  asks.resolve()
  await clock.advance(100)
  expect(acme.takings()).toEqual(['0: 4', '100: 0'])
  expect(idle.isOver).toBe(false)
  alone.resolve()
  await rest()
  expect(acme.takings().slice(2)).toEqual(['200: 4'])
  expect(idle.isOver).toBe(true)
})

test.each([
  ['asked whether more is due', 1, done],
  ['asked for an event that is to be retried at once', 2, retryIn(0)],
])(
  '`idle` waits for a suspect of another consumer, before which the store can not be %s',
  async (_, concurrency, verdict) => {
    const [taking, alone] = [deferred(), deferred()]
    const { acme, other, end, rest } = twoConsumers(
      {
        acme: [{ ids: ['one'], answersAfter: taking.promise }],
        other: [{}, { aloneIsDue: true }, { answersAfter: alone.promise }],
      },
      { concurrency },
    )
    const idle = watched(acme.consumer.idle())
    taking.resolve()
    await rest()
    other.consumer.wake()
    await rest()
    end('one', verdict)
    await rest()
    expect(other.takings().at(-1)).toBe('0: 1 alone')
    expect(idle.isOver).toBe(false)
    alone.resolve()
    await rest()
    expect(idle.isOver).toBe(true)
  },
)

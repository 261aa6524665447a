import type { ConsumeOptions, Verdict, Work } from '@hookport/core'
import { PollingConsumer } from '@hookport/core/inbox-kit'
import { inAnotherProcess, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { consumingAll, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { EventTable } from '@hookport/testkit/inbox/event-table'
import { expect, test } from 'vitest'

const leaseMs = 30_000
const pollMs = 1_000

/** A store that can be made to fail, on a clock that the test moves, and consumers of one process. */
function bench() {
  const clock = manualClock(1_000_000)
  const table = new EventTable(clock)
  const failing = new Set<'take' | 'conclude' | 'renew'>()
  const unless =
    <Args extends unknown[], Result>(
      method: 'take' | 'conclude' | 'renew',
      ask: (...args: Args) => Promise<Result>,
    ) =>
    (...args: Args) =>
      failing.has(method) ? Promise.reject(new Error('no connection')) : ask(...args)
  table.take = unless('take', table.take.bind(table))
  table.conclude = unless('conclude', table.conclude.bind(table))
  table.renew = unless('renew', table.renew.bind(table))
  const consume = (work: Work, options: Partial<ConsumeOptions> = {}) =>
    new PollingConsumer(work, { ...consumingAll, ...options }, table, { clock, leaseMs, pollMs })
  return { clock, table, failing, consume, rest: () => clock.advance(0) }
}

test('`idle` waits for what could not be taken, and it is handled once the store is back', async () => {
  const { clock, table, failing, consume, rest } = bench()
  failing.add('take')
  table.add(eventRecord())
  const handled: string[] = []
  const consumer = inAnotherProcess(() =>
    consume(async ({ event }) => {
      handled.push(event.id)
      return done
    }),
  )
  await rest()
  let isIdle = false
  const idle = consumer.idle().then(() => {
    isIdle = true
  })
  await clock.advance(2_000)
  expect(isIdle).toBe(false)
  failing.clear()
  await clock.advance(5_000)
  await idle
  expect(handled).toEqual(['evt_1'])
})

test('takings that fail take up no room: as many are under work afterwards as `concurrency` says', async () => {
  const { clock, table, failing, consume } = bench()
  failing.add('take')
  for (const event of eventRecords(5)) table.add(event)
  const gate = deferred<Verdict>()
  let running = 0
  inAnotherProcess(() =>
    consume(
      () => {
        running += 1
        return gate.promise
      },
      { concurrency: 3 },
    ),
  )
  await clock.advance(20_000)
  expect(running).toBe(0)
  failing.clear()
  await clock.advance(5_000)
  expect(running).toBe(3)
})

test('a suspect whose taking fails does not keep the other consumers of its process waiting', async () => {
  const { clock, table, failing, consume, rest } = bench()
  table.add(eventRecord({ id: 'suspect' }), { interruptions: 2 })
  const handled: string[] = []
  const work: Work = async ({ event }) => {
    handled.push(event.id)
    return done
  }
  await inAnotherProcess(async () => {
    const take = table.take.bind(table)
    table.take = (ask) =>
      take(() => {
        const request = ask()
        if (request.alone && request.limit > 0 && failing.has('renew')) throw new Error('no connection')
        return request
      })
    failing.add('renew')
    consume(work)
    consume(work, { source: 'other' })
  })
  await rest()
  table.add(eventRecord({ id: 'neighbour', source: 'other' }))
  await clock.advance(pollMs)
  expect(handled).toEqual(['neighbour'])
  failing.clear()
  await clock.advance(10_000)
  expect(handled).toEqual(['neighbour', 'suspect'])
})

test('one renewal that fails costs no lease: the next one renews all', async () => {
  const { clock, table, failing, consume, rest } = bench()
  for (const event of eventRecords(3)) table.add(event)
  const gate = deferred<Verdict>()
  const signals: (boolean | undefined)[] = []
  const turns: { readonly aborted: boolean }[] = []
  inAnotherProcess(() =>
    consume(({ signal }) => {
      if (signal) turns.push(signal)
      return gate.promise
    }),
  )
  await rest()
  failing.add('renew')
  await clock.advance(leaseMs / 3)
  failing.clear()
  await clock.advance(10 * leaseMs)
  signals.push(...turns.map(({ aborted }) => aborted))
  expect(signals).toEqual([false, false, false])
  gate.resolve(done)
  await rest()
  expect(table.rows.size).toBe(0)
})

test('turns that end while they are being renewed are not renewed again', async () => {
  const { clock, table, consume, rest } = bench()
  table.add(eventRecord())
  const gate = deferred<Verdict>()
  const answer = deferred<readonly boolean[]>()
  let renewals = 0
  table.renew = () => {
    renewals += 1
    return answer.promise
  }
  inAnotherProcess(() => consume(() => gate.promise))
  await rest()
  await clock.advance(leaseMs / 3)
  gate.resolve(done)
  await rest()
  answer.resolve([true])
  await clock.advance(2 * leaseMs)
  expect(renewals).toBe(1)
  expect(table.rows.size).toBe(0)
})

test('a verdict that the store can not take is told again until it can, and the event stays held meanwhile', async () => {
  const { clock, table, failing, consume, rest } = bench()
  table.add(eventRecord())
  let runs = 0
  const consumer = inAnotherProcess(() =>
    consume(async () => {
      runs += 1
      return done
    }),
  )
  failing.add('conclude')
  await rest()
  await clock.advance(2 * leaseMs)
  expect(table.rows.size).toBe(1)
  failing.clear()
  await clock.advance(5_000)
  await consumer.idle()
  expect(runs).toBe(1)
  expect(table.rows.size).toBe(0)
})

test('a consumer whose takings fail does not keep a suspect of its process from being run alone', async () => {
  const { clock, table, consume } = bench()
  table.add(eventRecord({ id: 'suspect' }), { interruptions: 2 })
  const take = table.take.bind(table)
  table.take = (ask) =>
    take(() => {
      const request = ask()
      if (request.source === 'other') throw new Error('no connection')
      return request
    })
  const handled: string[] = []
  const work: Work = async ({ event }) => {
    handled.push(event.id)
    return done
  }
  inAnotherProcess(() => {
    consume(work, { source: 'other' })
    consume(work)
  })
  await clock.advance(10_000)
  expect(handled).toEqual(['suspect'])
})

import type { Attempt, ConsumeOptions, EventRecord, Progress, Verdict, Work } from '@hookport/core'
import { PollingConsumer } from '@hookport/core/inbox-kit'
import { inAnotherProcess, manualClock } from '@hookport/core/testing'
import { type Deferred, deferred } from '@hookport/testkit/deferred'
import { consumingAll, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { EventTable } from '@hookport/testkit/inbox/event-table'
import { recordedLogger } from '@hookport/testkit/logs'
import { describe, expect, test } from 'vitest'

const leaseMs = 30_000
const pollMs = 1_000

/** A store on a clock that the test moves, and processes that consume from it. */
function bench() {
  const clock = manualClock(1_000_000)
  const table = new EventTable(clock)
  const log = recordedLogger()

  /** A consumer of a process of its own, unless it is made within `inAnotherProcess`. */
  function consumer(work: Work, options: Partial<ConsumeOptions> = {}) {
    const turns: Attempt[] = []
    const recording: Work = (attempt) => {
      turns.push(attempt)
      return work(attempt)
    }
    const all = { ...consumingAll, logger: log.logger, ...options }
    const polling = { clock, leaseMs, pollMs }
    const made = new PollingConsumer(recording, all, table, polling)
    return { consumer: made, turns, ids: () => turns.map(({ event }) => event.id) }
  }

  return {
    clock,
    table,
    log,
    consume: (work: Work, options?: Partial<ConsumeOptions>) =>
      inAnotherProcess(() => consumer(work, options)),
    consumeBeside: consumer,
    /** Lets what needs no time come to rest. */
    rest: () => clock.advance(0),
  }
}

/** Work that ends when the test says so, one event at a time. */
function gated() {
  const gates = new Map<string, Deferred<Verdict>>()
  const work: Work = ({ event }) => {
    const gate = deferred<Verdict>()
    gates.set(event.id, gate)
    return gate.promise
  }
  return { work, end: (id: string, verdict: Verdict = done) => gates.get(id)?.resolve(verdict), gates }
}

function add(table: EventTable, events: readonly EventRecord[]): void {
  for (const event of events) table.add(event)
}

describe('taking', () => {
  test('what is put by another process is found after pollMs', async () => {
    const { table, clock, consume, rest } = bench()
    const { turns } = consume(async () => done)
    await rest()
    table.add(eventRecord())
    await clock.advance(pollMs - 1)
    expect(turns).toHaveLength(0)
    await clock.advance(1)
    expect(turns).toHaveLength(1)
    expect(table.rows.size).toBe(0)
  })

  test("an event that has a time of its own is handled with it, and others with the taking's", async () => {
    const { table, consume, rest } = bench()
    add(table, eventRecords(2))
    const take = table.take.bind(table)
    table.take = async (ask) => {
      const taking = await take(ask)
      return {
        ...taking,
        now: 5,
        events: taking.events.map((one, at) => (at === 0 ? { ...one, now: 3 } : one)),
      }
    }
    const { turns } = consume(async () => done)
    await rest()
    expect(turns.map(({ now }) => now)).toEqual([3, 5])
  })

  test('`wake` finds it at once', async () => {
    const { table, consume, rest } = bench()
    const { turns, consumer } = consume(async () => done)
    await rest()
    table.add(eventRecord())
    consumer.wake()
    await rest()
    expect(turns).toHaveLength(1)
  })

  test('a retry comes at its time, though that is before the next poll', async () => {
    const { table, clock, consume } = bench()
    table.add(eventRecord())
    const { turns } = consume(async () => (turns.length === 1 ? retryIn(300) : done))
    await clock.advance(299)
    expect(turns).toHaveLength(1)
    await clock.advance(1)
    expect(turns).toHaveLength(2)
  })

  test('a retry without a wait comes at once, though the event was still held when the next were taken', async () => {
    const { table, consume, rest } = bench()
    table.add(eventRecord())
    const { turns } = consume(async () => (turns.length === 1 ? retryIn(0) : done))
    await rest()
    await rest()
    expect(turns).toHaveLength(2)
  })

  test.each([
    ['an event', { nextDueMs: 0, aloneIsDue: false }],
    ['a suspect', { nextDueMs: undefined, aloneIsDue: true }],
  ])('where %s is due and a taking brings nothing, there is a pause before the next', async (_, answer) => {
    const { clock, table, consume } = bench()
    let takings = 0
    table.take = async (ask) => {
      ask()
      if (++takings > 100) throw new Error('asked without a pause')
      return { events: [], now: clock.elapsed(), reports: [], ...answer }
    }
    const { consumer } = consume(async () => done)
    await clock.advance(100)
    expect(takings).toBeGreaterThanOrEqual(10)
    expect(takings).toBeLessThanOrEqual(22)
    await consumer.stop()
  })

  test('never more are under work than `concurrency`, and each that ends makes room for one', async () => {
    const { table, consume, rest } = bench()
    const { work, end, gates } = gated()
    add(table, eventRecords(4))
    consume(work, { concurrency: 2 })
    await rest()
    expect([...gates.keys()]).toEqual(['evt_0', 'evt_1'])
    end('evt_1')
    await rest()
    expect([...gates.keys()]).toEqual(['evt_0', 'evt_1', 'evt_2'])
  })
})

describe('leases', () => {
  test('are renewed three times in their length: nobody else is given the event', async () => {
    const { table, clock, consume, rest } = bench()
    const { work, end } = gated()
    table.add(eventRecord())
    consume(work, { concurrency: 1 })
    await rest()
    const other = consume(async () => done)
    await clock.advance(10 * leaseMs)
    expect(other.turns).toHaveLength(0)
    end('evt_1')
    await rest()
    expect(table.rows.size).toBe(0)
  })

  test('only one renewal is under way, whatever comes and goes meanwhile', async () => {
    const { table, clock, consume, rest } = bench()
    const { work, end } = gated()
    add(table, eventRecords(2))
    const renewals = { underWay: 0, most: 0, count: 0 }
    const renew = table.renew.bind(table)
    table.renew = async (...args) => {
      renewals.count += 1
      renewals.most = Math.max(renewals.most, ++renewals.underWay)
      await new Promise<void>((resolve) => clock.after(100, resolve))
      renewals.underWay -= 1
      return renew(...args)
    }
    const { consumer } = consume(work, { concurrency: 1 })
    await clock.advance(leaseMs / 3 + 50)
    end('evt_0')
    await rest()
    consumer.wake()
    await clock.advance(3 * leaseMs)
    expect(renewals.most).toBe(1)
    expect(renewals.count).toBeLessThanOrEqual(11)
  })

  test('after a blocked loop, what is held is renewed before anything is taken', async () => {
    const { table, clock, rest } = bench()
    const { work, end } = gated()
    add(table, eventRecords(3))
    const calls: string[] = []
    const [take, renew] = [table.take.bind(table), table.renew.bind(table)]
    table.take = (ask) => {
      calls.push('take')
      return take(ask)
    }
    table.renew = (events, ms) => {
      calls.push(`renew ${events.length}`)
      return renew(events, ms)
    }
    let blockedMs = 0
    const blocked = { ...clock, now: () => clock.now() + blockedMs, elapsed: () => clock.now() + blockedMs }
    const { turns, consumer } = inAnotherProcess(() => {
      const turns: Attempt[] = []
      const recording: Work = (attempt) => {
        turns.push(attempt)
        return work(attempt)
      }
      const options = { ...consumingAll, concurrency: 4 }
      return {
        turns,
        consumer: new PollingConsumer(recording, options, table, { clock: blocked, leaseMs, pollMs }),
      }
    })
    await rest()
    expect(turns).toHaveLength(3)
    blockedMs = 2 * leaseMs
    table.expireLeases()
    table.add(eventRecord({ id: 'next' }))
    calls.length = 0
    consumer.wake()
    await rest()
    expect(calls.slice(0, 2)).toEqual(['renew 3', 'take'])
    expect(turns.map(({ event }) => event.id)).toEqual(['evt_0', 'evt_1', 'evt_2', 'next'])
    expect(turns.every(({ signal }) => !signal?.aborted)).toBe(true)
    for (const id of ['evt_0', 'evt_1', 'evt_2', 'next']) end(id)
    await rest()
    expect(table.rows.size).toBe(0)
  })

  test('an event that this process is running is not taken, though its lease has run out and can not be renewed', async () => {
    const { table, clock, consume, rest } = bench()
    const { work, end } = gated()
    add(table, eventRecords(2))
    table.renew = () => Promise.reject(new Error('no connection'))
    const { turns } = consume(work)
    await rest()
    await clock.advance(5 * leaseMs)
    expect(turns).toHaveLength(2)
    end('evt_0')
    end('evt_1')
    await rest()
    expect(turns).toHaveLength(2)
    expect(table.rows.size).toBe(0)
  })

  test('that have run out in the store alone give the process nothing that it is running', async () => {
    const { table, consume, rest } = bench()
    const { work, end } = gated()
    add(table, eventRecords(2))
    const { turns, consumer } = consume(work)
    await rest()
    table.expireLeases()
    consumer.wake()
    await rest()
    expect(turns).toHaveLength(2)
    end('evt_0')
    end('evt_1')
    await rest()
    expect(table.rows.size).toBe(0)
  })

  test('that another process took are lost: the signal is aborted, and the verdict is void', async () => {
    const { table, clock, consume, rest, log } = bench()
    const [one, other] = [gated(), gated()]
    table.add(eventRecord())
    const first = consume(one.work)
    await rest()
    table.loseLeases()
    const second = consume(other.work)
    await rest()
    expect(second.turns).toMatchObject([{ interruptions: 1, wasInterrupted: true }])
    await clock.advance(leaseMs / 3)
    expect(first.turns[0]?.signal?.aborted).toBe(true)
    expect(second.turns[0]?.signal?.aborted).toBe(false)
    one.end('evt_1')
    await rest()
    expect(table.describe('acme:evt_1')).toMatchObject({ state: 'active' })
    other.end('evt_1', retryIn(60_000))
    await rest()
    expect(table.describe('acme:evt_1')).toMatchObject({ state: 'scheduled' })
    expect(log.at('error')).toEqual([])
  })

  test('a verdict is accepted however late it is told, as long as nobody else has the event', async () => {
    const { table, clock, consume, rest } = bench()
    const { work, end } = gated()
    table.add(eventRecord())
    const { consumer } = consume(work)
    await rest()
    const stopping = consumer.stop()
    table.renew = () => Promise.reject(new Error('frozen'))
    await clock.advance(100 * leaseMs)
    end('evt_1')
    await rest()
    await stopping
    expect(table.rows.size).toBe(0)
  })
})

describe('a suspect', () => {
  const suspicious = { interruptions: 2 }

  test('runs alone, and its neighbours go on in between', async () => {
    const { table, consume, rest } = bench()
    const { work, end, gates } = gated()
    table.add(eventRecord({ id: 'suspect_1' }), suspicious)
    table.add(eventRecord({ id: 'suspect_2' }), suspicious)
    add(table, eventRecords(4))
    consume(work, { concurrency: 2 })
    await rest()
    const underWork = () =>
      [...table.rows.values()].filter(({ state }) => state === 'active').map(({ event }) => event.id)
    const seen: string[][] = []
    for (let step = 0; table.rows.size > 0 && step < 20; step++) {
      seen.push(underWork())
      for (const id of underWork()) end(id)
      await rest()
    }
    expect(seen).toContainEqual(['suspect_1'])
    expect(seen).toContainEqual(['suspect_2'])
    const [first, second] = ['suspect_1', 'suspect_2'].map((id) => seen.findIndex((ids) => ids.includes(id)))
    expect(seen.slice((first ?? 0) + 1, second).flat(), 'in between').not.toEqual([])
    expect(gates.size).toBe(6)
  })

  test('waits until what is under work has ended, and nothing is begun meanwhile', async () => {
    const { table, consume, rest } = bench()
    const { work, end, gates } = gated()
    table.add(eventRecord({ id: 'before' }))
    const { consumer } = consume(work)
    await rest()
    table.add(eventRecord({ id: 'suspect' }), suspicious)
    consumer.wake()
    await rest()
    table.add(eventRecord({ id: 'after' }))
    consumer.wake()
    await rest()
    expect([...gates.keys()]).toEqual(['before'])
    end('before')
    await rest()
    expect([...gates.keys()]).toEqual(['before', 'suspect'])
    end('suspect')
    await rest()
    expect([...gates.keys()]).toEqual(['before', 'suspect', 'after'])
  })

  test('waits for events of another receiver in the process, and holds them up while it runs', async () => {
    const { table, consumeBeside, rest, clock } = bench()
    const { work, end, gates } = gated()
    table.add(eventRecord({ id: 'other_1', source: 'other' }))
    const [, beside] = inAnotherProcess(() => [consumeBeside(work), consumeBeside(work, { source: 'other' })])
    await rest()
    table.add(eventRecord({ id: 'suspect' }), suspicious)
    await clock.advance(5 * pollMs)
    table.add(eventRecord({ id: 'other_2', source: 'other' }))
    beside?.consumer.wake()
    await rest()
    expect([...gates.keys()]).toEqual(['other_1'])
    end('other_1')
    await rest()
    expect([...gates.keys()]).toEqual(['other_1', 'suspect'])
    await clock.advance(5 * pollMs)
    expect([...gates.keys()]).toEqual(['other_1', 'suspect'])
    end('suspect')
    await rest()
    expect([...gates.keys()]).toEqual(['other_1', 'suspect', 'other_2'])
  })

  test('waits for a handler that was aborted and runs on', async () => {
    const { table, consume, rest, clock } = bench()
    const running = new Set(['acme:elsewhere'])
    table.add(eventRecord({ id: 'suspect' }), suspicious)
    const { turns } = consume(async () => done, { running: () => running })
    await clock.advance(10 * pollMs)
    expect(turns).toHaveLength(0)
    running.clear()
    await clock.advance(pollMs)
    await rest()
    expect(turns).toHaveLength(1)
  })

  /** Has the store refuse the verdict on one event, until it is told otherwise. */
  function refuseVerdictOn(table: EventTable, id: string): () => void {
    const conclude = table.conclude.bind(table)
    table.conclude = (taken, verdict) =>
      taken.event.id === id ? Promise.reject(new Error('the store is away')) : conclude(taken, verdict)
    return () => {
      table.conclude = conclude
    }
  }

  test.each(['acme', 'other'])(
    'does not wait for a verdict of %s that its store does not take, nor do those behind it',
    async (source) => {
      const { table, consumeBeside, rest, clock } = bench()
      const hear = refuseVerdictOn(table, 'untold')
      const work: Work = async () => done
      table.add(eventRecord({ id: 'untold', source }))
      const [one, other] = inAnotherProcess(() => [
        consumeBeside(work),
        consumeBeside(work, { source: 'other' }),
      ])
      await rest()
      table.add(eventRecord({ id: 'suspect' }), suspicious)
      table.add(eventRecord({ id: 'next' }))
      await clock.advance(5 * pollMs)
      expect(one?.ids()).toEqual(expect.arrayContaining(['suspect', 'next']))
      hear()
      await clock.advance(leaseMs)
      expect(table.rows.size).toBe(0)
      expect([one, other].flatMap((consumer) => consumer?.ids())).toHaveLength(3)
    },
  )

  test('whose verdict its store does not take holds up nobody any more, and the next one is alone again', async () => {
    const { table, consumeBeside, rest, clock } = bench()
    const hear = refuseVerdictOn(table, 'suspect_1')
    const { work, end, gates } = gated()
    table.add(eventRecord({ id: 'suspect_1' }), suspicious)
    inAnotherProcess(() => [consumeBeside(work), consumeBeside(work, { source: 'other' })])
    await rest()
    end('suspect_1')
    await rest()
    table.add(eventRecord({ id: 'own' }))
    table.add(eventRecord({ id: 'beside', source: 'other' }))
    await clock.advance(2 * pollMs)
    expect([...gates.keys()].toSorted()).toEqual(['beside', 'own', 'suspect_1'])
    end('own')
    end('beside')
    table.add(eventRecord({ id: 'suspect_2' }), suspicious)
    await clock.advance(2 * pollMs)
    hear()
    await clock.advance(leaseMs)
    table.add(eventRecord({ id: 'later', source: 'other' }))
    await clock.advance(2 * pollMs)
    expect([...gates.keys()].slice(3)).toEqual(['suspect_2'])
    end('suspect_2')
    await clock.advance(2 * pollMs)
    expect([...gates.keys()].slice(3)).toEqual(['suspect_2', 'later'])
  })

  test('of a consumer that was stopped holds up nobody', async () => {
    const { table, consumeBeside, rest, clock } = bench()
    const { work, gates } = gated()
    table.add(eventRecord({ id: 'own' }))
    table.add(eventRecord({ id: 'held', source: 'other' }))
    const [one] = inAnotherProcess(() => [consumeBeside(work), consumeBeside(work, { source: 'other' })])
    await rest()
    table.add(eventRecord({ id: 'suspect' }), suspicious)
    await clock.advance(2 * pollMs)
    void one?.consumer.stop()
    table.add(eventRecord({ id: 'next', source: 'other' }))
    await clock.advance(2 * pollMs)
    expect([...gates.keys()]).toEqual(['own', 'held', 'next'])
  })
})

describe('a store that fails', () => {
  test('is asked again after 100 ms, then twice as long each time, up to 5 s, and told of once', async () => {
    const { table, clock, consume, log, rest } = bench()
    const take = table.take.bind(table)
    const askedAt: number[] = []
    table.take = () => {
      askedAt.push(clock.now())
      return Promise.reject(new Error('no connection'))
    }
    const { turns, consumer } = consume(async () => done)
    for (let second = 0; second < 20; second++) {
      consumer.wake() // whatever is put meanwhile
      await clock.advance(1_000)
    }
    const pauses = askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0))
    expect(pauses.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(log.lines).toMatchObject([{ level: 'error', message: 'the inbox can not be asked for work' }])
    table.take = take
    table.add(eventRecord())
    await clock.advance(5_000)
    await rest()
    expect(turns).toHaveLength(1)
    expect(log.lines).toMatchObject([{}, { level: 'warn', message: expect.stringContaining('this is over') }])
  })

  test('to hear a verdict is told again until it hears, and no more than fit are taken meanwhile', async () => {
    const { table, clock, consume, log } = bench()
    const conclude = table.conclude.bind(table)
    let isGone = true
    table.conclude = (taken, verdict) =>
      isGone ? Promise.reject(new Error('the disk is full')) : conclude(taken, verdict)
    add(table, eventRecords(10))
    const { turns, consumer } = consume(async () => done, { concurrency: 2 })
    await clock.advance(leaseMs)
    const taken = turns.length
    expect(taken).toBeLessThanOrEqual(4)
    await clock.advance(10 * leaseMs)
    expect(turns).toHaveLength(taken)
    isGone = false
    await clock.advance(5_000)
    await consumer.idle()
    expect(turns).toHaveLength(10)
    expect(new Set(turns.map(({ event }) => event.id)).size).toBe(10)
    expect(table.rows.size).toBe(0)
    expect(log.at('error'), 'once for each').toHaveLength(taken)
  })

  test('to hear verdicts for longer than it fails to be asked: the rest is taken as soon as it hears', async () => {
    const { table, clock, consume, rest } = bench()
    add(table, eventRecords(3))
    const take = table.take.bind(table)
    const conclude = table.conclude.bind(table)
    const away = () => Promise.reject(new Error('the store is away'))
    const { work, end } = gated()
    const { ids } = consume(work, { concurrency: 1 })
    await rest()
    table.take = away
    table.conclude = away
    end('evt_0')
    await rest()
    table.take = take
    await clock.advance(200) // a taking would be made, but for the verdict
    table.conclude = conclude
    await clock.advance(200)
    expect(ids()).toEqual(['evt_0', 'evt_1'])
  })

  test('with one verdict goes on with the others', async () => {
    const { table, clock, consume } = bench()
    const conclude = table.conclude.bind(table)
    table.conclude = (taken, verdict) =>
      taken.event.id === 'evt_0' ? Promise.reject(new Error('too large')) : conclude(taken, verdict)
    add(table, eventRecords(10))
    const { turns } = consume(async () => done, { concurrency: 2 })
    await clock.advance(leaseMs)
    expect(turns).toHaveLength(10)
    expect([...table.rows.keys()]).toEqual(['acme:evt_0'])
  })

  test('to keep a checkpoint rejects, and the event is held on', async () => {
    const { table, consume, rest } = bench()
    table.checkpoint = () => Promise.reject(new Error('no connection'))
    const progress: Progress = { completed: ['first'], abandoned: [] }
    table.add(eventRecord())
    const seen: unknown[] = []
    consume(async ({ checkpoint, signal }) => {
      await Promise.resolve(checkpoint(progress)).catch((error) => seen.push(error.message))
      seen.push(signal?.aborted)
      return done
    })
    await rest()
    expect(seen).toEqual(['no connection', false])
    expect(table.rows.size).toBe(0)
  })
})

describe('stop', () => {
  test('takes no more, waits for what is under work, and leaves the rest', async () => {
    const { table, consume, rest } = bench()
    const { work, end } = gated()
    add(table, eventRecords(4))
    const { consumer, turns } = consume(work, { concurrency: 2 })
    await rest()
    let isStopped = false
    const stopping = consumer.stop().then(() => {
      isStopped = true
    })
    expect(consumer.stop()).toBe(consumer.stop())
    await rest()
    expect(isStopped).toBe(false)
    end('evt_0')
    end('evt_1')
    await stopping
    expect(turns).toHaveLength(2)
    expect([...table.rows.keys()]).toEqual(['acme:evt_2', 'acme:evt_3'])
  })

  test('gives back untouched what is taken at that moment', async () => {
    const { table, consume, rest, clock } = bench()
    const take = table.take.bind(table)
    const taking = deferred()
    table.take = async (ask) => {
      const taken = await take(ask)
      await taking.promise
      return taken
    }
    table.add(eventRecord(), { interruptions: 1 })
    const { consumer, turns } = consume(async () => done)
    await rest()
    const stopping = consumer.stop()
    taking.resolve()
    await stopping
    expect(turns).toHaveLength(0)
    expect(table.rows.get('acme:evt_1')).toMatchObject({
      state: 'scheduled',
      attempt: 1,
      interruptions: 1,
      dueAt: clock.elapsed(),
    })
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('no connection'))],
    ['does not answer', () => new Promise<never>(() => {})],
  ])('leaves after 5 s where the store %s, and says what was not told', async (_, gone) => {
    const { table, clock, consume, rest, log } = bench()
    const { work, end } = gated()
    table.add(eventRecord())
    const { consumer } = consume(work)
    await rest()
    Object.assign(table, { take: gone, renew: gone, conclude: gone })
    let isStopped = false
    const stopping = consumer.stop().then(() => {
      isStopped = true
    })
    await clock.advance(60_000)
    expect(isStopped, 'while a handler runs').toBe(false)
    end('evt_1')
    await clock.advance(4_999)
    expect(isStopped).toBe(false)
    await clock.advance(1)
    await stopping
    expect(log.at('error').at(-1)).toMatchObject({
      details: { events: 1 },
      message: expect.stringContaining('handled again'),
    })
  })

  test('leaves no timer', async () => {
    const { table, clock, consume, rest } = bench()
    table.add(eventRecord())
    const { consumer } = consume(async () => done)
    await rest()
    await consumer.stop()
    await rest()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('idle', () => {
  test('waits for what is due, suspects included, and not for retries that lie in the future', async () => {
    const { table, consume, rest } = bench()
    const { work, end } = gated()
    table.add(eventRecord({ id: 'suspect' }), { interruptions: 2 })
    add(table, eventRecords(2))
    const { consumer } = consume(work, { concurrency: 1 })
    let isIdle = false
    const idle = consumer.idle().then(() => {
      isIdle = true
    })
    for (const id of ['evt_0', 'suspect', 'evt_1', 'suspect', 'evt_0']) {
      await rest()
      if (table.rows.size > 1) expect(isIdle).toBe(false)
      end(id, id === 'evt_1' ? retryIn(60_000) : done)
    }
    await rest()
    await idle
    expect([...table.rows.keys()]).toEqual(['acme:evt_1'])
  })

  test('resolves at once where nothing is due', async () => {
    const { consume } = bench()
    await consume(async () => done).consumer.idle()
  })
})

test('events of types that are not wanted are parked in passing, and told of', async () => {
  const { table, consume, rest } = bench()
  const types: string[] = []
  const reports: string[] = []
  add(table, eventRecords(2))
  const { consumer, turns } = consume(async () => done, {
    wanted: () => ({ types, others: 'park' }),
    report: ({ event, outcome }) => reports.push(`${event.id} ${outcome}`),
  })
  await rest()
  expect(reports).toEqual(['evt_0 parked', 'evt_1 parked'])
  types.push('order.paid')
  consumer.wake()
  await rest()
  expect(turns).toHaveLength(2)
})

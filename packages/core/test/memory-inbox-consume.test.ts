import { type EventPage, InboxClosedError, type ListFilter, memoryInbox, type Verdict } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { consumeRecorded, dead, done, retryIn } from './support/attempts.ts'
import { deferred } from './support/deferred.ts'
import { eventRecord } from './support/event-record.ts'

const rememberMs = 60_000
const failure = { handler: 'first', code: 'error', message: 'broken', at: 5 }

function inboxOnManualClock() {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock }) }
}

describe('consume', () => {
  test('what was put before and after is handed out once each, as attempt 1 without progress', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.put(eventRecord({ id: 'before' }), { rememberMs })
    const { attempts, consumer } = consumeRecorded(inbox, async () => done)
    await consumer.idle()
    await inbox.put(eventRecord({ id: 'after' }), { rememberMs })
    await consumer.idle()
    expect(attempts).toMatchObject([
      { event: { id: 'before' }, attempt: 1, interruptions: 0, progress: { completed: [], abandoned: [] } },
      { event: { id: 'after' }, attempt: 1, interruptions: 0, progress: { completed: [], abandoned: [] } },
    ])
  })

  test('an event is not handed out before the call that put it has returned', async () => {
    const { inbox } = inboxOnManualClock()
    const { attempts, consumer } = consumeRecorded(inbox, async () => done)
    const put = inbox.put(eventRecord(), { rememberMs })
    expect(attempts).toEqual([])
    await put
    await consumer.idle()
    expect(attempts).toHaveLength(1)
  })

  test('never more than `concurrency` events are under work, and never fewer while there are some', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const gates = Array.from({ length: 10 }, () => deferred())
    const { attempts, consumer } = consumeRecorded(
      inbox,
      async ({ event }) => {
        await gates[Number(event.id)]?.promise
        return done
      },
      { concurrency: 3 },
    )
    for (let id = 0; id < 10; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    for (let finished = 0; finished < 10; finished++) {
      await clock.advance(0)
      expect(attempts).toHaveLength(Math.min(10, finished + 3))
      expect(await inbox.counts()).toMatchObject({ active: Math.min(3, 10 - finished) })
      gates[finished]?.resolve()
    }
    await consumer.idle()
    expect(await inbox.counts()).toEqual({ pending: 0, scheduled: 0, active: 0, dead: 0 })
  })

  test('a consumer gets the events of its provider only', async () => {
    const { inbox } = inboxOnManualClock()
    const acme = consumeRecorded(inbox, async () => done)
    await inbox.put(eventRecord({ provider: 'other' }), { rememberMs })
    await inbox.put(eventRecord({ provider: 'acme' }), { rememberMs })
    await acme.consumer.idle()
    expect(acme.keys()).toEqual(['acme:evt_1'])
    const other = consumeRecorded(inbox, async () => done, { provider: 'other' })
    await other.consumer.idle()
    expect(other.keys()).toEqual(['other:evt_1'])
  })

  test('two consumers of one provider never get the same event', async () => {
    const { inbox } = inboxOnManualClock()
    const one = consumeRecorded(inbox, async () => done, { concurrency: 2 })
    const other = consumeRecorded(inbox, async () => done, { concurrency: 2 })
    for (let id = 0; id < 100; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    await Promise.all([one.consumer.idle(), other.consumer.idle()])
    expect([...one.keys(), ...other.keys()].length).toBe(100)
    expect(new Set([...one.keys(), ...other.keys()]).size).toBe(100)
  })

  test('a retry comes at its time, not before, as the next attempt, with the progress so far', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const verdicts: Verdict[] = [
      retryIn(5_000, { progress: { completed: ['first'], abandoned: [failure] }, failures: [failure] }),
      done,
    ]
    const { attempts, consumer } = consumeRecorded(inbox, async () => verdicts.shift() ?? done)
    await inbox.put(eventRecord(), { rememberMs })
    await consumer.idle()
    expect(await inbox.get(eventRecord().key)).toMatchObject({
      state: 'scheduled',
      attempt: 2,
      dueAt: 5_000,
      failures: [failure],
    })
    await clock.advance(4_999)
    expect(attempts).toHaveLength(1)
    await clock.advance(1)
    await consumer.idle()
    expect(attempts).toHaveLength(2)
    expect(attempts[1]).toMatchObject({
      attempt: 2,
      progress: { completed: ['first'], abandoned: [failure] },
    })
    expect(await inbox.get(eventRecord().key)).toBeUndefined()
  })

  test('a retry that does not count as an attempt keeps the number', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const verdicts = [retryIn(1, { countsAsAttempt: false }), retryIn(1), retryIn(1), done]
    const { attempts } = consumeRecorded(inbox, async () => verdicts.shift() ?? done)
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(10)
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 3])
  })

  test('progress is kept at a checkpoint, before the attempt has ended', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const gate = deferred()
    consumeRecorded(inbox, async ({ checkpoint }) => {
      await checkpoint({ completed: ['first'], abandoned: [] })
      await gate.promise
      return done
    })
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(0)
    expect(await inbox.get(eventRecord().key)).toMatchObject({
      state: 'active',
      progress: { completed: ['first'], abandoned: [] },
    })
    gate.resolve()
  })

  test('an event that is dead is handed out no more, and keeps what is known of its failures', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const verdict = dead({ progress: { completed: ['second'], abandoned: [failure] }, failures: [failure] })
    const { attempts } = consumeRecorded(inbox, async () => verdict)
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(10 * rememberMs)
    expect(attempts).toHaveLength(1)
    expect(await inbox.get(eventRecord().key)).toEqual({
      ...eventRecord(),
      state: 'dead',
      attempt: 1,
      progress: { completed: ['second'], abandoned: [failure] },
      failures: [failure],
      dueAt: null,
    })
  })
})

describe('redrive', () => {
  test('a dead letter is handed out again as attempt 1, its completed handlers kept, its abandoned ones cleared', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const verdicts = [
      retryIn(1),
      dead({ progress: { completed: ['second'], abandoned: [failure] }, failures: [failure] }),
      done,
    ]
    const { attempts, consumer } = consumeRecorded(inbox, async () => verdicts.shift() ?? done)
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(1)
    expect(await inbox.redrive(eventRecord().key)).toBe(true)
    expect(await inbox.get(eventRecord().key)).toMatchObject({ state: 'pending', attempt: 1, failures: [] })
    await consumer.idle()
    expect(attempts[2]).toMatchObject({ attempt: 1, progress: { completed: ['second'], abandoned: [] } })
    expect(attempts).toHaveLength(3)
  })

  test('it goes around dedup: the id is still a duplicate to senders', async () => {
    const { inbox } = inboxOnManualClock()
    const verdicts = [dead(), done]
    const { consumer } = consumeRecorded(inbox, async () => verdicts.shift() ?? done)
    await inbox.put(eventRecord(), { rememberMs })
    await consumer.idle()
    await inbox.redrive(eventRecord().key)
    await consumer.idle()
    expect(await inbox.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  })

  test('only a dead letter can be redriven', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const gate = deferred()
    expect(await inbox.redrive('acme:unknown')).toBe(false)
    await inbox.put(eventRecord({ id: 'retried' }), { rememberMs })
    expect(await inbox.redrive('acme:retried')).toBe(false)
    const { attempts } = consumeRecorded(inbox, async ({ event }) => {
      if (event.id === 'retried') return retryIn(1_000)
      await gate.promise
      return done
    })
    await inbox.put(eventRecord({ id: 'active' }), { rememberMs })
    await clock.advance(0)
    expect(await inbox.redrive('acme:retried')).toBe(false)
    expect(await inbox.redrive('acme:active')).toBe(false)
    expect(attempts).toHaveLength(2)
    gate.resolve()
  })
})

describe('discard', () => {
  test.each(['pending', 'scheduled', 'dead'] as const)(
    'an event that is %s is deleted, handed out no more, and its id stays remembered',
    async (state) => {
      const { inbox, clock } = inboxOnManualClock()
      let turns = 0
      const work = async () => {
        turns += 1
        return state === 'dead' ? dead() : retryIn(1_000)
      }
      if (state !== 'pending') consumeRecorded(inbox, work)
      await inbox.put(eventRecord(), { rememberMs })
      await clock.advance(0)
      expect(await inbox.get(eventRecord().key)).toMatchObject({ state })
      expect(await inbox.discard(eventRecord().key)).toBe(true)
      expect(await inbox.get(eventRecord().key)).toBeUndefined()
      consumeRecorded(inbox, work)
      await clock.advance(2_000)
      expect(turns).toBe(state === 'pending' ? 0 : 1)
      expect(clock.pendingTimers).toBe(0)
      expect(await inbox.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
    },
  )

  test('an active event is not discarded, nor one that is not there', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const gate = deferred()
    consumeRecorded(inbox, async () => {
      await gate.promise
      return done
    })
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(0)
    expect(await inbox.discard(eventRecord().key)).toBe(false)
    expect(await inbox.discard('acme:unknown')).toBe(false)
    expect(await inbox.counts()).toMatchObject({ active: 1 })
    gate.resolve()
  })
})

describe('list, get and counts', () => {
  async function filledInbox() {
    const { inbox, clock } = inboxOnManualClock()
    const fill = [
      eventRecord({ id: '1', receivedAt: 100, type: 'order.paid' }),
      eventRecord({ id: '2', receivedAt: 200, type: 'order.cancelled' }),
      eventRecord({ id: '3', receivedAt: 300, type: 'order.paid', provider: 'other' }),
      eventRecord({ id: '4', receivedAt: 400, type: 'order.paid' }),
    ]
    for (const event of fill) await inbox.put(event, { rememberMs })
    consumeRecorded(inbox, async ({ event }) => (event.id === '4' ? dead() : retryIn(1_000)))
    await clock.advance(0)
    return inbox
  }

  test.each<[string, ListFilter, string[]]>([
    ['everything', {}, ['1', '2', '3', '4']],
    ['one provider', { provider: 'other' }, ['3']],
    ['one state', { state: 'scheduled' }, ['1', '2']],
    ['one type', { type: 'order.paid' }, ['1', '3', '4']],
    ['received from a time on, inclusively', { receivedFrom: 200 }, ['2', '3', '4']],
    ['received before a time, exclusively', { receivedBefore: 200 }, ['1']],
    ['all of these together', { provider: 'acme', type: 'order.paid', receivedFrom: 101 }, ['4']],
    ['the first few', { limit: 2 }, ['1', '2']],
  ])('a list is of %s, in the order of taking on', async (_, filter, ids) => {
    const inbox = await filledInbox()
    const { items } = await inbox.list(filter)
    expect(items.map(({ id }) => id)).toEqual(ids)
  })

  test('a listed event has its whole standing but not its body', async () => {
    const inbox = await filledInbox()
    const { items } = await inbox.list({ limit: 1 })
    const { rawBody: _, ...described } = eventRecord({ id: '1', receivedAt: 100 })
    expect(items).toEqual([
      {
        ...described,
        state: 'scheduled',
        attempt: 2,
        progress: { completed: [], abandoned: [] },
        failures: [],
        dueAt: 1_000,
      },
    ])
  })

  test('pages follow one another without a gap or a repetition, and the last has no cursor', async () => {
    const { inbox } = inboxOnManualClock()
    for (let id = 0; id < 7; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    const pages: EventPage[] = [await inbox.list({ limit: 3 })]
    for (let cursor = pages[0]?.cursor; cursor !== undefined; cursor = pages.at(-1)?.cursor) {
      pages.push(await inbox.list({ limit: 3, cursor }))
    }
    expect(pages.map(({ items }) => items.map(({ id }) => id))).toEqual([
      ['0', '1', '2'],
      ['3', '4', '5'],
      ['6'],
    ])
  })

  test('a full page that is the last has no cursor', async () => {
    const { inbox } = inboxOnManualClock()
    for (let id = 0; id < 3; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    expect(await inbox.list({ limit: 3 })).not.toHaveProperty('cursor')
  })

  test('a page has 50 events unless told', async () => {
    const { inbox } = inboxOnManualClock()
    for (let id = 0; id < 51; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    const page = await inbox.list()
    expect(page.items).toHaveLength(50)
    expect(page.cursor).toBeTypeOf('string')
  })

  test('events that vanish between two pages do not upset the listing', async () => {
    const { inbox } = inboxOnManualClock()
    for (let id = 0; id < 4; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    const { cursor = '' } = await inbox.list({ limit: 2 })
    await inbox.discard('acme:0')
    await inbox.discard('acme:1')
    const { items } = await inbox.list({ limit: 2, cursor })
    expect(items.map(({ id }) => id)).toEqual(['2', '3'])
  })

  test('counts are of all events, or of one provider', async () => {
    const inbox = await filledInbox()
    expect(await inbox.counts()).toEqual({ pending: 1, scheduled: 2, active: 0, dead: 1 })
    expect(await inbox.counts({ provider: 'acme' })).toEqual({ pending: 0, scheduled: 2, active: 0, dead: 1 })
    expect(await inbox.counts({ provider: 'other' })).toEqual({
      pending: 1,
      scheduled: 0,
      active: 0,
      dead: 0,
    })
    expect(await inbox.counts({ provider: 'unknown' })).toEqual({
      pending: 0,
      scheduled: 0,
      active: 0,
      dead: 0,
    })
  })

  test('get finds a kept event, and nothing once it is handled', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.put(eventRecord(), { rememberMs })
    expect(await inbox.get(eventRecord().key)).toMatchObject({ id: 'evt_1', state: 'pending' })
    await consumeRecorded(inbox, async () => done).consumer.idle()
    expect(await inbox.get(eventRecord().key)).toBeUndefined()
  })
})

describe('idle', () => {
  test('it resolves at once where nothing is due', async () => {
    const { inbox } = inboxOnManualClock()
    await expect(consumeRecorded(inbox, async () => done).consumer.idle()).resolves.toBeUndefined()
  })

  test('it waits for what is due and under work, not for a retry that lies ahead', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const gate = deferred()
    const { consumer } = consumeRecorded(inbox, async ({ event }) => {
      if (event.id === 'retried') return retryIn(1_000)
      await gate.promise
      return done
    })
    await inbox.put(eventRecord({ id: 'retried' }), { rememberMs })
    await inbox.put(eventRecord({ id: 'slow' }), { rememberMs })
    let idle = false
    const whenIdle = consumer.idle().then(() => {
      idle = true
    })
    await clock.advance(0)
    expect(idle).toBe(false)
    gate.resolve()
    await whenIdle
    expect(await inbox.counts()).toEqual({ pending: 0, scheduled: 1, active: 0, dead: 0 })
  })

  test('it does not wait for what other consumers are left to do after a stop', async () => {
    const { inbox } = inboxOnManualClock()
    const { consumer } = consumeRecorded(inbox, async () => done)
    await consumer.stop()
    await inbox.put(eventRecord(), { rememberMs })
    await expect(consumer.idle()).resolves.toBeUndefined()
  })
})

describe('stop', () => {
  test('what is due is finished first, as memory would lose it', async () => {
    const { inbox } = inboxOnManualClock()
    const { attempts, consumer } = consumeRecorded(inbox, async () => done, { concurrency: 1 })
    for (let id = 0; id < 5; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    await consumer.stop()
    expect(attempts).toHaveLength(5)
  })

  test('a stopped consumer takes no more, and another one can', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const stopped = consumeRecorded(inbox, async () => done)
    await stopped.consumer.stop()
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(0)
    expect(stopped.attempts).toEqual([])
    const next = consumeRecorded(inbox, async () => done)
    await next.consumer.idle()
    expect(next.attempts).toHaveLength(1)
  })

  test('a second call returns the same promise', () => {
    const { inbox } = inboxOnManualClock()
    const { consumer } = consumeRecorded(inbox, async () => done)
    expect(consumer.stop()).toBe(consumer.stop())
  })
})

describe('close', () => {
  test('it resolves once nothing is under work', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const gate = deferred()
    const order: string[] = []
    consumeRecorded(inbox, async () => {
      await gate.promise
      order.push('handled')
      return done
    })
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(0)
    const closed = inbox.close().then(() => order.push('closed'))
    await clock.advance(0)
    expect(order).toEqual([])
    gate.resolve()
    await closed
    expect(order).toEqual(['handled', 'closed'])
  })

  test('no timer is left behind for a retry', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const { consumer } = consumeRecorded(inbox, async () => retryIn(1_000))
    await inbox.put(eventRecord(), { rememberMs })
    await consumer.idle()
    expect(clock.pendingTimers).toBe(1)
    await inbox.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('from then on every method but close rejects or throws InboxClosedError', async () => {
    const { inbox } = inboxOnManualClock()
    const event = eventRecord()
    const claim = await inbox.claim(event, { rememberMs, leaseMs: 1_000 })
    if (claim.outcome !== 'claimed') throw new Error('the first claim is granted')
    const { lease } = claim
    const burial = { progress: { completed: [], abandoned: [] }, failures: [], rememberMs }
    await inbox.close()
    const calls: (() => unknown)[] = [
      () => inbox.put(event, { rememberMs }),
      () => inbox.claim(event, { rememberMs, leaseMs: 1_000 }),
      () => inbox.renew(lease, 1_000),
      () => inbox.confirm(lease, event, { rememberMs }),
      () => inbox.release(lease, lease.progress, true),
      () => inbox.bury(lease, event, burial),
      () => consumeRecorded(inbox, async () => done),
      () => inbox.counts(),
      () => inbox.list(),
      () => inbox.get(event.key),
      () => inbox.redrive(event.key),
      () => inbox.discard(event.key),
    ]
    for (const call of calls) await expect(async () => call()).rejects.toThrow(InboxClosedError)
  })

  test('a second call returns the same promise', () => {
    const { inbox } = inboxOnManualClock()
    expect(inbox.close()).toBe(inbox.close())
  })
})

test('the body of a handled event is freed', async () => {
  const inbox = memoryInbox({ maxBytes: 1_000_000, clock: manualClock() })
  const { attempts, consumer } = consumeRecorded(inbox, async () => done)
  for (let id = 0; id < 20; id++) {
    const event = eventRecord({ id: String(id), rawBody: Buffer.alloc(1_000_000) })
    expect(await inbox.put(event, { rememberMs })).toEqual({ outcome: 'accepted' })
    await consumer.idle()
  }
  expect(attempts).toHaveLength(20)
})

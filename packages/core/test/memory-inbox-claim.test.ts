import { type Inbox, type Lease, memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { consumeRecorded, done } from './support/attempts.ts'
import { eventRecord } from './support/event-record.ts'

const rememberMs = 60_000
const leaseMs = 30_000
const event = eventRecord()
const noProgress = { completed: [], abandoned: [] }
const failure = { handler: 'first', code: 'error', message: 'broken', at: 5 }

function inboxOnManualClock() {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock }) }
}

async function claimed(inbox: Inbox): Promise<Lease> {
  const result = await inbox.claim(event, { rememberMs, leaseMs })
  if (result.outcome !== 'claimed') throw new Error(`the claim was answered ${result.outcome}`)
  return result.lease
}

describe('claim', () => {
  test('the first claim is granted: attempt 1, no progress', async () => {
    const { inbox } = inboxOnManualClock()
    expect(await claimed(inbox)).toMatchObject({ key: event.key, attempt: 1, progress: noProgress })
  })

  test('of 100 concurrent claims one is granted, the others are told how long its lease runs', async () => {
    const { inbox, clock } = inboxOnManualClock()
    await claimed(inbox)
    await clock.advance(10_000)
    const results = await Promise.all(
      Array.from({ length: 99 }, async () => inbox.claim(event, { rememberMs, leaseMs })),
    )
    expect(results).toEqual(Array(99).fill({ outcome: 'in_progress', retryAfterMs: 20_000 }))
  })

  test('a lease runs until leaseMs, and at leaseMs exactly the next claim is granted', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const first = await claimed(inbox)
    await clock.advance(leaseMs - 1)
    const early = await inbox.claim(event, { rememberMs, leaseMs })
    expect(early).toEqual({ outcome: 'in_progress', retryAfterMs: 1 })
    await clock.advance(1)
    expect((await claimed(inbox)).token).not.toBe(first.token)
  })

  test('an event that was put is a duplicate', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.put(event, { rememberMs })
    expect(await inbox.claim(event, { rememberMs, leaseMs })).toEqual({
      outcome: 'duplicate',
      conflict: false,
    })
    const changed = { ...event, fingerprint: 2 }
    expect(await inbox.claim(changed, { rememberMs, leaseMs })).toEqual({
      outcome: 'duplicate',
      conflict: true,
    })
  })

  test('a claimed event is not handed to consumers, nor listed, nor counted', async () => {
    const { inbox } = inboxOnManualClock()
    await claimed(inbox)
    const { attempts, consumer } = consumeRecorded(inbox, async () => done)
    await consumer.idle()
    expect(attempts).toEqual([])
    expect(await inbox.list()).toEqual({ items: [] })
    expect(await inbox.get(event.key)).toBeUndefined()
    expect(await inbox.counts()).toEqual({ pending: 0, scheduled: 0, active: 0, dead: 0 })
  })

  test('a lease that is longer than ids are remembered runs to its end', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const short = { rememberMs: 1_000, leaseMs }
    await inbox.claim(event, short)
    await clock.advance(1_000)
    expect(await inbox.claim(event, short)).toEqual({ outcome: 'in_progress', retryAfterMs: 29_000 })
  })
})

describe('renew', () => {
  test('the lease runs for leaseMs from the renewal on', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const lease = await claimed(inbox)
    await clock.advance(20_000)
    expect(await inbox.renew(lease, leaseMs)).toBe(true)
    await clock.advance(leaseMs - 1)
    const answer = await inbox.claim(event, { rememberMs, leaseMs })
    expect(answer).toEqual({ outcome: 'in_progress', retryAfterMs: 1 })
  })

  test('a lease may be renewed for longer than ids are remembered', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const lease = await claimed(inbox)
    for (let renewal = 0; renewal < 10; renewal++) {
      await clock.advance(leaseMs - 1)
      expect(await inbox.renew(lease, leaseMs)).toBe(true)
    }
    expect(await inbox.confirm(lease, event, { rememberMs })).toBe(true)
  })
})

describe('confirm', () => {
  test('a confirmed event is a duplicate for rememberMs from then on', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const lease = await claimed(inbox)
    await clock.advance(10_000)
    expect(await inbox.confirm(lease, event, { rememberMs })).toBe(true)
    await clock.advance(rememberMs - 1)
    expect(await inbox.claim(event, { rememberMs, leaseMs })).toEqual({
      outcome: 'duplicate',
      conflict: false,
    })
    expect(await inbox.put(event, { rememberMs })).toEqual({ outcome: 'duplicate', conflict: false })
    await clock.advance(1)
    expect(await inbox.claim(event, { rememberMs, leaseMs })).toMatchObject({ outcome: 'claimed' })
  })

  test('a confirmed event is kept no longer', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.confirm(await claimed(inbox), event, { rememberMs })
    expect(await inbox.list()).toEqual({ items: [] })
  })
})

describe('release', () => {
  test('the next claim is granted at once, as the next attempt, with the progress and a new token', async () => {
    const { inbox } = inboxOnManualClock()
    const first = await claimed(inbox)
    const progress = { completed: ['first'], abandoned: [failure] }
    expect(await inbox.release(first, progress, true)).toBe(true)
    const second = await claimed(inbox)
    expect(second).toMatchObject({ attempt: 2, progress })
    expect(second.token).not.toBe(first.token)
  })

  test('an attempt that was not used keeps its number', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.release(await claimed(inbox), noProgress, false)
    expect((await claimed(inbox)).attempt).toBe(1)
  })

  test('attempts add up over several releases', async () => {
    const { inbox } = inboxOnManualClock()
    for (const used of [true, false, true]) await inbox.release(await claimed(inbox), noProgress, used)
    expect((await claimed(inbox)).attempt).toBe(3)
  })

  test('progress outlives a lease that ran out later', async () => {
    const { inbox, clock } = inboxOnManualClock()
    await inbox.release(await claimed(inbox), { completed: ['first'], abandoned: [] }, true)
    await claimed(inbox)
    await clock.advance(leaseMs)
    expect(await claimed(inbox)).toMatchObject({ attempt: 2, progress: { completed: ['first'] } })
  })
})

describe('bury', () => {
  test('the event becomes a dead letter with its failures, and a duplicate', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.release(await claimed(inbox), noProgress, true)
    const lease = await claimed(inbox)
    const progress = { completed: ['second'], abandoned: [failure] }
    expect(await inbox.bury(lease, event, { progress, failures: [failure], rememberMs })).toBe(true)
    expect(await inbox.get(event.key)).toEqual({
      ...event,
      state: 'dead',
      attempt: 2,
      progress,
      failures: [failure],
      dueAt: null,
    })
    expect(await inbox.claim(event, { rememberMs, leaseMs })).toEqual({
      outcome: 'duplicate',
      conflict: false,
    })
  })

  test('a buried event can be redriven: a consumer gets what was not completed', async () => {
    const { inbox } = inboxOnManualClock()
    const progress = { completed: ['second'], abandoned: [failure] }
    await inbox.bury(await claimed(inbox), event, { progress, failures: [failure], rememberMs })
    const { attempts, consumer } = consumeRecorded(inbox, async () => done)
    await consumer.idle()
    expect(attempts).toEqual([])
    expect(await inbox.redrive(event.key)).toBe(true)
    await consumer.idle()
    expect(attempts.map(({ attempt, progress }) => ({ attempt, progress }))).toEqual([
      { attempt: 1, progress: { completed: ['second'], abandoned: [] } },
    ])
  })
})

describe('a lost lease changes nothing', () => {
  const act: Record<string, (inbox: Inbox, lease: Lease) => boolean | Promise<boolean>> = {
    renew: (inbox, lease) => inbox.renew(lease, leaseMs),
    confirm: (inbox, lease) => inbox.confirm(lease, event, { rememberMs }),
    release: (inbox, lease) => inbox.release(lease, { completed: ['mine'], abandoned: [] }, true),
    bury: (inbox, lease) =>
      inbox.bury(lease, event, { progress: noProgress, failures: [failure], rememberMs }),
  }

  test.each(Object.keys(act))('%s is refused at the instant at which the lease runs out', async (name) => {
    const { inbox, clock } = inboxOnManualClock()
    const lease = await claimed(inbox)
    await clock.advance(leaseMs)
    expect(await act[name]?.(inbox, lease)).toBe(false)
    expect(await claimed(inbox)).toMatchObject({ attempt: 1, progress: noProgress })
    expect(await inbox.counts()).toMatchObject({ dead: 0 })
  })

  test.each(Object.keys(act))('%s works one millisecond before', async (name) => {
    const { inbox, clock } = inboxOnManualClock()
    const lease = await claimed(inbox)
    await clock.advance(leaseMs - 1)
    expect(await act[name]?.(inbox, lease)).toBe(true)
  })

  test.each(Object.keys(act))('%s is refused to a token that another claim has replaced', async (name) => {
    const { inbox, clock } = inboxOnManualClock()
    const old = await claimed(inbox)
    await clock.advance(leaseMs)
    const current = await claimed(inbox)
    expect(await act[name]?.(inbox, old)).toBe(false)
    const answer = await inbox.claim(event, { rememberMs, leaseMs })
    expect(answer).toEqual({ outcome: 'in_progress', retryAfterMs: leaseMs })
    expect(await inbox.counts()).toMatchObject({ dead: 0 })
    expect(await inbox.confirm(current, event, { rememberMs })).toBe(true)
  })

  test.each(Object.keys(act))('%s is refused after a release', async (name) => {
    const { inbox } = inboxOnManualClock()
    const lease = await claimed(inbox)
    await inbox.release(lease, noProgress, true)
    expect(await act[name]?.(inbox, lease)).toBe(false)
    expect(await claimed(inbox)).toMatchObject({ attempt: 2, progress: noProgress })
  })

  test.each(Object.keys(act))('%s is refused after a confirmation', async (name) => {
    const { inbox } = inboxOnManualClock()
    const lease = await claimed(inbox)
    await inbox.confirm(lease, event, { rememberMs })
    expect(await act[name]?.(inbox, lease)).toBe(false)
    expect(await inbox.claim(event, { rememberMs, leaseMs })).toMatchObject({ outcome: 'duplicate' })
    expect(await inbox.counts()).toMatchObject({ dead: 0 })
  })
})

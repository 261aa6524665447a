import { type EventRecord, InboxFullError, memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { describe, expect, test } from 'vitest'
import { consumeRecorded, dead, done, retryIn } from './support/attempts.ts'
import { deferred } from './support/deferred.ts'
import { eventRecord } from './support/event-record.ts'

const rememberMs = 60_000
const leaseMs = 30_000

function inboxOnManualClock(limits: { maxIds?: number; maxBytes?: number } = {}) {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock, ...limits }) }
}

describe('put', () => {
  test('an event is accepted the first time and a duplicate the second', async () => {
    const { inbox } = inboxOnManualClock()
    expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
    expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'duplicate', conflict: false })
    expect(await inbox.counts()).toEqual({ pending: 1, scheduled: 0, active: 0, dead: 0 })
  })

  test('exactly one of 100 concurrent puts of one key is accepted', async () => {
    const { inbox } = inboxOnManualClock()
    const puts = Array.from({ length: 100 }, async () => inbox.put(eventRecord(), { rememberMs }))
    const outcomes = (await Promise.all(puts)).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(99)
  })

  test('events of different keys do not get in each other’s way', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.put(eventRecord({ id: 'evt_1' }), { rememberMs })
    expect(await inbox.put(eventRecord({ id: 'evt_2' }), { rememberMs })).toEqual({ outcome: 'accepted' })
    expect(await inbox.put(eventRecord({ provider: 'other' }), { rememberMs })).toEqual({
      outcome: 'accepted',
    })
  })

  test('a duplicate with another body is a conflict, and what was kept first stays', async () => {
    const { inbox } = inboxOnManualClock()
    const first = eventRecord({ rawBody: Buffer.from('first'), fingerprint: 1 })
    await inbox.put(first, { rememberMs })
    const second = eventRecord({ rawBody: Buffer.from('second'), fingerprint: 2 })
    expect(await inbox.put(second, { rememberMs })).toEqual({ outcome: 'duplicate', conflict: true })
    expect((await inbox.get(first.key))?.rawBody).toEqual(Buffer.from('first'))
  })

  test('a conflict is still told apart once the event is handled and its body gone', async () => {
    const { inbox } = inboxOnManualClock()
    await handle(inbox, eventRecord({ fingerprint: 1 }))
    expect(await inbox.put(eventRecord({ fingerprint: 1 }), { rememberMs })).toMatchObject({
      conflict: false,
    })
    expect(await inbox.put(eventRecord({ fingerprint: 2 }), { rememberMs })).toMatchObject({ conflict: true })
  })

  test('`__proto__` and `constructor` are keys like any other', async () => {
    const { inbox } = inboxOnManualClock()
    for (const key of ['__proto__', 'constructor', 'toString']) {
      expect(await inbox.put(eventRecord({ key }), { rememberMs })).toEqual({ outcome: 'accepted' })
      expect(await inbox.put(eventRecord({ key }), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
    }
  })

  test('a body with every byte value is kept unchanged', async () => {
    const { inbox } = inboxOnManualClock()
    const rawBody = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    await inbox.put(eventRecord({ rawBody }), { rememberMs })
    const kept = await inbox.get(eventRecord().key)
    expect([...(kept?.rawBody ?? [])]).toEqual(Array.from({ length: 256 }, (_, byte) => byte))
    const { attempts, consumer } = consumeRecorded(inbox, async () => done)
    await consumer.idle()
    expect(attempts.map(({ event }) => [...event.rawBody])).toEqual([[...rawBody]])
  })
})

describe('how long an id is remembered', () => {
  test('a handled event is a duplicate one millisecond before rememberMs', async () => {
    const { inbox, clock } = inboxOnManualClock()
    await handle(inbox, eventRecord())
    await clock.advance(rememberMs - 1)
    expect(await inbox.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  })

  test('a handled event is forgotten at rememberMs exactly', async () => {
    const { inbox, clock } = inboxOnManualClock()
    await handle(inbox, eventRecord())
    await clock.advance(rememberMs)
    expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test('a duplicate does not prolong it', async () => {
    const { inbox, clock } = inboxOnManualClock()
    await handle(inbox, eventRecord())
    await clock.advance(rememberMs - 1)
    await inbox.put(eventRecord(), { rememberMs })
    await clock.advance(1)
    expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test('an event that is pending, scheduled, active or dead is a duplicate after any time', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const release = deferred()
    consumeRecorded(inbox, async ({ event }) => {
      if (event.id === 'scheduled') return retryIn(1_000 * rememberMs)
      if (event.id === 'dead') return dead()
      await release.promise
      return done
    })
    const scheduled = eventRecord({ id: 'scheduled' })
    const buried = eventRecord({ id: 'dead' })
    const active = eventRecord({ id: 'active' })
    const pending = eventRecord({ id: 'pending', provider: 'unconsumed' })
    for (const event of [scheduled, buried, active, pending]) await inbox.put(event, { rememberMs })
    await clock.advance(10 * rememberMs)
    expect(await inbox.counts()).toEqual({ pending: 1, scheduled: 1, active: 1, dead: 1 })
    for (const event of [scheduled, buried, active, pending]) {
      expect(await inbox.put(event, { rememberMs })).toEqual({ outcome: 'duplicate', conflict: false })
    }
    release.resolve()
  })

  test('each id is remembered for its own time, whatever was put before it', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const long = eventRecord({ id: 'long' })
    const short = eventRecord({ id: 'short' })
    await handle(inbox, long, 10_000)
    await handle(inbox, short, 1_000)
    await clock.advance(1_000)
    expect(await inbox.put(short, { rememberMs })).toEqual({ outcome: 'accepted' })
    expect(await inbox.put(long, { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  })
})

describe('put over a claim', () => {
  test('an event that is only claimed is accepted, and the claim is lost', async () => {
    const { inbox } = inboxOnManualClock()
    const claimed = await inbox.claim(eventRecord(), { rememberMs, leaseMs })
    if (claimed.outcome !== 'claimed') throw new Error('the first claim is granted')
    expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
    const { lease } = claimed
    expect(await inbox.renew(lease, leaseMs)).toBe(false)
    expect(await inbox.confirm(lease, eventRecord(), { rememberMs })).toBe(false)
    expect(await inbox.release(lease, lease.progress, true)).toBe(false)
    expect(await inbox.bury(lease, eventRecord(), { ...noBurial, rememberMs })).toBe(false)
    expect(await inbox.counts()).toEqual({ pending: 1, scheduled: 0, active: 0, dead: 0 })
  })

  test('progress that a release kept is not repeated by the consumer', async () => {
    const { inbox } = inboxOnManualClock()
    const claimed = await inbox.claim(eventRecord(), { rememberMs, leaseMs })
    if (claimed.outcome !== 'claimed') throw new Error('the first claim is granted')
    await inbox.release(claimed.lease, { completed: ['first'], abandoned: [] }, true)
    await inbox.put(eventRecord(), { rememberMs })
    const { attempts, consumer } = consumeRecorded(inbox, async () => done)
    await consumer.idle()
    expect(attempts.map(({ progress }) => progress.completed)).toEqual([['first']])
  })
})

describe('limits', () => {
  test('the id beyond maxIds is refused, and none is forgotten for it', async () => {
    const { inbox } = inboxOnManualClock({ maxIds: 2 })
    await handle(inbox, eventRecord({ id: 'one' }))
    await handle(inbox, eventRecord({ id: 'two' }))
    const third = eventRecord({ id: 'three' })
    await expect(async () => inbox.put(third, { rememberMs })).rejects.toThrow(InboxFullError)
    await expect(async () => inbox.claim(third, { rememberMs, leaseMs })).rejects.toThrow(InboxFullError)
    expect(await inbox.put(eventRecord({ id: 'one' }), { rememberMs })).toMatchObject({
      outcome: 'duplicate',
    })
    expect(await inbox.put(eventRecord({ id: 'two' }), { rememberMs })).toMatchObject({
      outcome: 'duplicate',
    })
  })

  test('claims count towards maxIds', async () => {
    const { inbox } = inboxOnManualClock({ maxIds: 1 })
    await inbox.claim(eventRecord({ id: 'one' }), { rememberMs, leaseMs })
    const put = async () => inbox.put(eventRecord({ id: 'two' }), { rememberMs })
    await expect(put).rejects.toThrow(InboxFullError)
  })

  test('an event that is claimed already needs no room of its own to be put', async () => {
    const { inbox } = inboxOnManualClock({ maxIds: 1 })
    await inbox.claim(eventRecord(), { rememberMs, leaseMs })
    expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test('forgotten ids make room', async () => {
    const { inbox, clock } = inboxOnManualClock({ maxIds: 1 })
    await handle(inbox, eventRecord({ id: 'one' }))
    await clock.advance(rememberMs)
    expect(await inbox.put(eventRecord({ id: 'two' }), { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test('bodies up to maxBytes are kept, and the byte beyond is refused', async () => {
    const { inbox } = inboxOnManualClock({ maxBytes: 10 })
    await inbox.put(eventRecord({ id: 'six', rawBody: Buffer.alloc(6) }), { rememberMs })
    const five = eventRecord({ id: 'five', rawBody: Buffer.alloc(5) })
    await expect(async () => inbox.put(five, { rememberMs })).rejects.toThrow(InboxFullError)
    const four = eventRecord({ id: 'four', rawBody: Buffer.alloc(4) })
    expect(await inbox.put(four, { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test('a refused event was not remembered: it is accepted once there is room', async () => {
    const { inbox } = inboxOnManualClock({ maxBytes: 10 })
    const big = eventRecord({ id: 'big', rawBody: Buffer.alloc(10) })
    const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(10) })
    await inbox.put(big, { rememberMs })
    await expect(async () => inbox.put(next, { rememberMs })).rejects.toThrow(InboxFullError)
    await consumeRecorded(inbox, async () => done).consumer.idle()
    expect(await inbox.put(next, { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test('dead letters count towards maxBytes until they are discarded', async () => {
    const { inbox } = inboxOnManualClock({ maxBytes: 10 })
    const buried = eventRecord({ id: 'dead', rawBody: Buffer.alloc(10) })
    await inbox.put(buried, { rememberMs })
    await consumeRecorded(inbox, async () => dead()).consumer.idle()
    const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(1) })
    await expect(async () => inbox.put(next, { rememberMs })).rejects.toThrow(InboxFullError)
    await inbox.discard(buried.key)
    expect(await inbox.put(next, { rememberMs })).toEqual({ outcome: 'accepted' })
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%s is no limit', (limit) => {
    expect(() => memoryInbox({ maxIds: limit })).toThrow(/maxIds is .*whole number/)
    expect(() => memoryInbox({ maxBytes: limit })).toThrow(/maxBytes is .*whole number/)
  })
})

const noBurial = { progress: { completed: [], abandoned: [] }, failures: [] }

async function handle(
  inbox: ReturnType<typeof memoryInbox>,
  event: EventRecord,
  forMs = rememberMs,
): Promise<void> {
  await inbox.put(event, { rememberMs: forMs })
  const { consumer } = consumeRecorded(inbox, async () => done)
  await consumer.idle()
  await consumer.stop()
}

import { type ConsumeOptions, type Inbox, memoryInbox, noProgress, type Verdict } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { emptyCounts, eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test } from 'vitest'

/** What becomes of an event that one consumer has no handler for, and another has. */

const rememberMs = 60_000
const type = 'order.paid'
/** Has events without a handler handed out, so that a verdict decides. */
const handsOut: Partial<ConsumeOptions> = { wanted: () => ({ types: [], others: 'hand-out' }) }
const park: Verdict = { outcome: 'park', progress: noProgress }

function inboxOnManualClock() {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock }) }
}

function wanting(
  types: readonly string[] | 'all',
  more: Partial<ConsumeOptions> = {},
): Partial<ConsumeOptions> {
  return { wanted: () => ({ types, others: 'park' }), ...more }
}

/** A consumer that has no handler, and what it reports. */
function parking(inbox: Inbox, more: Partial<ConsumeOptions> = {}) {
  const reports: string[] = []
  const report: ConsumeOptions['report'] = ({ event, outcome }) => void reports.push(`${event.id} ${outcome}`)
  return { ...consumeRecorded(inbox, undefined, wanting([], { report, ...more })), reports }
}

describe('an event that nobody has asked for', () => {
  test.each<[string, Partial<ConsumeOptions>, handed: boolean]>([
    ['a consumer of its type is handed it', wanting([type]), true],
    ['a consumer of all types is handed it', wanting('all'), true],
    ['a consumer of another type is not', wanting(['order.cancelled']), false],
    ['a consumer of another source is not', wanting('all', { source: 'other' }), false],
  ])('%s', async (_, options, handed) => {
    const { inbox } = inboxOnManualClock()
    const { consumer, reports } = parking(inbox)
    const other = consumeRecorded(inbox, undefined, options)
    await inbox.put(eventRecord(), { rememberMs })
    await consumer.idle()
    await other.consumer.idle()
    expect(other.attempts).toHaveLength(handed ? 1 : 0)
    expect(reports).toEqual(handed ? [] : ['evt_1 parked'])
    expect(await inbox.counts()).toMatchObject({ parked: handed ? 0 : 1, pending: 0 })
  })

  test('a verdict parks it only where no other consumer has a handler', async () => {
    for (const types of [[], ['order.cancelled'], [type]]) {
      const { inbox } = inboxOnManualClock()
      const { consumer } = consumeRecorded(inbox, async () => park, handsOut)
      await inbox.put(eventRecord(), { rememberMs })
      const other = consumeRecorded(inbox, undefined, wanting(types))
      await consumer.idle()
      await other.consumer.idle()
      expect(await inbox.counts()).toMatchObject({ parked: types.includes(type) ? 0 : 1 })
    }
  })

  test('parked under a lease, it is kept for who wants it, and what is unreadable is handed to any consumer', async () => {
    for (const unreadable of [undefined, true] as const) {
      const { inbox, clock } = inboxOnManualClock()
      const { attempts } = consumeRecorded(inbox, undefined, wanting([]))
      await clock.advance(0)
      const event = eventRecord({ ...(unreadable && { unreadable }) })
      const claim = await inbox.claim(event, { rememberMs, leaseMs: 1_000 })
      if (claim.outcome !== 'claimed') return expect.unreachable()
      await inbox.park(claim.lease, event, { progress: noProgress, failures: [], rememberMs })
      await clock.advance(0)
      expect(attempts).toHaveLength(unreadable ? 1 : 0)
      expect(await inbox.counts()).toMatchObject({ parked: unreadable ? 0 : 1 })
    }
  })

  test('a consumer that has stopped is not handed it', async () => {
    const { inbox } = inboxOnManualClock()
    const stopped = consumeRecorded(inbox)
    await stopped.consumer.stop()
    const { consumer, reports } = parking(inbox)
    await inbox.put(eventRecord(), { rememberMs })
    await consumer.idle()
    stopped.consumer.wake()
    await consumer.idle()
    expect(stopped.attempts).toEqual([])
    expect(reports).toEqual(['evt_1 parked'])
    expect(await inbox.counts()).toMatchObject({ parked: 1 })
  })

  test('one that waits until it is wanted goes to who wants it at once, and waits for no timer', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const first = consumeRecorded(inbox, async () => retryIn(1_000, { untilWanted: true }), handsOut)
    const second = consumeRecorded(inbox, undefined, wanting([type]))
    await inbox.put(eventRecord(), { rememberMs })
    await first.consumer.idle()
    await second.consumer.idle()
    expect([first.ids(), second.ids()]).toEqual([['evt_1'], ['evt_1']])
    expect(await inbox.counts()).toEqual(emptyCounts)
    expect(clock.pendingTimers).toBe(0)
  })

  test('one that became wanted while it waited is not handed out again at the time for which it waited', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const first = consumeRecorded(inbox, async () => retryIn(1_000, { untilWanted: true }), handsOut)
    await inbox.put(eventRecord(), { rememberMs })
    await first.consumer.idle()
    await first.consumer.stop()
    expect(clock.pendingTimers).toBe(1)
    const gate = deferred()
    const second = consumeRecorded(inbox, () => gate.promise.then(() => done))
    await clock.advance(0)
    expect(second.attempts).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(1_000)
    gate.resolve()
    await second.consumer.idle()
    expect(second.attempts).toHaveLength(1)
  })

  test('what waits in various ways becomes due in the order of taking on', async () => {
    const { inbox } = inboxOnManualClock()
    const first = consumeRecorded(
      inbox,
      async ({ event: { id } }) => (Number(id) % 2 ? retryIn(10_000, { untilWanted: true }) : park),
      handsOut,
    )
    for (const id of ['1', '2', '3', '4', '5', '6']) await inbox.put(eventRecord({ id }), { rememberMs })
    await first.consumer.idle()
    await first.consumer.stop()
    expect(await inbox.counts()).toMatchObject({ scheduled: 3, parked: 3 })
    const second = consumeRecorded(inbox)
    await second.consumer.idle()
    expect(second.ids()).toEqual(['1', '2', '3', '4', '5', '6'])
  })

  test('parked by a verdict, it waits for its turn in the order of its key, and is handed out once', async () => {
    const { inbox } = inboxOnManualClock()
    const orderKey = 'acme:run-1'
    let isPaused = false
    const first = consumeRecorded(
      inbox,
      async () => {
        isPaused = true
        return park
      },
      { ...handsOut, isPaused: () => isPaused },
    )
    const second = consumeRecorded(inbox)
    for (const second of [1, 2, 3])
      await inbox.put(eventRecord({ id: `${second}`, orderKey, createdAt: second }), { rememberMs })
    await first.consumer.idle()
    await second.consumer.idle()
    expect([first.ids(), second.ids()]).toEqual([['1'], ['1', '2', '3']])
    expect(await inbox.counts()).toEqual(emptyCounts)
  })

  test('a consumer that has had a handler for it since it was last woken takes it, and does not pass it to itself for ever', async () => {
    const { inbox } = inboxOnManualClock()
    const types: string[] = []
    const { consumer, ids } = consumeRecorded(inbox, undefined, wanting(types))
    await consumer.idle()
    types.push(type)
    await inbox.put(eventRecord(), { rememberMs })
    await consumer.idle()
    expect(ids()).toEqual(['evt_1'])
  })

  test('what was discarded before its consumer took it is handed to nobody', async () => {
    const { inbox } = inboxOnManualClock()
    const [kept, discarded] = eventRecords(2)
    if (!kept || !discarded) return expect.unreachable()
    const { consumer } = parking(inbox)
    for (const event of [kept, discarded]) await inbox.put(event, { rememberMs })
    await consumer.idle()
    await consumer.stop()
    const second = consumeRecorded(inbox)
    expect(await inbox.discard(discarded.key)).toBe(true)
    await second.consumer.idle()
    expect(second.ids()).toEqual([kept.id])
    expect(await inbox.counts()).toMatchObject({ pending: 0, parked: 0 })
  })

  test('idle waits for what was parked and for what is new alike', async () => {
    const { inbox } = inboxOnManualClock()
    const { consumer } = parking(inbox)
    await inbox.put(eventRecord({ id: 'parked' }), { rememberMs })
    await consumer.idle()
    await consumer.stop()
    const second = consumeRecorded(inbox)
    await inbox.put(eventRecord({ id: 'new' }), { rememberMs })
    await second.consumer.idle()
    expect(second.ids()).toEqual(['parked', 'new'])
  })
})

describe('the limits on what is parked', () => {
  test('it is dropped after keepMs, to the millisecond, and not handed to who wants it then', async () => {
    for (const [passes, handed] of [
      [999, 1],
      [1_000, 0],
    ] as const) {
      const { inbox, clock } = inboxOnManualClock()
      const limits = { parking: { keepMs: 1_000, maxBytes: 100 } }
      const { consumer, reports } = parking(inbox, limits)
      await inbox.put(eventRecord(), { rememberMs })
      await consumer.idle()
      await consumer.stop()
      await clock.advance(passes)
      const report: ConsumeOptions['report'] = ({ event, outcome }) =>
        void reports.push(`${event.id} ${outcome}`)
      const second = consumeRecorded(inbox, undefined, { ...limits, report })
      await second.consumer.idle()
      expect(second.attempts).toHaveLength(handed)
      expect(reports).toEqual(handed ? ['evt_1 parked'] : ['evt_1 parked', 'evt_1 expired'])
    }
  })

  test('maxBytes are parked, and the oldest is dropped for the byte beyond, also where a verdict parks', async () => {
    for (const hasVerdict of [false, true]) {
      const { inbox } = inboxOnManualClock()
      const others = hasVerdict ? 'hand-out' : 'park'
      const { consumer } = consumeRecorded(inbox, async () => park, {
        wanted: () => ({ types: [], others }),
        parking: { keepMs: 1_000, maxBytes: 10 },
      })
      const put = async (id: string, bytes: number) => {
        await inbox.put(eventRecord({ id, rawBody: Buffer.alloc(bytes) }), { rememberMs })
        await consumer.idle()
        return (await inbox.list()).items.map((item) => item.id)
      }
      await put('five', 5)
      expect(await put('ten', 5)).toEqual(['five', 'ten'])
      expect(await put('eleven', 1)).toEqual(['ten', 'eleven'])
    }
  })
})

test('what is put while a consumer stops is left to others', async () => {
  const { inbox } = inboxOnManualClock()
  const stopping = consumeRecorded(inbox)
  await stopping.consumer.idle()
  const stopped = stopping.consumer.stop()
  await inbox.put(eventRecord(), { rememberMs })
  await stopped
  const other = consumeRecorded(inbox)
  await other.consumer.idle()
  expect([stopping.attempts.length, other.attempts.length]).toEqual([0, 1])
})

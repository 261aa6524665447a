import assert from 'node:assert/strict'
import type { ConsumeOptions, Work } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import { claimed } from '../steps/claimed.ts'
import {
  assertCounts,
  assertDuplicate,
  assertGone,
  assertSame,
  assertSameEvent,
  assertState,
  keptEvent,
  listedIds,
} from '../steps/expectations.ts'
import {
  dead,
  done,
  park,
  remembered,
  retryIn,
  sampleEvent,
  sampleFailure,
  sampleProgress,
} from '../steps/sample-event.ts'

const type = 'order.cancelled'
const handlesPaid: Partial<ConsumeOptions> = { wanted: () => ({ types: ['order.paid'], others: 'park' }) }
const handlesCancelled: Partial<ConsumeOptions> = { wanted: () => ({ types: [type], others: 'park' }) }
const dropsOthers: Partial<ConsumeOptions> = { wanted: () => ({ types: ['order.paid'], others: 'drop' }) }
const seesOthers: Partial<ConsumeOptions> = { wanted: () => ({ types: ['order.paid'], others: 'hand-out' }) }

export const parkingTests = [
  inboxTest(
    'I130',
    'MUST park a due event that is not wanted, report it once, and keep it',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const [parked, paid] = [sampleEvent({ id: 'parked', type }), sampleEvent({ id: 'paid' })]
      const recorded = bench.consume(one, async () => done, handlesPaid)
      for (const event of [parked, paid]) await one.put(event, remembered)
      await bench.eventually(() => assertState(other, parked.key, 'parked'))
      await bench.eventually(() => assertGone(other, paid.key))
      await bench.settle()
      assert.deepEqual(recorded.ids, ['paid'])
      assertSame(
        recorded.reports.map(({ event: { key, source, id, type }, outcome }) => ({
          key,
          source,
          id,
          type,
          outcome,
        })),
        [{ key: parked.key, source: 'acme', id: 'parked', type, outcome: 'parked' }],
      )
      assertSameEvent(await keptEvent(other, parked.key), parked)
      await assertCounts(other, { parked: 1 })
      assert.deepEqual(await listedIds(other, { state: 'parked' }), ['parked'])
      await assertDuplicate(other, parked)
    },
  ),

  inboxTest(
    'I131',
    'MUST keep the attempt and the progress of an event that a verdict parks, for a consumer that wants it',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent({ type })
      const verdicts = [retryIn(0), park(sampleProgress)]
      const first = bench.consume(one, async () => verdicts.shift() ?? done, seesOthers)
      await one.put(event, remembered)
      await bench.eventually(() => assertState(other, event.key, 'parked'))
      await bench.settle()
      assert.equal(first.turns.length, 2, 'a parked event was handed out to a consumer that does not want it')
      const { attempt, progress, dueAt } = await keptEvent(other, event.key)
      assertSame({ attempt, progress, dueAt }, { attempt: 2, progress: sampleProgress, dueAt: null })
      const second = bench.consume(other, async () => done, handlesCancelled)
      await bench.eventually(() => assertGone(one, event.key))
      const [turn] = second.turns
      assert.ok(turn)
      assertSameEvent(turn.attempt.event, event)
      assert.equal(turn.attempt.attempt, 2)
      assertSame(turn.attempt.progress, sampleProgress)
      assert.equal(turn.attempt.wasInterrupted, false)
      assert.equal(second.turns.length, 1)
    },
  ),

  inboxTest(
    'I132',
    'MUST bring every event to the one consumer that wants it, even if another takes it first',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const first = bench.consume(one, async () => done, handlesPaid)
      const second = bench.consume(other, async () => done, handlesCancelled)
      const startedAt = bench.now()
      for (let index = 0; index < 20; index++)
        await (index % 2 ? one : other).put(sampleEvent({ id: `evt_${index}`, type }), remembered)
      await bench.eventually(() => assertCounts(one, {}))
      assert.equal(first.turns.length, 0)
      assert.equal(new Set(second.ids).size, 20)
      assert.equal(second.turns.length, 20)
      const lastAt = Math.max(...second.turns.map(({ startedAt }) => startedAt))
      if (bench.isTimed) assert.ok(lastAt - startedAt <= 5_000, `found after ${lastAt - startedAt} ms`)
    },
  ),

  inboxTest('I133', 'MUST hand out a parked event when a handler is registered for it', async (bench) => {
    const inbox = await bench.open()
    const types = ['order.paid']
    const recorded = bench.consume(inbox, async () => done, { wanted: () => ({ types, others: 'park' }) })
    const event = sampleEvent({ type })
    await inbox.put(event, remembered)
    await bench.eventually(() => assertState(inbox, event.key, 'parked'))
    types.push(type)
    recorded.consumer.wake()
    await bench.eventually(() => assertGone(inbox, event.key))
    assert.deepEqual(recorded.ids, [event.id])
  }),

  inboxTest(
    'I134',
    'MUST drop an unwanted event if the consumer asks for that, and remember its key',
    async (bench) => {
      const inbox = await bench.open()
      const recorded = bench.consume(inbox, async () => done, dropsOthers)
      const event = sampleEvent({ type })
      await inbox.put(event, remembered)
      await bench.eventually(() => assertGone(inbox, event.key))
      await bench.eventually(() =>
        assertSame(
          recorded.reports.map(({ event: { key }, outcome }) => ({ key, outcome })),
          [{ key: event.key, outcome: 'dropped' }],
        ),
      )
      assert.equal(recorded.turns.length, 0)
      await assertDuplicate(inbox, event)
    },
  ),

  inboxTest('I135', 'MUST drop what was parked for keepMs, and say that it expired', async (bench) => {
    const inbox = await bench.open()
    const parking = { keepMs: 5 * bench.unitMs, maxBytes: 1_000_000 }
    const recorded = bench.consume(inbox, async () => done, { ...handlesPaid, parking })
    const [old, young] = [sampleEvent({ id: 'old', type }), sampleEvent({ id: 'young', type })]
    await inbox.put(old, remembered)
    await bench.eventually(() => assertState(inbox, old.key, 'parked'))
    await bench.pass(5 * bench.unitMs)
    await inbox.put(young, remembered)
    await bench.eventually(() => assertGone(inbox, old.key))
    await bench.eventually(() => {
      const expired = recorded.reports.filter(({ outcome }) => outcome === 'expired')
      assert.equal(expired[0]?.event.key, old.key)
    })
    await assertDuplicate(inbox, old)
    assert.equal(recorded.turns.length, 0)
  }),

  inboxTest('I136', 'MUST drop the oldest where bodies of more than maxBytes are parked', async (bench) => {
    const inbox = await bench.open()
    const parking = { keepMs: 60 * 60 * 1000, maxBytes: 200 } // two bodies are not more
    const recorded = bench.consume(inbox, async () => done, { ...handlesPaid, parking })
    const events = ['one', 'two', 'three', 'four'].map((id) =>
      sampleEvent({ id, type, rawBody: Buffer.alloc(100, id) }),
    )
    for (const event of events) {
      await inbox.put(event, remembered)
      await bench.eventually(() => assertState(inbox, event.key, 'parked'))
    }
    await bench.eventually(async () => assert.deepEqual(await listedIds(inbox), ['three', 'four']))
    await bench.eventually(() => {
      const expired = recorded.reports.filter(({ outcome }) => outcome === 'expired')
      assert.deepEqual(
        expired.map(({ event }) => event.id),
        ['one', 'two'],
      )
    })
  }),

  inboxTest(
    'I137',
    'MUST park an event under a lease, and hand it out to a consumer that wants it',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent({ type })
      await one.release(await claimed(one, event), sampleProgress, true)
      const lease = await claimed(one, event)
      const burial = { progress: sampleProgress, failures: [sampleFailure], ...remembered }
      assert.equal(await one.park(lease, event, burial), true)
      assert.equal(await one.park(lease, event, burial), false, 'the lease was ended')
      const kept = await keptEvent(other, event.key)
      assertSameEvent(kept, event)
      const { state, attempt, progress, failures } = kept
      assertSame(
        { state, attempt, progress, failures },
        { state: 'parked', attempt: 2, progress: sampleProgress, failures: [sampleFailure] },
      )
      await assertDuplicate(other, event)
      const { turns } = bench.consume(other, async () => done, handlesCancelled)
      await bench.eventually(() => assertGone(one, event.key))
      assert.equal(turns[0]?.attempt.attempt, 2)
      assertSame(turns[0]?.attempt.progress, sampleProgress)
    },
  ),

  inboxTest('I138', 'MUST discard what is parked when asked to, and not redrive it', async (bench) => {
    const inbox = await bench.open()
    const recorded = bench.consume(inbox, async () => done, handlesPaid)
    const event = sampleEvent({ type })
    await inbox.put(event, remembered)
    await bench.eventually(() => assertState(inbox, event.key, 'parked'))
    assert.equal(await inbox.redrive(event.key), false)
    assert.equal(await inbox.discard(event.key), true)
    await assertGone(inbox, event.key)
    await assertCounts(inbox, {})
    await assertDuplicate(inbox, event)
    await bench.settled(recorded.consumer.stop(), 'stop')
    const late = bench.consume(inbox, async () => done, handlesCancelled)
    await bench.settle()
    assert.equal(late.turns.length, 0, 'a discarded event was handed out')
  }),

  inboxTest('I139', 'MUST hand out an unreadable event whatever types are wanted', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent({ type: 'unreadable', unreadable: true })
    await inbox.put(event, { ...remembered, failure: sampleFailure })
    assert.equal(await inbox.redrive(event.key), true)
    const { turns, reports } = bench.consume(inbox, async () => dead(), handlesPaid)
    await bench.eventually(() => assertState(inbox, event.key, 'dead'))
    assert.equal(turns.length, 1)
    assertSameEvent(turns[0]?.attempt.event ?? event, event)
    assert.deepEqual(reports, [])
  }),
]

export const parkedAtOnceTests = [
  inboxTest(
    'I145',
    'MUST drop events that were parked at the same time in the order of their puts, not of their ids',
    async (bench) => {
      const inbox = await bench.open()
      const ids = ['six', 'five', 'four', 'three', 'two', 'one']
      for (const id of ids)
        await inbox.put(sampleEvent({ id, type, rawBody: Buffer.alloc(100, id) }), remembered)
      const parking = { keepMs: 60 * 60 * 1000, maxBytes: 250 }
      const concurrency = ids.length // so that one taking can park all of them
      bench.consume(inbox, async () => done, { ...handlesPaid, parking, concurrency })
      await bench.eventually(async () => assert.deepEqual(await listedIds(inbox), ['two', 'one']))
      await assertState(inbox, sampleEvent({ id: 'one' }).key, 'parked')
    },
  ),
]

export const parkedLaterTests = [
  inboxTest(
    'I147',
    'MUST drop what was parked first before what was put first and parked later',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const [late, old] = [sampleEvent({ id: 'late', type }), sampleEvent({ id: 'old', type })]
      const work: Work = async () => {
        await gate.opened
        return park()
      }
      const holder = bench.consume(inbox, work, seesOthers)
      await inbox.put(late, remembered)
      await bench.eventually(() => assert.deepEqual(holder.ids, ['late']))
      const stopping = holder.consumer.stop()
      const parking = { keepMs: 5 * bench.unitMs, maxBytes: 1_000_000 }
      const { reports } = bench.consume(inbox, async () => done, { ...handlesPaid, parking })
      await inbox.put(old, remembered)
      await bench.eventually(() => assertState(inbox, old.key, 'parked'))
      await bench.pass(3 * bench.unitMs)
      gate.open()
      await bench.settled(stopping, 'stop')
      await bench.pass(5 * bench.unitMs)
      await inbox.put(sampleEvent({ id: 'young', type }), remembered)
      await bench.eventually(() => {
        const expired = reports.filter(({ outcome }) => outcome === 'expired')
        assert.deepEqual(expired.map(({ event }) => event.id).slice(0, 2), ['old', 'late'])
      })
    },
  ),
]

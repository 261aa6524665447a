import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { claimed } from '../steps/claimed.ts'
import {
  assertDuplicate,
  assertGone,
  assertSame,
  assertSameEvent,
  assertState,
  keptEvent,
} from '../steps/expectations.ts'
import {
  dead,
  done,
  longMs,
  remembered,
  retryIn,
  sampleEvent,
  sampleEvents,
  sampleFailure,
  sampleProgress,
  withOtherBody,
} from '../steps/sample-event.ts'

/** Not for an inbox that is lost with its process. Each test closes all instances, and goes on with a new one. */
export const durabilityTests = [
  inboxTest('I110', 'MUST hand out after a restart what was pending before', async (bench) => {
    const before = await bench.open()
    const events = sampleEvents(5)
    for (const event of events) await before.put(event, remembered)
    await bench.settled(before.close(), 'close')
    const after = await bench.open()
    for (const event of events) assertSameEvent(await keptEvent(after, event.key), event)
    const recorded = bench.consume(after, async () => done)
    await bench.settled(recorded.consumer.idle(), 'idle')
    assert.deepEqual(recorded.ids.sort(), events.map(({ id }) => id).sort())
    assert.ok(recorded.attempts.every(({ attempt }) => attempt === 1))
  }),

  inboxTest('I111', 'MUST hand out after a restart what was scheduled before, at its time', async (bench) => {
    const before = await bench.open()
    const event = sampleEvent()
    const delayMs = 5 * bench.unitMs
    let retriedAt = Number.POSITIVE_INFINITY
    bench.consume(before, async () => {
      retriedAt = bench.now()
      return retryIn(delayMs, { progress: sampleProgress })
    })
    await before.put(event, remembered)
    await bench.eventually(() => assertState(before, event.key, 'scheduled'))
    await bench.settled(before.close(), 'close')
    const after = await bench.open()
    assertSame((await keptEvent(after, event.key)).failures, [sampleFailure])
    const { turns } = bench.consume(after, async () => done)
    await bench.eventually(() => assertGone(after, event.key))
    const [turn] = turns
    assert.ok(turn)
    assert.ok(turn.startedAt - retriedAt >= delayMs - bench.toleranceMs, 'handed out before its time')
    assert.equal(turn.attempt.attempt, 2)
    assert.equal(turn.attempt.interruptions, 0, 'an orderly shutdown is not an interruption')
    assertSame(turn.attempt.progress, sampleProgress)
  }),

  inboxTest('I112', 'MUST keep dead letters over a restart', async (bench) => {
    const before = await bench.open()
    const event = sampleEvent()
    bench.consume(before, async () => dead())
    await before.put(event, remembered)
    await bench.eventually(() => assertState(before, event.key, 'dead'))
    await bench.settled(before.close(), 'close')
    const after = await bench.open()
    const kept = await keptEvent(after, event.key)
    assertSameEvent(kept, event)
    assertSame({ state: kept.state, failures: kept.failures }, { state: 'dead', failures: [sampleFailure] })
    assert.equal(await after.redrive(event.key), true)
    bench.consume(after, async () => done)
    await bench.eventually(() => assertGone(after, event.key))
  }),

  inboxTest('I113', 'MUST remember over a restart which events were handled', async (bench) => {
    const before = await bench.open()
    const [handled, confirmed] = [sampleEvent({ id: 'handled' }), sampleEvent({ id: 'confirmed' })]
    bench.consume(before, async () => done)
    await before.put(handled, remembered)
    await before.confirm(await claimed(before, confirmed), confirmed, remembered)
    await bench.eventually(() => assertGone(before, handled.key))
    await bench.settled(before.close(), 'close')
    const after = await bench.open()
    for (const event of [handled, confirmed]) {
      await assertDuplicate(after, event, { conflict: false })
      await assertDuplicate(after, withOtherBody(event), { conflict: true })
    }
  }),

  inboxTest('I114', 'MUST keep the verdict on an event that was under work at close', async (bench) => {
    const before = await bench.open()
    const gate = bench.gate()
    const { turns } = bench.consume(before, async ({ event }) => {
      await gate.opened
      return event.id === 'evt_1' ? done : dead()
    })
    const [first, second] = sampleEvents(2)
    assert.ok(first && second)
    for (const event of [first, second]) await before.put(event, remembered)
    await bench.eventually(() => assert.equal(turns.length, 2))
    const closing = before.close()
    gate.open()
    await bench.settled(closing, 'close')
    const after = await bench.open()
    await assertGone(after, first.key)
    await assertState(after, second.key, 'dead')
  }),

  inboxTest(
    'I115',
    'MUST keep claims over a restart: running leases, and the progress of released ones',
    async (bench) => {
      const before = await bench.open()
      const [running, released] = [sampleEvent({ id: 'running' }), sampleEvent({ id: 'released' })]
      const lease = await claimed(before, running)
      await before.release(await claimed(before, released), sampleProgress, true)
      await bench.settled(before.close(), 'close')
      const after = await bench.open()
      const answer = await after.claim(running, { ...remembered, leaseMs: longMs })
      assert.equal(answer.outcome, 'in_progress')
      assert.equal(await after.confirm(lease, running, remembered), true)
      const next = await claimed(after, released)
      assert.equal(next.attempt, 2)
      assertSame(next.progress, sampleProgress)
    },
  ),
  inboxTest(
    'I116',
    'MUST keep parked events over a restart, and hand them out to a consumer that wants them',
    async (bench) => {
      const before = await bench.open()
      const event = sampleEvent({ type: 'order.cancelled' })
      bench.consume(before, async () => done, { wanted: () => ({ types: ['order.paid'], others: 'park' }) })
      await before.put(event, remembered)
      await bench.eventually(() => assertState(before, event.key, 'parked'))
      await bench.settled(before.close(), 'close')
      const after = await bench.open()
      await assertState(after, event.key, 'parked')
      await assertDuplicate(after, event)
      const { turns } = bench.consume(after, async () => done)
      await bench.eventually(() => assertGone(after, event.key))
      assertSameEvent(turns[0]?.attempt.event ?? event, event)
      assert.equal(turns.length, 1)
    },
  ),
]

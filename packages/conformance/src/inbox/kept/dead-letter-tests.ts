import assert from 'node:assert/strict'
import type { EventRecord, Inbox } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
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
} from '../steps/expectations.ts'
import {
  dead,
  done,
  noProgress,
  remembered,
  retryIn,
  sampleEvent,
  sampleEvents,
  sampleFailure,
  sampleProgress,
  wholeProgress,
} from '../steps/sample-event.ts'

/** Puts an event and lets a consumer fail it for good, at its second attempt. Then the consumer is stopped. */
async function makeDead(bench: Bench, inbox: Inbox, event: EventRecord): Promise<void> {
  const { consumer, turns } = bench.consume(inbox, async () => (turns.length === 1 ? retryIn(0) : dead()))
  await inbox.put(event, remembered)
  await bench.eventually(() => assertState(inbox, event.key, 'dead'))
  await bench.settled(consumer.stop(), 'stop')
}

export const deadLetterTests = [
  inboxTest(
    'I060',
    'MUST keep a dead letter with its body, failures, progress and attempt',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const failures = [sampleFailure, { handler: null, code: 'invalid_data', message: 'no id', at: 7 }]
      const { turns } = bench.consume(one, async () =>
        turns.length === 1 ? retryIn(0) : dead({ progress: sampleProgress, failures }),
      )
      await one.put(event, remembered)
      await bench.eventually(() => assertState(other, event.key, 'dead'))
      await bench.settle()
      assert.equal(turns.length, 2, 'a dead letter was handed out again')
      const kept = await keptEvent(other, event.key)
      assertSameEvent(kept, event)
      const { attempt, progress, dueAt } = kept
      assertSame({ attempt, progress, dueAt }, { attempt: 2, progress: sampleProgress, dueAt: null })
      assertSame(kept.failures, failures)
      await assertCounts(other, { dead: 1 })
      await assertDuplicate(other, event)
    },
  ),

  inboxTest(
    'I061',
    'MUST redrive a dead letter from attempt 1, without what succeeded before',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      await makeDead(bench, one, event)
      assert.equal(await other.redrive(event.key), true)
      await assertState(one, event.key, 'pending')
      await assertDuplicate(one, event)
      const { turns } = bench.consume(one, async () => done)
      await bench.eventually(() => assertGone(other, event.key))
      await bench.settle()
      assert.equal(turns.length, 1)
      const [turn] = turns
      assert.ok(turn)
      assertSameEvent(turn.attempt.event, event)
      assert.equal(turn.attempt.attempt, 1)
      assertSame(turn.attempt.progress, { completed: sampleProgress.completed, abandoned: [] })
      await assertDuplicate(one, event)
    },
  ),

  inboxTest('I062', 'MUST hand a redriven event to a consumer that is already there', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const event = sampleEvent()
    let verdict = dead()
    const { turns } = bench.consume(one, async () => verdict)
    await one.put(event, remembered)
    await bench.eventually(() => assertState(one, event.key, 'dead'))
    assert.equal(await other.redrive(event.key), true)
    await bench.eventually(() => assert.equal(turns.length, 2))
    await bench.eventually(() => assertState(one, event.key, 'dead'))
    verdict = done
    assert.equal(await other.redrive(event.key), true)
    await bench.eventually(() => assertGone(one, event.key))
    assert.deepEqual(
      turns.map(({ attempt }) => attempt.attempt),
      [1, 1, 1],
    )
  }),

  inboxTest('I063', 'MUST redrive a buried event', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent()
    const burial = { progress: sampleProgress, failures: [sampleFailure], ...remembered }
    await inbox.release(await claimed(inbox, event), noProgress, true)
    assert.equal(await inbox.bury(await claimed(inbox, event), event, burial), true)
    const { turns } = bench.consume(inbox, async () => done)
    await bench.settle()
    assert.equal(turns.length, 0, 'a buried event was handed out')
    assert.equal(await inbox.redrive(event.key), true)
    await bench.eventually(() => assertGone(inbox, event.key))
    const [turn] = turns
    assert.ok(turn)
    assertSameEvent(turn.attempt.event, event)
    assert.equal(turn.attempt.attempt, 1)
    assertSame(turn.attempt.progress, { completed: sampleProgress.completed, abandoned: [] })
  }),

  inboxTest('I064', 'MUST answer false to the redrive of what is not a dead letter', async (bench) => {
    const inbox = await bench.open()
    const gate = bench.gate()
    assert.equal(await inbox.redrive('acme:unknown'), false)
    const pending = sampleEvent({ id: 'pending', source: 'other' })
    await inbox.put(pending, remembered)
    const { turns } = bench.consume(inbox, async ({ event }) => {
      if (event.id === 'scheduled') return retryIn(24 * 60 * 60 * 1000)
      if (event.id === 'active') await gate.opened
      return done
    })
    const [scheduled, active, handled] = ['scheduled', 'active', 'handled'].map((id) => sampleEvent({ id }))
    assert.ok(scheduled && active && handled)
    for (const event of [scheduled, active, handled]) await inbox.put(event, remembered)
    await bench.eventually(() => assertState(inbox, scheduled.key, 'scheduled'))
    await bench.eventually(() => assertState(inbox, active.key, 'active'))
    await bench.eventually(() => assertGone(inbox, handled.key))
    for (const { key } of [pending, scheduled, active, handled])
      assert.equal(await inbox.redrive(key), false, key)
    await bench.settle()
    assert.equal(turns.length, 3)
    await assertCounts(inbox, { pending: 1, scheduled: 1, active: 1 })
  }),

  inboxTest('I065', 'MUST redrive a dead letter once, however many ask for it at a time', async (bench) => {
    const inboxes = await bench.openSeveral(4)
    const [inbox = await bench.open()] = inboxes
    for (const event of sampleEvents(3)) {
      await makeDead(bench, inbox, event)
      const race = Array.from({ length: 5 }, () => inboxes.map(async (racer) => racer.redrive(event.key)))
      const results = await Promise.all(race.flat())
      assert.equal(results.filter((redriven) => redriven).length, 1)
      const { turns, consumer } = bench.consume(inbox, async () => done)
      await bench.eventually(() => assertGone(inbox, event.key))
      await bench.settle()
      assert.equal(turns.length, 1)
      await bench.settled(consumer.stop(), 'stop')
    }
  }),
  inboxTest(
    'I066',
    'MUST keep which handlers of a redriven event succeeded and its history, and forget which wait or gave up',
    async (bench) => {
      const inbox = await bench.open()
      const event = sampleEvent()
      let verdict = dead({ progress: wholeProgress })
      const { turns } = bench.consume(inbox, async () => verdict)
      await inbox.put(event, remembered)
      await bench.eventually(() => assertState(inbox, event.key, 'dead'))
      verdict = done
      assert.equal(await inbox.redrive(event.key), true)
      await bench.eventually(() => assertGone(inbox, event.key))
      const { completed, history } = wholeProgress
      assertSame(turns[1]?.attempt.progress, { completed, abandoned: [], history })
      assert.equal(turns[1]?.attempt.attempt, 1)
      assert.equal(turns[1]?.attempt.interruptions, 0)
    },
  ),

  inboxTest(
    'I067',
    'MUST redrive a dead letter with again: true as if no handler had succeeded, under a replay id that stays the same',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      await makeDead(bench, one, event)
      assert.equal(await other.redrive(event.key, { again: true }), true)
      const { turns } = bench.consume(one, async ({ progress }) => dead({ progress }))
      await bench.eventually(() => assertState(other, event.key, 'dead'))
      assert.equal(await other.redrive(event.key), true)
      await bench.eventually(() => assert.equal(turns.length, 2))
      const [first, second] = turns.map(({ attempt }) => attempt.progress)
      assertSame(first?.completed, [])
      assert.equal(typeof first?.replay, 'string')
      assert.equal(second?.replay, first?.replay)
    },
  ),

  inboxTest(
    'I068',
    'MUST redrive a dead letter with force: true as one that may run out of order, and any other only as one that may not',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      await makeDead(bench, one, event)
      assert.equal(await other.redrive(event.key), true)
      const { turns } = bench.consume(one, async ({ progress }) => dead({ progress }))
      await bench.eventually(() => assertState(other, event.key, 'dead'))
      assert.equal(await other.redrive(event.key, { force: true }), true)
      await bench.eventually(() => assert.equal(turns.length, 2))
      assertSame(
        turns.map(({ attempt }) => attempt.progress.outOfOrder),
        [undefined, true],
      )
    },
  ),
]

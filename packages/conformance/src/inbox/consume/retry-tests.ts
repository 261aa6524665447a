import assert from 'node:assert/strict'
import type { Verdict } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import {
  assertCounts,
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
  park,
  remembered,
  retryIn,
  sampleEvent,
  sampleFailure,
  sampleProgress,
  wholeProgress,
} from '../steps/sample-event.ts'

const hourMs = 60 * 60 * 1000

export const retryTests = [
  inboxTest('I050', 'MUST hand an event out again after delayMs, and not before', async (bench) => {
    const inbox = await bench.open()
    const delayMs = 3 * bench.unitMs
    let retriedAt = Number.POSITIVE_INFINITY
    const { turns } = bench.consume(inbox, async () => {
      if (retriedAt < Number.POSITIVE_INFINITY) return done
      retriedAt = bench.now()
      return retryIn(delayMs)
    })
    const event = sampleEvent()
    await inbox.put(event, remembered)
    await bench.eventually(() => assertGone(inbox, event.key))
    const [, second] = turns
    assert.ok(second)
    const waitedMs = second.startedAt - retriedAt
    assert.ok(waitedMs >= delayMs - bench.toleranceMs, `handed out after ${waitedMs} of ${delayMs} ms`)
    assertSameEvent(second.attempt.event, event)
    assert.equal(turns.length, 2)
  }),

  inboxTest(
    'I051',
    'MUST show a scheduled event with its failures, its progress and when it is due',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      let retriedAt = 0
      const { turns } = bench.consume(one, async () => {
        retriedAt = bench.now()
        return retryIn(hourMs, { progress: sampleProgress })
      })
      await one.put(event, remembered)
      await bench.eventually(() => assertState(other, event.key, 'scheduled'))
      const { failures, progress, dueAt } = await keptEvent(other, event.key)
      assertSame({ failures, progress }, { failures: [sampleFailure], progress: sampleProgress })
      assert.ok(dueAt)
      assert.ok(
        dueAt >= retriedAt + hourMs - bench.toleranceMs,
        `due ${dueAt - retriedAt} ms after the verdict`,
      )
      assert.ok(dueAt <= bench.now() + hourMs + bench.toleranceMs, `due ${dueAt - bench.now()} ms from now`)
      await assertCounts(other, { scheduled: 1 })
      await bench.settle()
      assert.equal(turns.length, 1)
    },
  ),

  inboxTest('I052', 'MUST count an attempt only if the verdict says that it counts', async (bench) => {
    const inbox = await bench.open()
    const verdicts: Verdict[] = [true, false, true, false].map((attemptUsed) => retryIn(0, { attemptUsed }))
    const { turns } = bench.consume(inbox, async () => verdicts.shift() ?? done)
    await inbox.put(sampleEvent(), remembered)
    await bench.eventually(() => assertGone(inbox, sampleEvent().key))
    assert.deepEqual(
      turns.map(({ attempt }) => attempt.attempt),
      [1, 2, 2, 3, 3],
    )
    assert.deepEqual(
      turns.map(({ attempt }) => attempt.interruptions),
      [0, 0, 0, 0, 0],
    )
  }),

  inboxTest('I053', 'MUST carry the progress of one attempt to the next', async (bench) => {
    const inbox = await bench.open()
    const steps = [{ completed: ['first'], abandoned: [] }, sampleProgress]
    const verdicts = steps.map((progress) => retryIn(0, { progress }))
    const { turns } = bench.consume(inbox, async () => verdicts.shift() ?? done)
    await inbox.put(sampleEvent(), remembered)
    await bench.eventually(() => assertGone(inbox, sampleEvent().key))
    assertSame(
      turns.map(({ attempt }) => attempt.progress),
      [noProgress, ...steps],
    )
  }),

  inboxTest('I054', 'MUST handle other events while one waits for its retry', async (bench) => {
    const inbox = await bench.open()
    bench.consume(inbox, async ({ event }) => (event.id === 'waiting' ? retryIn(hourMs) : done), {
      concurrency: 1,
    })
    const [waiting, next] = [sampleEvent({ id: 'waiting' }), sampleEvent({ id: 'next' })]
    await inbox.put(waiting, remembered)
    await bench.eventually(() => assertState(inbox, waiting.key, 'scheduled'))
    await inbox.put(next, remembered)
    await bench.eventually(() => assertGone(inbox, next.key))
    await assertState(inbox, waiting.key, 'scheduled')
  }),

  inboxTest('I055', 'MUST hand a due retry to whichever consumer is there', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const event = sampleEvent()
    const first = bench.consume(one, async () => retryIn(2 * bench.unitMs, { progress: sampleProgress }))
    await one.put(event, remembered)
    await bench.eventually(() => assert.equal(first.turns.length, 1))
    await bench.settled(first.consumer.stop(), 'stop')
    const second = bench.consume(other, async () => done)
    await bench.eventually(() => assertGone(other, event.key))
    assert.equal(second.turns[0]?.attempt.attempt, first.turns.length + 1)
    assertSame(second.turns[0]?.attempt.progress, sampleProgress)
  }),
  inboxTest(
    'I056',
    'MUST keep the progress of each handler whole: attempts, waits and history, through every state',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const verdicts: Verdict[] = [
        retryIn(0, { progress: wholeProgress }),
        park(wholeProgress),
        dead({ progress: wholeProgress }),
      ]
      const seesOthers = { wanted: () => ({ types: [], others: 'hand-out' as const }) }
      const first = bench.consume(one, async () => verdicts.shift() ?? done, seesOthers)
      await one.put(event, remembered)
      await bench.eventually(() => assertState(other, event.key, 'parked'))
      assertSame((await keptEvent(other, event.key)).progress, wholeProgress, 'parked')
      assertSame((await other.list()).items[0]?.progress, wholeProgress, 'listed')
      await bench.settled(first.consumer.stop(), 'stop')
      const second = bench.consume(other, async ({ checkpoint }) => {
        await checkpoint(noProgress)
        return verdicts.shift() ?? done
      })
      await bench.eventually(() => assertState(one, event.key, 'dead'))
      assertSame((await keptEvent(one, event.key)).progress, wholeProgress, 'dead')
      assertSame(
        [...first.attempts, ...second.attempts].map(({ progress }) => progress),
        [noProgress, wholeProgress, wholeProgress],
      )
    },
  ),

  inboxTest(
    'I057',
    'MUST keep which attempt it is, and why the last one failed, while it keeps its progress',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const event = sampleEvent()
      const recorded = bench.consume(inbox, async ({ attempt, checkpoint }) => {
        if (attempt === 1) return retryIn(0, { failures: [sampleFailure] })
        await checkpoint(sampleProgress)
        await gate.opened
        return done
      })
      await inbox.put(event, remembered)
      await bench.eventually(() => assert.equal(recorded.turns.length, 2))
      await bench.eventually(async () =>
        assertSame((await keptEvent(inbox, event.key)).progress, sampleProgress, 'the progress was not kept'),
      )
      const { attempt, failures } = await keptEvent(inbox, event.key)
      assertSame({ attempt, failures }, { attempt: 2, failures: [sampleFailure] })
    },
  ),
]

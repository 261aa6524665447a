import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { claimed, leaseActions } from '../steps/claimed.ts'
import {
  assertCounts,
  assertDuplicate,
  assertSame,
  assertSameEvent,
  keptEvent,
} from '../steps/expectations.ts'
import {
  noProgress,
  remembered,
  sampleEvent,
  sampleEvents,
  sampleFailure,
  sampleProgress,
} from '../steps/sample-event.ts'

export const settleLeaseTests = [
  inboxTest(
    'I035',
    'MUST grant the next claim after a release, with its progress and attempt',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const first = await claimed(one, event)
      assert.equal(await one.release(first, sampleProgress, true), true)
      const second = await claimed(other, event)
      assert.equal(second.attempt, 2)
      assertSame(second.progress, sampleProgress)
      assert.notEqual(second.token, first.token)
      assert.equal(
        await other.release(second, { ...sampleProgress, completed: ['first', 'third'] }, false),
        true,
      )
      const third = await claimed(one, event)
      assert.equal(third.attempt, 2, 'an attempt that was not used keeps its number')
      assertSame(third.progress, { ...sampleProgress, completed: ['first', 'third'] })
    },
  ),

  inboxTest('I036', 'MUST keep progress and attempt over a lease that ran out', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const event = sampleEvent()
    await one.release(await claimed(one, event), sampleProgress, true)
    const lost = await claimed(one, event, { leaseMs: bench.unitMs })
    await bench.pass(bench.unitMs)
    const next = await claimed(other, event)
    assert.equal(next.attempt, 2)
    assertSame(next.progress, sampleProgress)
    assert.notEqual(next.token, lost.token)
  }),

  inboxTest(
    'I037',
    'MUST keep a buried event as a dead letter, with all that is known of it',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      await one.release(await claimed(one, event), noProgress, true)
      const lease = await claimed(one, event)
      const burial = { progress: sampleProgress, failures: [sampleFailure], ...remembered }
      assert.equal(await one.bury(lease, event, burial), true)
      const kept = await keptEvent(other, event.key)
      assertSameEvent(kept, event)
      const { state, attempt, progress, failures, dueAt } = kept
      assertSame(
        { state, attempt, progress, failures, dueAt },
        { state: 'dead', attempt: 2, progress: sampleProgress, failures: [sampleFailure], dueAt: null },
      )
      await assertCounts(other, { dead: 1 })
      await assertDuplicate(other, event)
    },
  ),

  inboxTest(
    'I038',
    'MUST let one of 20 racing calls settle a lease, and refuse the others',
    async (bench) => {
      const inboxes = await bench.openSeveral(4)
      const [inbox = await bench.open()] = inboxes
      for (const event of sampleEvents(3)) {
        const lease = await claimed(inbox, event)
        const race = Array.from({ length: 5 }, () =>
          inboxes.map(async (racer, turn) =>
            (turn % 2 ? leaseActions.bury : leaseActions.confirm)(racer, lease, event),
          ),
        )
        const results = await Promise.all(race.flat())
        assert.equal(results.filter((settled) => settled).length, 1)
        await assertDuplicate(inbox, event)
      }
    },
  ),

  inboxTest(
    'I039',
    'MUST keep progress and attempt as long as the claim said, however short the lease was renewed',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = await bench.withinWindow(async (windowMs) => {
        const event = sampleEvent({ id: `renewed_${windowMs}` })
        const lease = await claimed(one, event)
        assert.equal(await one.renew(lease, windowMs), true)
        assert.equal(await one.release(lease, sampleProgress, true), true)
        await bench.pass(windowMs)
        return event
      })
      await other.put(sampleEvent({ id: 'later' }), remembered) // so that forgotten keys are deleted
      const next = await claimed(other, event)
      assert.equal(next.attempt, 2)
      assertSame(next.progress, sampleProgress)
    },
  ),
]

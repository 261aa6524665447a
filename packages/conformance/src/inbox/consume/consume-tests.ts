import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertCounts, assertGone, assertSame, assertSameEvent, assertState } from '../steps/expectations.ts'
import { done, noProgress, remembered, sampleEvent, sampleEvents } from '../steps/sample-event.ts'

export const consumeTests = [
  inboxTest(
    'I040',
    'MUST hand out events that were put before and after consume began, and delete them when they are done',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const [before, after] = [sampleEvent({ id: 'before' }), sampleEvent({ id: 'after' })]
      await one.put(before, remembered)
      const { turns } = bench.consume(other, async () => done)
      await bench.eventually(() => assert.equal(turns.length, 1))
      await one.put(after, remembered)
      await bench.eventually(() => assert.equal(turns.length, 2))
      for (const [index, event] of [before, after].entries()) {
        const attempt = turns[index]?.attempt
        assert.ok(attempt)
        assertSameEvent(attempt.event, event)
        assert.equal(attempt.attempt, 1)
        assert.equal(attempt.interruptions, 0)
        assertSame(attempt.progress, noProgress)
        await bench.eventually(() => assertGone(one, event.key))
        assert.ok(!attempt.signal?.aborted)
      }
    },
  ),

  inboxTest('I041', 'MUST hand each of 100 events out once, to one of two consumers', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const consumers = [one, other].map((inbox) => bench.consume(inbox, async () => done))
    const events = sampleEvents(100)
    await Promise.all(events.map(async (event, index) => (index % 2 ? one : other).put(event, remembered)))
    await bench.eventually(() => assertCounts(one, {}))
    await bench.settle()
    const ids = consumers.flatMap((consumer) => consumer.ids)
    assert.deepEqual(ids.sort(), events.map(({ id }) => id).sort())
  }),

  inboxTest(
    'I042',
    'MUST handle as many events at once as `concurrency` says, and no more',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      for (const event of sampleEvents(10)) await inbox.put(event, remembered)
      const recorded = bench.consume(
        inbox,
        async () => {
          await gate.opened
          return done
        },
        { concurrency: 3 },
      )
      await bench.eventually(() => assert.equal(recorded.active, 3))
      await bench.settle()
      await assertCounts(inbox, { active: 3, pending: 7 })
      gate.open()
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.equal(recorded.turns.length, 10)
      assert.equal(recorded.mostActive, 3)
    },
  ),

  inboxTest(
    'I043',
    'MUST hand out events of the source that was asked for, and of no other',
    async (bench) => {
      const inbox = await bench.open()
      const [acme, other] = [sampleEvent({ source: 'acme' }), sampleEvent({ source: 'other' })]
      const ofAcme = bench.consume(inbox, async () => done, { source: 'acme' })
      await inbox.put(other, remembered)
      await inbox.put(acme, remembered)
      await bench.eventually(() => assertGone(inbox, acme.key))
      await bench.settle()
      assert.deepEqual(
        ofAcme.attempts.map(({ event }) => event.key),
        [acme.key],
      )
      await assertState(inbox, other.key, 'pending')
      const ofOther = bench.consume(inbox, async () => done, { source: 'other' })
      await bench.eventually(() => assertGone(inbox, other.key))
      assert.deepEqual(
        ofOther.attempts.map(({ event }) => event.key),
        [other.key],
      )
    },
  ),
]

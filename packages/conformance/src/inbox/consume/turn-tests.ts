import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertCounts, assertGone, assertSame, assertSameEvent, keptEvent } from '../steps/expectations.ts'
import {
  done,
  remembered,
  retryIn,
  sampleEvent,
  sampleEvents,
  sampleProgress,
} from '../steps/sample-event.ts'

export const turnTests = [
  inboxTest(
    'I044',
    'MUST keep an event, as `active`, until its work has come to a verdict',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const gate = bench.gate()
      const event = sampleEvent()
      const { turns } = bench.consume(one, async () => {
        await gate.opened
        return done
      })
      await one.put(event, remembered)
      await bench.eventually(() => assert.equal(turns.length, 1))
      await bench.settle()
      const kept = await keptEvent(other, event.key)
      assert.equal(kept.state, 'active')
      assertSameEvent(kept, event)
      assert.equal(kept.dueAt, null)
      await assertCounts(other, { active: 1 })
      gate.open()
      await bench.eventually(() => assertGone(other, event.key))
      assert.equal(turns.length, 1)
    },
  ),

  inboxTest('I045', 'MUST keep progress at once at a checkpoint', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const [checkpoint, gate] = [bench.gate(), bench.gate()]
    const event = sampleEvent()
    const { turns } = bench.consume(one, async (attempt) => {
      if (turns.length > 1) return done
      await attempt.checkpoint({ completed: ['first'], abandoned: [] })
      await attempt.checkpoint(sampleProgress)
      checkpoint.open()
      await gate.opened
      return retryIn(0, { progress: { ...sampleProgress, completed: ['first', 'third'] } })
    })
    await one.put(event, remembered)
    await bench.settled(checkpoint.opened, 'the checkpoint')
    assertSame((await keptEvent(other, event.key)).progress, sampleProgress)
    gate.open()
    await bench.eventually(() => assertGone(other, event.key))
    assertSame(turns[1]?.attempt.progress, { ...sampleProgress, completed: ['first', 'third'] })
  }),

  inboxTest(
    'I046',
    'MUST be idle when nothing is due or being handled, even if retries are scheduled',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const { consumer, turns } = bench.consume(
        inbox,
        async ({ event }) => {
          if (event.id === 'retried') return retryIn(24 * 60 * 60 * 1000)
          await gate.opened
          return done
        },
        { concurrency: 2 },
      )
      for (const id of ['retried', 'one', 'two', 'three']) await inbox.put(sampleEvent({ id }), remembered)
      let idle = false
      const whenIdle = consumer.idle().then(() => {
        idle = true
      })
      await bench.eventually(() => assert.equal(turns.length, 3))
      await bench.settle()
      assert.equal(idle, false, 'idle resolved while events were being handled')
      gate.open()
      await bench.settled(whenIdle, 'idle')
      assert.equal(turns.length, 4, 'idle resolved while an event was due')
      await assertCounts(inbox, { scheduled: 1 })
      await bench.settled(consumer.idle(), 'idle')
    },
  ),

  inboxTest(
    'I047',
    'MUST hand nothing out while `isPaused` answers true, be idle then, and go on at once when `wake` says that it is over',
    async (bench) => {
      const inbox = await bench.open()
      let isPaused = true
      const options = { isPaused: () => isPaused }
      const { consumer, turns } = bench.consume(inbox, async () => done, options)
      for (const [index, event] of sampleEvents(3).entries()) {
        await inbox.put(event, remembered)
        consumer.wake()
        await bench.settle()
        assert.equal(turns.length, index, 'it was handed out in a pause')
        await bench.settled(consumer.idle(), 'idle')
        await assertCounts(inbox, { pending: 1 })
        isPaused = false
        consumer.wake()
        await bench.atOnce(() => assertGone(inbox, event.key))
        isPaused = true
      }
      assert.equal(turns.length, 3)
    },
  ),
]

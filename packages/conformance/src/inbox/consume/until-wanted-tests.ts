import assert from 'node:assert/strict'
import type { ConsumeOptions } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertCounts, assertSame, assertState, keptEvent } from '../steps/expectations.ts'
import {
  done,
  longMs,
  park,
  remembered,
  retryIn,
  sampleEvent,
  sampleProgress,
} from '../steps/sample-event.ts'

const type = 'order.cancelled'
const handlesCancelled: Partial<ConsumeOptions> = { wanted: () => ({ types: [type], others: 'park' }) }
const seesOthers: Partial<ConsumeOptions> = { wanted: () => ({ types: ['order.paid'], others: 'hand-out' }) }

export const untilWantedTests = [
  inboxTest(
    'I143',
    'MUST hand out an event that waits for a handler at once to a consumer that has one, and to others when it is due',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const [soon, late] = [sampleEvent({ id: 'soon', type }), sampleEvent({ id: 'late', type })]
      const first = bench.consume(
        one,
        async ({ event, attempt }) => {
          if (attempt > 1) return park(sampleProgress)
          const delayMs = event.id === 'soon' ? 2 * bench.unitMs : longMs
          return retryIn(delayMs, { progress: sampleProgress, untilWanted: true })
        },
        seesOthers,
      )
      for (const event of [soon, late]) await one.put(event, remembered)
      await bench.eventually(() => assertState(other, late.key, 'scheduled'))
      assertSame((await keptEvent(other, late.key)).progress, sampleProgress)
      await bench.eventually(() => assertState(other, soon.key, 'parked'))
      assert.deepEqual([...first.ids].sort(), ['late', 'soon', 'soon'], 'it was handed out before its time')
      const gate = bench.gate()
      const second = bench.consume(
        other,
        async ({ event }) => {
          await gate.opened
          return event.id === 'late' ? retryIn(longMs) : done
        },
        handlesCancelled,
      )
      await bench.eventually(() => assert.deepEqual([...second.ids].sort(), ['late', 'soon']))
      const third = bench.consume(one, async () => done, handlesCancelled)
      await bench.settle()
      assert.deepEqual(third.ids, [], 'it was handed out to two that have a handler')
      await bench.settled(third.consumer.stop(), 'stop')
      gate.open()
      const turn = second.turns.find(({ attempt }) => attempt.event.id === 'late')
      assertSame(turn?.attempt.progress, sampleProgress)
      assert.equal(turn?.attempt.attempt, 2)
      second.consumer.wake()
      await bench.settle()
      assert.equal(second.turns.length, 2, 'a wait that is not for a new handler was cut short')
      await bench.eventually(() => assertCounts(one, { scheduled: 1 }))
    },
  ),

  inboxTest(
    'I144',
    'MUST NOT hand out a scheduled event at its time if it was parked or discarded before',
    async (bench) => {
      const inbox = await bench.open()
      const [handed, discarded] = [
        sampleEvent({ id: 'handed', type }),
        sampleEvent({ id: 'discarded', type }),
      ]
      const first = bench.consume(
        inbox,
        async () => retryIn(3 * bench.unitMs, { untilWanted: true }),
        seesOthers,
      )
      for (const event of [handed, discarded]) await inbox.put(event, remembered)
      for (const { key } of [handed, discarded])
        await bench.eventually(() => assertState(inbox, key, 'scheduled'))
      await bench.settled(first.consumer.stop(), 'stop')
      assert.equal(await inbox.discard(discarded.key), true)
      const second = bench.consume(inbox, async () => done, handlesCancelled)
      await bench.eventually(() => assertCounts(inbox, {}))
      await bench.pass(4 * bench.unitMs)
      await bench.settle()
      assert.deepEqual(second.ids, ['handed'])
    },
  ),
]

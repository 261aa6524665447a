import assert from 'node:assert/strict'
import type { Verdict } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertCounts, assertGone, assertSame, assertState, keptEvent } from '../steps/expectations.ts'
import {
  dead,
  done,
  longMs,
  remembered,
  retryIn,
  sampleEvent,
  sampleEvents,
  sampleProgress,
} from '../steps/sample-event.ts'

export const ownTurnTests = [
  inboxTest(
    'I160',
    'MUST NOT hand out an event whose handler still runs in the process, and go on with others',
    async (bench) => {
      const inbox = await bench.open()
      const [running, next] = [sampleEvent({ id: 'running' }), sampleEvent({ id: 'next' })]
      const keys = new Set([running.key])
      const recorded = bench.consume(inbox, async () => done, { running: () => keys })
      for (const event of [running, next]) await inbox.put(event, remembered)
      await bench.eventually(() => assertGone(inbox, next.key))
      await bench.settle()
      assert.deepEqual(recorded.ids, ['next'])
      assert.notEqual((await keptEvent(inbox, running.key)).state, 'active')
      keys.clear()
      recorded.consumer.wake()
      await bench.eventually(() => assertGone(inbox, running.key))
      assert.deepEqual(recorded.ids, ['next', 'running'])
    },
  ),

  inboxTest(
    'I161',
    'MUST NOT take an event again that it is handling, even if the lease has run out',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const recorded = bench.consume(inbox, async () => {
        await gate.opened
        return done
      })
      for (const event of sampleEvents(3)) await inbox.put(event, remembered)
      await bench.eventually(() => assert.equal(recorded.turns.length, 3))
      await bench.expireLeases()
      recorded.consumer.wake()
      await inbox.put(sampleEvent({ id: 'later' }), remembered)
      await bench.eventually(() => assert.ok(recorded.ids.includes('later')))
      await bench.settle()
      gate.open()
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.equal(recorded.turns.length, 4, 'an event was handed out while it was being handled')
    },
  ),

  inboxTest(
    'I162',
    'MUST accept a verdict however late it comes, as long as nobody else has the event',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const events = ['done', 'dead'].map((id) => sampleEvent({ id }))
      const recorded = bench.consume(inbox, async ({ event, checkpoint }) => {
        await gate.opened
        await checkpoint(sampleProgress)
        return event.id === 'dead' ? dead() : done
      })
      for (const event of events) await inbox.put(event, remembered)
      await bench.eventually(() => assert.equal(recorded.turns.length, 2))
      const stopping = recorded.consumer.stop()
      await bench.expireLeases()
      gate.open()
      await bench.settled(stopping, 'stop')
      await bench.eventually(() => assertCounts(inbox, { dead: 1 }))
      await assertState(inbox, sampleEvent({ id: 'dead' }).key, 'dead')
      assertSame((await keptEvent(inbox, sampleEvent({ id: 'dead' }).key)).progress, sampleProgress)
      assert.ok(recorded.attempts.every(({ signal }) => !signal?.aborted))
    },
  ),

  inboxTest(
    'I163',
    'MUST accept a verdict and a renewal even if a consumer without a handler parked the event meanwhile',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const events = ['done', 'dead', 'retry'].map((id) => sampleEvent({ id }))
      const verdicts: Record<string, Verdict> = { dead: dead(), retry: retryIn(longMs) }
      const recorded = bench.consume(inbox, async ({ event }) => {
        await gate.opened
        return verdicts[event.id] ?? done
      })
      for (const event of events) await inbox.put(event, remembered)
      await bench.eventually(() => assert.equal(recorded.turns.length, 3))
      const stopping = recorded.consumer.stop()
      await bench.expireLeases()
      const other = bench.consume(await bench.open(), async () => done, {
        wanted: () => ({ types: ['order.cancelled'], others: 'park' }),
      })
      await bench.settle()
      gate.open()
      await bench.settled(stopping, 'stop')
      await bench.eventually(() => assertCounts(inbox, { dead: 1, scheduled: 1 }))
      const taker = bench.consume(await bench.open(), async () => done)
      await bench.settle()
      assert.equal(taker.turns.length + other.turns.length, 0, 'a verdict was ignored')
      assert.ok(recorded.attempts.every(({ signal }) => !signal?.aborted))
    },
  ),

  inboxTest(
    'I164',
    'MUST hold an event again once its lease is renewed, even if a consumer without a handler parked it meanwhile',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const event = sampleEvent()
      const holder = bench.consume(inbox, async () => {
        await gate.opened
        return done
      })
      await inbox.put(event, remembered)
      await bench.eventually(() => assert.equal(holder.turns.length, 1))
      const other = bench.consume(await bench.open(), async () => done, {
        wanted: () => ({ types: ['order.cancelled'], others: 'park' }),
      })
      await bench.eventually(async () => {
        await bench.expireLeases()
        other.consumer.wake()
        await assertState(inbox, event.key, 'parked')
      })
      await bench.eventually(() => assertState(inbox, event.key, 'active'))
      const taker = bench.consume(await bench.open(), async () => done)
      await bench.settle()
      assert.equal(
        taker.turns.length + other.turns.length,
        0,
        'an event was handed out while it was being handled',
      )
      gate.open()
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.equal(holder.turns.length, 1)
    },
  ),

  inboxTest(
    'I165',
    'MUST hand out what is parked, though an older event that is parked still runs in the process',
    async (bench) => {
      const inbox = await bench.open()
      const [running, next] = [sampleEvent({ id: 'running' }), sampleEvent({ id: 'next' })]
      const without = bench.consume(await bench.open(), async () => done, {
        wanted: () => ({ types: ['order.cancelled'], others: 'park' }),
      })
      for (const event of [running, next]) {
        await inbox.put(event, remembered)
        await bench.eventually(() => assertState(inbox, event.key, 'parked'))
      }
      const keys = new Set([running.key])
      const recorded = bench.consume(inbox, async () => done, { concurrency: 1, running: () => keys })
      await bench.eventually(() => assertGone(inbox, next.key))
      await bench.settle()
      assert.deepEqual(recorded.ids, ['next'])
      keys.clear()
      recorded.consumer.wake()
      await bench.eventually(() => assertGone(inbox, running.key))
      assert.deepEqual([recorded.ids, without.ids], [['next', 'running'], []])
    },
  ),
]

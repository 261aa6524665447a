import assert from 'node:assert/strict'
import type { EventRecord, Failure } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertGone, assertSame, assertState, keptEvent } from '../steps/expectations.ts'
import { dead, done, remembered, sampleEvent, sampleEvents } from '../steps/sample-event.ts'

/** A value that no store can write: it is not a string, and has no JSON. Core turns what handlers throw into text, but a store must not rely on that. */
const unwritable = 10n as unknown as string

/** An inbox that collects several calls into one step must only let the call fail that can't be written. */
export const badMemberTests = [
  inboxTest('I180', 'MUST NOT fail other puts because one put can not be stored', async (bench) => {
    const inbox = await bench.open()
    const bad: EventRecord = {
      ...sampleEvent({ id: 'bad' }),
      request: { url: '/', headers: { 'x-bad': unwritable } },
    }
    const events = sampleEvents(9)
    const puts = await Promise.allSettled(
      [...events.slice(0, 4), bad, ...events.slice(4)].map(async (event) => inbox.put(event, remembered)),
    )
    const accepted = puts.filter((put) => put.status === 'fulfilled' && put.value.outcome === 'accepted')
    const isBadHeld = puts[4]?.status === 'fulfilled'
    assert.equal(accepted.length, isBadHeld ? 10 : 9)
    for (const { key } of events) await assertState(inbox, key, 'pending')
    if (!isBadHeld) {
      await assertGone(inbox, bad.key)
      assertSame(
        await inbox.put(sampleEvent({ id: 'bad' }), remembered),
        { outcome: 'accepted' },
        'put again',
      )
    }
  }),

  inboxTest(
    'I181',
    'MUST store other verdicts when one can not be stored, and not lose the event of that one',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const failure: Failure = { handler: null, code: 'error', message: unwritable, at: 0 }
      const recorded = bench.consume(
        inbox,
        async ({ event }) => {
          await gate.opened
          return event.id === 'evt_4' ? dead({ failures: [failure] }) : done
        },
        { concurrency: 8 },
      )
      const events = sampleEvents(8)
      for (const event of events) await inbox.put(event, remembered)
      await bench.eventually(() => assert.equal(recorded.turns.length, 8))
      gate.open()
      for (const { key, id } of events)
        if (id !== 'evt_4') await bench.eventually(() => assertGone(inbox, key))
      await keptEvent(inbox, sampleEvent({ id: 'evt_4' }).key)
      await inbox.put(sampleEvent({ id: 'later' }), remembered)
      await bench.eventually(() => assertGone(inbox, sampleEvent({ id: 'later' }).key))
      assert.equal(recorded.turns.length, 9, 'an event was handed out again')
      const { active, dead: buried } = await inbox.counts()
      assert.equal(active + buried, 1)
    },
  ),
]

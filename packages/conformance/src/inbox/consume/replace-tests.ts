import assert from 'node:assert/strict'
import type { EventRecord, Inbox, Verdict } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import {
  assertCounts,
  assertDuplicate,
  assertGone,
  assertSameEvent,
  assertState,
  keptEvent,
} from '../steps/expectations.ts'
import { done, longMs, remembered, sampleEvent, sampleFailure } from '../steps/sample-event.ts'

const unreadable = sampleEvent({ id: 'digest', type: 'unreadable', unreadable: true })
const readable = sampleEvent({ id: 'evt_1' })

/** Keeps the unreadable event, and redrives it with a consumer that can read it. */
async function replaceWith(bench: Bench, inbox: Inbox, event: EventRecord): Promise<string[]> {
  await inbox.put(unreadable, { ...remembered, failure: sampleFailure })
  const replace: Verdict = { outcome: 'replace', event, rememberMs: longMs }
  const recorded = bench.consume(inbox, async (attempt) => (attempt.event.unreadable ? replace : done))
  assert.equal(await inbox.redrive(unreadable.key), true)
  await bench.eventually(() => assertGone(inbox, unreadable.key))
  await bench.settled(recorded.consumer.idle(), 'idle')
  await bench.settled(recorded.consumer.stop(), 'stop')
  return recorded.ids
}

export const replaceTests = [
  inboxTest(
    'I140',
    'MUST replace an unreadable event by the events that were read from it',
    async (bench) => {
      const [inbox, other] = [await bench.open(), await bench.open()]
      assert.deepEqual(await replaceWith(bench, inbox, readable), ['digest', 'evt_1'])
      await assertCounts(other, {})
      await assertDuplicate(other, readable)
      await assertDuplicate(other, unreadable)
    },
  ),

  inboxTest('I141', 'MUST NOT replace an unreadable event by one that is already known', async (bench) => {
    const inbox = await bench.open()
    await inbox.put(readable, remembered)
    assert.equal(await inbox.discard(readable.key), true)
    assert.deepEqual(await replaceWith(bench, inbox, readable), ['digest'])
    await assertCounts(inbox, {})
  }),

  inboxTest(
    'I142',
    'MUST NOT change an event that is already kept under the key that was read',
    async (bench) => {
      const inbox = await bench.open()
      await inbox.put(readable, { ...remembered, failure: sampleFailure })
      assert.deepEqual(await replaceWith(bench, inbox, { ...readable, rawBody: Buffer.from('another') }), [
        'digest',
      ])
      await assertState(inbox, readable.key, 'dead')
      assertSameEvent(await keptEvent(inbox, readable.key), readable)
    },
  ),
]

import assert from 'node:assert/strict'
import type { EventRecord, Inbox, Verdict } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import type { RecordedConsumer } from '../bench/recorded-consumer.ts'
import { assertLost, claimed } from '../steps/claimed.ts'
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
  done,
  longMs,
  remembered,
  sampleEvent,
  sampleFailure,
  sampleProgress,
} from '../steps/sample-event.ts'

const unreadable = sampleEvent({ id: 'digest', type: 'unreadable', unreadable: true })
const readable = sampleEvent({ id: 'evt_1' })

/** Keeps the unreadable event, and redrives it with a consumer that can read it. */
async function replaceWith(bench: Bench, inbox: Inbox, event: EventRecord): Promise<RecordedConsumer> {
  await inbox.put(unreadable, { ...remembered, failure: sampleFailure })
  const replace: Verdict = { outcome: 'replace', event, rememberMs: longMs }
  const recorded = bench.consume(inbox, async (attempt) => (attempt.event.unreadable ? replace : done))
  assert.equal(await inbox.redrive(unreadable.key), true)
  await bench.eventually(() => assertGone(inbox, unreadable.key))
  await bench.settled(recorded.consumer.idle(), 'idle')
  await bench.settled(recorded.consumer.stop(), 'stop')
  return recorded
}

export const replaceTests = [
  inboxTest(
    'I140',
    'MUST replace an unreadable event by the events that were read from it',
    async (bench) => {
      const [inbox, other] = [await bench.open(), await bench.open()]
      assert.deepEqual((await replaceWith(bench, inbox, readable)).ids, ['digest', 'evt_1'])
      await assertCounts(other, {})
      await assertDuplicate(other, readable)
      await assertDuplicate(other, unreadable)
    },
  ),

  inboxTest('I141', 'MUST NOT replace an unreadable event by one that is already known', async (bench) => {
    const inbox = await bench.open()
    await inbox.put(readable, remembered)
    assert.equal(await inbox.discard(readable.key), true)
    assert.deepEqual((await replaceWith(bench, inbox, readable)).ids, ['digest'])
    await assertCounts(inbox, {})
  }),

  inboxTest(
    'I142',
    'MUST NOT change an event that is already kept under the key that was read',
    async (bench) => {
      const inbox = await bench.open()
      await inbox.put(readable, { ...remembered, failure: sampleFailure })
      const { ids } = await replaceWith(bench, inbox, { ...readable, rawBody: Buffer.from('another') })
      assert.deepEqual(ids, ['digest'])
      await assertState(inbox, readable.key, 'dead')
      assertSameEvent(await keptEvent(inbox, readable.key), readable)
    },
  ),
]

export const replaceClaimedTests = [
  inboxTest(
    'I146',
    'MUST hand out what was read from an unreadable event with the progress of a claim on it, which is lost',
    async (bench) => {
      const inbox = await bench.open()
      await inbox.release(await claimed(inbox, readable), sampleProgress, true)
      const lease = await claimed(inbox, readable)
      const { attempts } = await replaceWith(bench, inbox, readable)
      assert.equal(attempts.length, 2)
      assertSame(attempts[1]?.progress, sampleProgress)
      await assertLost(inbox, lease, readable)
    },
  ),
]

import assert from 'node:assert/strict'
import type { EventRecord, Inbox } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import { claimed } from '../steps/claimed.ts'
import { assertDuplicate, assertGone, assertSame, assertState } from '../steps/expectations.ts'
import { dead, done, longMs, remembered, retryIn, sampleEvent } from '../steps/sample-event.ts'

const accepted = { outcome: 'accepted' }

/** Checks that a key that `takeOn` has taken on and finished is a duplicate up to `rememberMs`, and new after that. */
async function checkEdge(
  bench: Bench,
  inbox: Inbox,
  takeOn: (event: EventRecord, rememberMs: number) => Promise<void>,
): Promise<void> {
  let round = 0
  const { event, forgottenAt } = await bench.withinWindow(async (rememberMs) => {
    const event = sampleEvent({ id: `evt_${++round}` })
    const startedAt = bench.now()
    await takeOn(event, rememberMs)
    const takenOnAt = bench.now()
    await bench.passUntilJustBefore(startedAt + rememberMs)
    await assertDuplicate(inbox, event)
    return { event, forgottenAt: takenOnAt + rememberMs }
  })
  await bench.passUntil(forgottenAt)
  assertSame(await inbox.put(event, remembered), accepted, 'the key is still remembered after rememberMs')
}

export const expiryTests = [
  inboxTest(
    'I010',
    'MUST remember the key of a discarded event for rememberMs, and not at rememberMs',
    async (bench) => {
      const inbox = await bench.open()
      await checkEdge(bench, inbox, async (event, rememberMs) => {
        assertSame(await inbox.put(event, { rememberMs }), accepted)
        assert.equal(await inbox.discard(event.key), true)
      })
    },
  ),

  inboxTest(
    'I011',
    'MUST remember the key of a handled event for rememberMs, and not at rememberMs',
    async (bench) => {
      const inbox = await bench.open()
      bench.consume(inbox, async () => done)
      await checkEdge(bench, inbox, async (event, rememberMs) => {
        assertSame(await inbox.put(event, { rememberMs }), accepted)
        await bench.eventually(() => assertGone(inbox, event.key))
      })
    },
  ),

  inboxTest(
    'I012',
    'MUST remember the key of a confirmed event for rememberMs, and not at rememberMs',
    async (bench) => {
      const inbox = await bench.open()
      await checkEdge(bench, inbox, async (event, rememberMs) => {
        const lease = await claimed(inbox, event)
        assert.equal(await inbox.confirm(lease, event, { rememberMs }), true)
      })
    },
  ),

  inboxTest(
    'I013',
    'MUST count rememberMs from the acceptance: a duplicate does not prolong it',
    async (bench) => {
      const inbox = await bench.open()
      const event = sampleEvent()
      await inbox.put(event, { rememberMs: 5 * bench.unitMs })
      const acceptedAt = bench.now()
      await inbox.discard(event.key)
      await inbox.put(event, { rememberMs: longMs })
      await inbox.claim(event, { rememberMs: longMs, leaseMs: longMs })
      await bench.passUntil(acceptedAt + 5 * bench.unitMs)
      assertSame(await inbox.put(event, remembered), accepted)
    },
  ),

  inboxTest(
    'I014',
    'MUST answer `duplicate` while the event is kept, even after rememberMs',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const rememberMs = bench.unitMs
      const pending = sampleEvent({ id: 'pending', source: 'other' })
      const events = ['active', 'scheduled', 'dead'].map((id) => sampleEvent({ id }))
      for (const event of [pending, ...events]) assertSame(await inbox.put(event, { rememberMs }), accepted)
      bench.consume(inbox, async ({ event }) => {
        if (event.id === 'scheduled') return retryIn(longMs)
        if (event.id === 'dead') return dead()
        await gate.opened
        return done
      })
      for (const { key, id } of events) {
        await bench.eventually(() => assertState(inbox, key, id as 'active' | 'scheduled' | 'dead'))
      }
      await bench.pass(2 * rememberMs)
      for (const event of [pending, ...events]) await assertDuplicate(inbox, event)
      gate.open()
      await bench.eventually(() => assertGone(inbox, 'acme:active'))
      assertSame(await inbox.put(sampleEvent({ id: 'active' }), remembered), accepted)
    },
  ),
]

import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import {
  assertCounts,
  assertDuplicate,
  assertGone,
  assertSame,
  assertSameEvent,
  keptEvent,
  listedIds,
} from '../steps/expectations.ts'
import {
  done,
  noProgress,
  remembered,
  sampleEvent,
  sampleEvents,
  sampleFailure,
  withOtherBody,
} from '../steps/sample-event.ts'

const accepted = { outcome: 'accepted' }

export const putTests = [
  inboxTest('I001', 'MUST accept a new event, and answer `duplicate` from then on', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent()
    assertSame(await inbox.put(event, remembered), accepted)
    await assertDuplicate(inbox, event)
    await assertDuplicate(await bench.open(), event)
  }),

  inboxTest('I002', 'MUST report whether a duplicate has another body, and change nothing', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent()
    await inbox.put(event, remembered)
    await assertDuplicate(inbox, withOtherBody(event), { conflict: true })
    await assertDuplicate(inbox, event, { conflict: false })
    assertSameEvent(await keptEvent(inbox, event.key), event)
    const { consumer } = bench.consume(inbox, async () => done)
    await bench.settled(consumer.idle(), 'idle')
    await assertDuplicate(inbox, event, { conflict: false })
    await assertDuplicate(inbox, withOtherBody(event), { conflict: true })
  }),

  inboxTest('I003', 'MUST accept exactly one of 50 racing puts of one key, of any kind', async (bench) => {
    const inboxes = await bench.openSeveral(5)
    const kinds = [{}, {}, { orderKey: 'order-1' }, { origin: 'reconciled' }] as const
    const events = kinds.map((kind, index) => sampleEvent({ ...kind, id: `evt_${index + 1}` }))
    const results = await Promise.all(
      events.map((event) =>
        Promise.all(
          Array.from({ length: 10 }, () => inboxes.map(async (inbox) => inbox.put(event, remembered))).flat(),
        ),
      ),
    )
    for (const outcomes of results.map((ofOne) => ofOne.map(({ outcome }) => outcome))) {
      assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'duplicate').length, 49)
    }
    const [inbox = await bench.open()] = inboxes
    await assertCounts(inbox, { pending: 4 })
    const { consumer, turns } = bench.consume(inbox, async () => done)
    await bench.settled(consumer.idle(), 'idle')
    assert.equal(turns.length, 4)
  }),

  inboxTest('I004', 'MUST have stored the event, for every instance, when put resolves', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    for (const [index, event] of sampleEvents(5).entries()) {
      await one.put(event, remembered)
      const kept = await keptEvent(other, event.key)
      assertSameEvent(kept, event)
      const { state, attempt, progress, failures, dueAt } = kept
      assertSame(
        { state, attempt, progress, failures, dueAt },
        {
          state: 'pending',
          attempt: 1,
          progress: { completed: [], abandoned: [] },
          failures: [],
          dueAt: null,
        },
      )
      await assertCounts(other, { pending: index + 1 })
      assert.ok((await listedIds(other)).includes(event.id))
    }
  }),

  inboxTest('I005', 'MUST distinguish events of two sources that have the same id', async (bench) => {
    const inbox = await bench.open()
    const [acme, other] = [sampleEvent({ source: 'acme' }), sampleEvent({ source: 'other' })]
    assertSame(await inbox.put(acme, remembered), accepted)
    assertSame(await inbox.put(other, remembered), accepted)
    assertSameEvent(await keptEvent(inbox, acme.key), acme)
    assertSameEvent(await keptEvent(inbox, other.key), other)
  }),
  inboxTest(
    'I006',
    'MUST store an event that is put with a failure as a dead letter, hand it to nobody, and redrive it',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const { turns } = bench.consume(one, async () => done)
      assertSame(await one.put(event, { ...remembered, failure: sampleFailure }), accepted)
      const kept = await keptEvent(other, event.key)
      assertSameEvent(kept, event)
      const { state, progress, failures, dueAt } = kept
      assertSame(
        { state, progress, failures, dueAt },
        { state: 'dead', progress: noProgress, failures: [sampleFailure], dueAt: null },
      )
      await assertDuplicate(other, event)
      await bench.settle()
      assert.equal(turns.length, 0, 'a dead letter was handed out')
      assert.equal(await other.redrive(event.key), true)
      await bench.eventually(() => assertGone(one, event.key))
      assert.equal(turns[0]?.attempt.attempt, 1)
    },
  ),
]

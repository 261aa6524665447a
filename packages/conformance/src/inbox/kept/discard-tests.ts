import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertCounts, assertDuplicate, assertGone, assertState } from '../steps/expectations.ts'
import { dead, done, remembered, retryIn, sampleEvent } from '../steps/sample-event.ts'

export const discardTests = [
  inboxTest('I070', 'MUST delete a discarded event that is pending, and remember its key', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const [discarded, next] = [sampleEvent({ id: 'discarded' }), sampleEvent({ id: 'next' })]
    for (const event of [discarded, next]) await one.put(event, remembered)
    assert.equal(await other.discard(discarded.key), true)
    await assertGone(one, discarded.key)
    await assertDuplicate(one, discarded)
    const recorded = bench.consume(one, async () => done)
    await bench.eventually(() => assertGone(one, next.key))
    await bench.settle()
    assert.deepEqual(recorded.ids, ['next'])
  }),

  inboxTest(
    'I071',
    'MUST delete a discarded event that is scheduled, and remember its key',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const { turns } = bench.consume(one, async () => retryIn(10 * bench.unitMs))
      await one.put(event, remembered)
      await bench.eventually(() => assertState(one, event.key, 'scheduled'))
      assert.equal(await other.discard(event.key), true)
      await assertGone(one, event.key)
      await bench.pass(10 * bench.unitMs)
      await bench.settle()
      assert.equal(turns.length, 1, 'a discarded event was handed out')
      await assertDuplicate(one, event)
      await assertCounts(one, {})
    },
  ),

  inboxTest('I072', 'MUST delete a discarded dead letter, and remember its key', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const event = sampleEvent()
    bench.consume(one, async () => dead())
    await one.put(event, remembered)
    await bench.eventually(() => assertState(one, event.key, 'dead'))
    assert.equal(await other.discard(event.key), true)
    await assertGone(one, event.key)
    await assertDuplicate(one, event)
    assert.equal(await one.redrive(event.key), false)
    assert.equal(await one.discard(event.key), false)
  }),

  inboxTest('I073', 'MUST answer false to the discard of what is active or not kept', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const gate = bench.gate()
    const event = sampleEvent()
    assert.equal(await other.discard('acme:unknown'), false)
    const { turns } = bench.consume(one, async () => {
      if (turns.length > 1) return done
      await gate.opened
      return retryIn(0)
    })
    await one.put(event, remembered)
    await bench.eventually(() => assert.equal(turns.length, 1))
    assert.equal(await other.discard(event.key), false)
    await assertState(other, event.key, 'active')
    gate.open()
    await bench.eventually(() => assertGone(one, event.key))
    assert.equal(turns.length, 2, 'the verdict on an event that was not discarded was ignored')
    assert.equal(await other.discard(event.key), false)
  }),
]

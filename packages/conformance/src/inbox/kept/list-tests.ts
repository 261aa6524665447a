import assert from 'node:assert/strict'
import type { Inbox, ListFilter } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import { allPages } from '../steps/all-pages.ts'
import { assertCounts, listedIds } from '../steps/expectations.ts'
import { dead, remembered, retryIn, sampleEvent, sampleProgress } from '../steps/sample-event.ts'

const hourMs = 60 * 60 * 1000

/** Two pending, one active, one scheduled and one dead, received at 100 to 500. */
async function fill(bench: Bench, inbox: Inbox): Promise<void> {
  const gate = bench.gate()
  bench.consume(inbox, async ({ event }) => {
    if (event.id === 'scheduled') return retryIn(hourMs, { progress: sampleProgress })
    if (event.id === 'active') await gate.opened
    return dead()
  })
  const events = [
    sampleEvent({ id: 'waiting', receivedAt: 100, source: 'other' }),
    sampleEvent({ id: 'scheduled', receivedAt: 200, type: 'order.cancelled' }),
    sampleEvent({ id: 'active', receivedAt: 300 }),
    sampleEvent({ id: 'dead', receivedAt: 400, type: 'order.cancelled' }),
    sampleEvent({ id: 'late', receivedAt: 500, source: 'other' }),
  ]
  for (const event of events) await inbox.put(event, remembered)
  await bench.eventually(() => assertCounts(inbox, { pending: 2, scheduled: 1, active: 1, dead: 1 }))
}

export const listTests = [
  inboxTest('I090', 'MUST count the events of each state, of all sources or of one', async (bench) => {
    const [inbox, other] = [await bench.open(), await bench.open()]
    await assertCounts(inbox, {})
    await fill(bench, inbox)
    await assertCounts(other, { pending: 2, scheduled: 1, active: 1, dead: 1 })
    await assertCounts(other, { scheduled: 1, active: 1, dead: 1 }, 'acme')
    await assertCounts(other, { pending: 2 }, 'other')
    await assertCounts(other, {}, 'unknown')
  }),

  // Only these two tests check the order of a listing.
  inboxTest('I091', 'MUST list events in the order of taking on', async (bench) => {
    const inbox = await bench.open()
    const ids = ['m', 'b', 'z', 'a', 'y', 'c', '10', '9', '1']
    for (const id of ids) await inbox.put(sampleEvent({ id }), remembered)
    assert.deepEqual(await listedIds(await bench.open()), ids)
  }),

  inboxTest(
    'I092',
    'MUST list in the order of taking on even where receivedAt says otherwise',
    async (bench) => {
      const inbox = await bench.open()
      const times = [500, 100, 300, 300, 200]
      for (const receivedAt of times) {
        await inbox.put(sampleEvent({ id: `at_${receivedAt}_${times.length}`, receivedAt }), remembered)
        await inbox.put(sampleEvent({ id: `again_at_${receivedAt}`, receivedAt }), remembered)
      }
      const expected = [500, 100, 300, 200].flatMap((at) => [`at_${at}_${times.length}`, `again_at_${at}`])
      assert.deepEqual(await listedIds(inbox), expected)
      assert.deepEqual(await allPages([inbox], {}, 3), expected)
    },
  ),

  inboxTest(
    'I093',
    'MUST list by source, state, type and time, and by all of them together',
    async (bench) => {
      const inbox = await bench.open()
      await fill(bench, inbox)
      const expected: [ListFilter, string[]][] = [
        [{}, ['waiting', 'scheduled', 'active', 'dead', 'late']],
        [{ source: 'other' }, ['waiting', 'late']],
        [{ source: 'unknown' }, []],
        [{ state: 'pending' }, ['waiting', 'late']],
        [{ state: 'scheduled' }, ['scheduled']],
        [{ state: 'active' }, ['active']],
        [{ state: 'dead' }, ['dead']],
        [{ type: 'order.cancelled' }, ['scheduled', 'dead']],
        [{ type: 'order' }, []],
        [{ receivedFrom: 300 }, ['active', 'dead', 'late']],
        [{ receivedBefore: 300 }, ['waiting', 'scheduled']],
        [{ receivedFrom: 200, receivedBefore: 500 }, ['scheduled', 'active', 'dead']],
        [{ source: 'acme', type: 'order.cancelled', receivedFrom: 201 }, ['dead']],
        [{ source: 'acme', state: 'pending' }, []],
      ]
      for (const [filter, ids] of expected) {
        const listed = await listedIds(inbox, filter)
        assert.deepEqual(listed.sort(), ids.sort(), JSON.stringify(filter))
      }
    },
  ),
]

import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { allPages } from '../steps/all-pages.ts'
import { assertContinued } from '../steps/continued-list.ts'
import { assertSame, assertState, listedIds } from '../steps/expectations.ts'
import {
  dead,
  noProgress,
  remembered,
  sampleEvent,
  sampleEvents,
  sampleFailure,
  sampleProgress,
} from '../steps/sample-event.ts'

export const pageTests = [
  inboxTest('I094', 'MUST list each event once over pages of any size, for any instance', async (bench) => {
    const inboxes = [await bench.open(), await bench.open()]
    const [inbox = await bench.open()] = inboxes
    const ids = sampleEvents(25).map(({ id }) => id)
    for (const [index, id] of ids.entries()) {
      await inbox.put(sampleEvent({ id, type: index % 3 ? 'order.paid' : 'order.cancelled' }), remembered)
    }
    for (const limit of [1, 7, 25, 100]) {
      const listed = await allPages(inboxes, {}, limit)
      assert.deepEqual(listed.sort(), ids.toSorted(), `limit ${limit}`)
    }
    const cancelled = ids.filter((_, index) => index % 3 === 0)
    const filter = { type: 'order.cancelled', state: 'pending', source: 'acme' } as const
    const listed = await allPages(inboxes, filter, 4)
    assert.deepEqual(listed.sort(), cancelled.sort())
  }),

  inboxTest('I095', 'MUST continue a list after all events of a page are gone', async (bench) => {
    const inbox = await bench.open()
    for (const event of sampleEvents(6)) await inbox.put(event, remembered)
    const { items, cursor } = await inbox.list({ limit: 3 })
    assert.ok(cursor)
    for (const { key } of items) assert.equal(await inbox.discard(key), true)
    const listed = [...items.map(({ id }) => id), ...(await listedIds(inbox, { limit: 3, cursor }))]
    assert.deepEqual(
      listed.sort(),
      sampleEvents(6).map(({ id }) => id),
    )
  }),

  inboxTest('I096', 'MUST list 50 events unless told how many', async (bench) => {
    const inbox = await bench.open()
    await Promise.all(sampleEvents(51).map(async (event) => inbox.put(event, remembered)))
    const { items, cursor } = await inbox.list()
    assert.equal(items.length, 50)
    assert.ok(cursor)
    assert.equal((await listedIds(inbox, { cursor })).length, 1)
  }),

  inboxTest('I097', 'MUST list an event with its whole state, but without its body', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent()
    bench.consume(inbox, async () => dead())
    await inbox.put(event, remembered)
    await bench.eventually(() => assertState(inbox, event.key, 'dead'))
    const { rawBody: _, ...described } = event
    const standing = {
      state: 'dead',
      attempt: 1,
      progress: sampleProgress,
      failures: [sampleFailure],
      dueAt: null,
    }
    assertSame((await inbox.list()).items, [{ ...described, ...standing }])
    const pending = sampleEvent({ source: 'other' })
    await inbox.put(pending, remembered)
    const { rawBody: __, ...next } = pending
    const fresh = { state: 'pending', attempt: 1, progress: noProgress, failures: [], dueAt: null }
    assertSame((await inbox.list({ source: 'other' })).items, [{ ...next, ...fresh }])
  }),

  inboxTest('I098', 'MUST answer undefined when asked for an event that is not kept', async (bench) => {
    const inbox = await bench.open()
    for (const key of ['acme:unknown', 'unknown:evt_1', 'acme:', ''])
      assert.equal(await inbox.get(key), undefined)
    await inbox.put(sampleEvent(), remembered)
    await inbox.discard(sampleEvent().key)
    assert.equal(await inbox.get(sampleEvent().key), undefined)
  }),

  inboxTest(
    'I099',
    'MUST continue a list with each event that stays, once, where the event at which it continues is gone',
    async (bench) => {
      await assertContinued(await bench.open(), false)
    },
  ),
]

import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { allPages } from '../steps/all-pages.ts'
import { assertContinued } from '../steps/continued-list.ts'
import { assertCounts, listedIds } from '../steps/expectations.ts'
import { dead, remembered, sampleEvent, sampleEvents } from '../steps/sample-event.ts'

export const searchTests = [
  inboxTest(
    'I290',
    'MUST list the latest first where that is asked for, each event once over pages of any size',
    async (bench) => {
      const inbox = await bench.open()
      const ids = sampleEvents(9).map(({ id }) => id)
      for (const id of ids) await inbox.put(sampleEvent({ id }), remembered)
      for (const limit of [1, 4, 100]) {
        assert.deepEqual(
          await allPages([inbox, await bench.open()], { newestFirst: true, state: 'pending' }, limit),
          ids.toReversed(),
          `pending, limit ${limit}`,
        )
        assert.deepEqual(await allPages([inbox], { newestFirst: true }, limit), ids.toReversed())
      }
      bench.consume(inbox, async () => dead())
      await bench.eventually(() => assertCounts(inbox, { dead: 9 }))
      for (const limit of [1, 4, 100]) {
        const listed = await allPages([inbox], { newestFirst: true, state: 'dead' }, limit)
        assert.deepEqual(listed.sort(), ids.toSorted(), `dead, limit ${limit}`)
      }
    },
  ),

  inboxTest(
    'I291',
    'MUST continue a list with the latest first after all events of a page are gone',
    async (bench) => {
      const inbox = await bench.open()
      const ids = sampleEvents(6).map(({ id }) => id)
      for (const id of ids) await inbox.put(sampleEvent({ id }), remembered)
      const { items, cursor } = await inbox.list({ limit: 3, newestFirst: true })
      assert.ok(cursor)
      for (const { key } of items) assert.equal(await inbox.discard(key), true)
      const listed = [
        ...items.map(({ id }) => id),
        ...(await listedIds(inbox, { limit: 3, cursor, newestFirst: true })),
      ]
      assert.deepEqual(listed.sort(), ids.toSorted())
    },
  ),

  inboxTest('I292', 'MUST list by text in the id, whatever characters either has', async (bench) => {
    const inbox = await bench.open()
    const ids = [
      'evt_1234',
      'EVT_1234',
      'run:12:34',
      'a%b_c*d',
      `"quoted" \\ back`,
      'line\nbreak',
      'é🪝x',
      'nul\u0000',
    ]
    for (const id of ids) await inbox.put(sampleEvent({ id }), remembered)
    const expected: [string, string[]][] = [
      ['evt_', ['evt_1234']],
      ['1234', ['evt_1234', 'EVT_1234']],
      ['12:34', ['run:12:34']],
      ['%b', ['a%b_c*d']],
      ['_c*', ['a%b_c*d']],
      ['"quoted" \\', [`"quoted" \\ back`]],
      ['e\nb', ['line\nbreak']],
      ['🪝', ['é🪝x']],
      ['\u0000', ['nul\u0000']],
      ['', ids],
      ['acme', []],
      ['order', []],
    ]
    for (const [idIncludes, found] of expected) {
      const listed = await listedIds(inbox, { idIncludes })
      assert.deepEqual(listed.sort(), found.toSorted(), JSON.stringify(idIncludes))
    }
    const together = await listedIds(inbox, { idIncludes: '1234', state: 'pending', newestFirst: true })
    assert.deepEqual(together, ['EVT_1234', 'evt_1234'])
    assert.deepEqual(await allPages([inbox], { idIncludes: '2' }, 1), ['evt_1234', 'EVT_1234', 'run:12:34'])
  }),

  inboxTest(
    'I293',
    'MUST refuse to list or count by an unknown filter, an unknown state, or a cursor that no page gave',
    async (bench) => {
      const inbox = await bench.open()
      await inbox.put(sampleEvent(), remembered)
      const senseless: object[] = [
        { state: 'daed' },
        { sate: 'dead' },
        { source: 7 },
        { receivedFrom: 'yesterday' },
        { limit: 0 },
        { limit: -1 },
        { limit: 1.5 },
        { newestFirst: 'yes' },
        { cursor: 'no page' },
        { cursor: 7 },
      ]
      for (const filter of senseless)
        await assert.rejects(
          async () => inbox.list(filter),
          /it must be|unknown option/,
          JSON.stringify(filter),
        )
      for (const filter of [{ sorce: 'acme' }, { tenant: 7 }] as object[])
        await assert.rejects(
          async () => inbox.counts(filter),
          /it must be|unknown option/,
          JSON.stringify(filter),
        )
      assert.deepEqual(await listedIds(inbox, { state: undefined } as object), [sampleEvent().id])
    },
  ),

  inboxTest(
    'I294',
    'MUST continue a list with the latest first with each event that stays, once, where the event at which it continues is gone',
    async (bench) => {
      await assertContinued(await bench.open(), true)
    },
  ),
]

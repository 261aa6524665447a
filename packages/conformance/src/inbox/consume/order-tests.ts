import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertCounts, assertGone, assertState } from '../steps/expectations.ts'
import { KeyWatch } from '../steps/key-watch.ts'
import { ordered } from '../steps/ordered-event.ts'
import { dead, done, park, remembered, retryIn, sampleEvents } from '../steps/sample-event.ts'
import { coming, holdKey } from './ordered-work.ts'

const hourMs = 60 * 60 * 1000

/** The order of events within an order key, and how long each holds it. */
export const orderTests = [
  inboxTest(
    'I200',
    'MUST hand out events of an order key one at a time, whoever takes them, and others meanwhile',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const watch = new KeyWatch()
      const work = async () => {
        await sleep(2)
        return done
      }
      const idsOf = (key: string) => Array.from({ length: 8 }, (_, at) => `${key}-${at}`)
      for (const key of ['a', 'b'])
        for (const [at, id] of idsOf(key).entries())
          await one.put(ordered(id, at, { orderKey: `acme:${key}` }), remembered)
      for (const event of sampleEvents(4)) await one.put(event, remembered)
      bench.consume(one, watch.watching(`a consumer of ${one.name}`, work))
      bench.consume(other, watch.watching('another', work))
      await bench.eventually(() => assertCounts(one, {}))
      watch.assertNoOverlap()
      for (const key of ['a', 'b']) assert.deepEqual(watch.ids.get(`acme:${key}`), idsOf(key))
      assert.ok(watch.mostKeys >= 2, 'an order key has delayed events of another')
    },
  ),

  inboxTest(
    'I201',
    'MUST hand out the waiting events of an order key by createdAt, then by rank, then in the order of their puts',
    async (bench) => {
      const inbox = await bench.open()
      const waiting = [
        ordered('fourth', 2, { orderRank: 10 }),
        ordered('sixth', 3, { orderRank: -2 }),
        ordered('third', 2, { orderRank: 1.5 }),
        ordered('fifth', 2, { orderRank: 10 }),
        ordered('second', 2),
        ordered('first', 1, { orderRank: 7 }),
      ]
      for (const event of waiting) await inbox.put(event, remembered)
      const taker = bench.consume(inbox, async () => done)
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.deepEqual(taker.ids, ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'])
    },
  ),

  inboxTest('I202', 'MUST block an order key while one of its events is handled', async (bench) => {
    const { inbox, holder, letGo } = await holdKey(bench)
    for (const [id, second] of [['later', 6] as const, ['earlier', 1] as const])
      await inbox.put(ordered(id, second), remembered)
    const other = bench.consume(await bench.open(), async () => done)
    await bench.settle()
    await assertCounts(inbox, { active: 1, pending: 2 })
    letGo()
    await bench.eventually(() => assertCounts(inbox, {}))
    const taken = [...holder.turns, ...other.turns].sort((one, two) => one.startedAt - two.startedAt)
    assert.deepEqual(new Set(taken.map(({ attempt }) => attempt.event.id)).size, 3)
    const later = taken.findIndex(({ attempt }) => attempt.event.id === 'later')
    const earlier = taken.findIndex(({ attempt }) => attempt.event.id === 'earlier')
    assert.ok(earlier <= later, 'a later event was handed out before an earlier one that waited with it')
  }),

  inboxTest('I203', 'MUST block an order key until the retry of its event is over', async (bench) => {
    const { inbox, holder, letGo } = await holdKey(bench, retryIn(hourMs))
    await inbox.put(ordered('earlier', 1), remembered)
    letGo()
    await bench.eventually(() => assertState(inbox, 'acme:holder', 'scheduled'))
    await bench.settle()
    await assertCounts(inbox, { scheduled: 1, pending: 1 })
    await inbox.put(ordered('unrelated', 1, { orderKey: 'acme:run-2' }), remembered)
    await bench.eventually(() => assertGone(inbox, 'acme:unrelated'))
    await inbox.discard('acme:holder')
    await bench.eventually(() => assertGone(inbox, 'acme:earlier'))
    assert.deepEqual(holder.ids, ['holder', 'unrelated', 'earlier'])
  }),

  inboxTest(
    'I204',
    'MUST retry the event that holds an order key before it hands out the next one',
    async (bench) => {
      const inbox = await bench.open()
      const events = [ordered('second', 2), ordered('first', 1), ordered('third', 3)]
      for (const event of events) await inbox.put(event, remembered)
      const taker = bench.consume(inbox, coming({ first: retryIn(0), second: retryIn(bench.unitMs) }))
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.deepEqual(taker.ids, ['first', 'first', 'second', 'second', 'third'])
    },
  ),

  inboxTest(
    'I205',
    'MUST hand out the next event of an order key when the one before is dead, parked or discarded',
    async (bench) => {
      const inbox = await bench.open()
      for (const [at, id] of ['buried', 'parked', 'waits', 'last'].entries())
        await inbox.put(ordered(id, at), remembered)
      const taker = bench.consume(inbox, coming({ buried: dead(), parked: park(), waits: retryIn(hourMs) }), {
        wanted: () => ({ types: [], others: 'hand-out' }),
      })
      await bench.eventually(() => assertState(inbox, 'acme:waits', 'scheduled'))
      await assertCounts(inbox, { dead: 1, parked: 1, scheduled: 1, pending: 1 })
      assert.equal(await inbox.discard('acme:waits'), true)
      await bench.eventually(() => assertGone(inbox, 'acme:last'))
      assert.deepEqual(taker.ids, ['buried', 'parked', 'waits', 'last'])
    },
  ),

  inboxTest('I206', 'MUST remove a discarded event from the queue of its order key', async (bench) => {
    const { inbox, holder, letGo } = await holdKey(bench)
    for (const [at, id] of ['first', 'second', 'third'].entries())
      await inbox.put(ordered(id, at), remembered)
    assert.equal(await inbox.discard('acme:first'), true)
    assert.equal(await inbox.discard('acme:third'), true)
    letGo()
    await bench.eventually(() => assertCounts(inbox, {}))
    assert.deepEqual(holder.ids, ['holder', 'second'])
  }),
]

export const retriedOrderTests = [
  inboxTest(
    'I219',
    'MUST reserve an order key for an event that waits for its retry, even if an earlier event comes meanwhile',
    async (bench) => {
      const inbox = await bench.open()
      const taker = bench.consume(inbox, coming({ late: retryIn(2 * bench.unitMs) }))
      await inbox.put(ordered('late', 2), remembered)
      await bench.eventually(() => assertState(inbox, 'acme:late', 'scheduled'))
      await inbox.put(ordered('early', 1), remembered)
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.deepEqual(taker.ids, ['late', 'late', 'early'])
    },
  ),
]

/** Events that are outside of their line. */
export const notInOrderTests = [
  inboxTest(
    'I228',
    'MUST NOT hand out the next event of an order key when a dead letter of it is discarded, or redriven and discarded, while one is handled',
    async (bench) => {
      const { inbox, holder, letGo } = await holdKey(bench)
      await inbox.put(ordered('next', 9), remembered)
      const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
      for (const id of ['letter', 'redriven']) await inbox.put(ordered(id, 1), { ...remembered, failure })
      assert.equal(await inbox.redrive('acme:redriven'), true)
      for (const id of ['letter', 'redriven']) assert.equal(await inbox.discard(`acme:${id}`), true)
      await bench.settle()
      await assertCounts(inbox, { active: 1, pending: 1 })
      assert.deepEqual(holder.ids, ['holder'])
      letGo()
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.deepEqual(holder.ids, ['holder', 'next'])
    },
  ),
  inboxTest(
    'I229',
    'MUST hand out parked events of an order key one at a time, in their order, even if more wait than a consumer has room for',
    async (bench) => {
      const inbox = await bench.open()
      for (const concurrency of [1, 2]) {
        const parking = bench.consume(inbox, async () => park(), {
          wanted: () => ({ types: [], others: 'hand-out' }),
        })
        const ids = Array.from({ length: 12 }, (_, at) => `for ${concurrency}: ${at}`) // more than nine, for a store that takes numbers for texts
        for (const [second, id] of ids.entries()) await inbox.put(ordered(id, second), remembered)
        await bench.eventually(() => assertCounts(inbox, { parked: ids.length }))
        await bench.settled(parking.consumer.stop(), 'stop')
        const taker = bench.consume(inbox, async () => done, { concurrency })
        await bench.eventually(() => assert.deepEqual(taker.ids, ids))
        assert.equal(taker.mostActive, 1)
        await bench.settled(taker.consumer.stop(), 'stop')
      }
    },
  ),
  inboxTest(
    'I230',
    'MUST take on events of an order key in the order in which their puts began, however many begin in one turn',
    async (bench) => {
      const inbox = await bench.open()
      await inbox.put(ordered('first', 0), remembered) // so that all else is there that a store needs
      const taker = bench.consume(inbox, async () => done)
      await bench.eventually(() => assert.deepEqual(taker.ids, ['first']))
      const ids = Array.from({ length: 70 }, (_, at) => `event ${at}`) // more than Redis puts in one batch
      await Promise.all(ids.map((id) => inbox.put(ordered(id, 1), remembered)))
      await bench.eventually(() => assert.deepEqual(taker.ids, ['first', ...ids]))
    },
  ),
]

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox, NewestHandled, Work } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertCounts, assertGone, assertSame, assertState, listedIds } from '../steps/expectations.ts'
import { KeyWatch } from '../steps/key-watch.ts'
import { ordered } from '../steps/ordered-event.ts'
import { done, noProgress, park, remembered, retryIn, sampleEvent } from '../steps/sample-event.ts'
import { coming, holdKey } from './ordered-work.ts'

const hourMs = 60 * 60 * 1000

/** Events that were out of their line come back into it: dead, parked, interrupted or replaced ones, or ones that arrived in between. */
export const returnToOrderTests = [
  inboxTest('I207', 'MUST let a redriven dead letter wait for its turn', async (bench) => {
    const { inbox, holder, letGo } = await holdKey(bench)
    const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
    await inbox.put(ordered('letter', 1), { ...remembered, failure })
    assert.equal(await inbox.redrive('acme:letter'), true)
    await bench.settle()
    await assertCounts(inbox, { active: 1, pending: 1 })
    assert.deepEqual(holder.ids, ['holder'])
    letGo()
    await bench.eventually(() => assertCounts(inbox, {}))
    assert.deepEqual(holder.ids, ['holder', 'letter'])
  }),

  inboxTest('I208', 'MUST let a parked event that is wanted wait for its turn', async (bench) => {
    const inbox = await bench.open()
    const parking = bench.consume(inbox, async () => park(), {
      wanted: () => ({ types: [], others: 'hand-out' }),
    })
    await inbox.put(ordered('parked', 1), remembered)
    await bench.eventually(() => assertState(inbox, 'acme:parked', 'parked'))
    await bench.settled(parking.consumer.stop(), 'stop')
    const gate = bench.gate()
    let types: string[] = []
    const work: Work = async ({ event }) => {
      if (event.id === 'holder') await gate.opened
      return done
    }
    const taker = bench.consume(inbox, work, { wanted: () => ({ types, others: 'hand-out' }) })
    await inbox.put(ordered('holder', 5), remembered)
    await bench.eventually(() => assert.deepEqual(taker.ids, ['holder']))
    types = ['order.paid']
    taker.consumer.wake()
    await bench.settle()
    assert.deepEqual(taker.ids, ['holder'])
    gate.open()
    await bench.eventually(() => assertCounts(inbox, {}))
    assert.deepEqual(taker.ids, ['holder', 'parked'])
  }),

  inboxTest(
    'I209',
    'MUST hand out an event with an order key even if nobody wants its type: its verdict releases the key',
    async (bench) => {
      const inbox = await bench.open()
      for (const [at, others] of (['park', 'drop'] as const).entries()) {
        const wanted = () => ({ types: ['order.paid'], others })
        const taker = bench.consume(inbox, async () => done, { wanted })
        await inbox.put(ordered(`odd-${at}`, at, { type: 'order.odd' }), remembered)
        await inbox.put(ordered(`next-${at}`, at + 1), remembered)
        await bench.eventually(() => assertCounts(inbox, {}))
        await bench.settled(taker.consumer.stop(), 'stop')
        assert.deepEqual(taker.ids, [`odd-${at}`, `next-${at}`])
        assert.deepEqual(taker.reports, [])
      }
    },
  ),

  inboxTest(
    'I210',
    'MUST give later events of an order key the value that a verdict leaves, until it expires',
    async (bench) => {
      const inbox = await bench.open()
      const newest = (rank: number): NewestHandled => ({ save: { createdAt: 1_700_000_000_000.5, rank } })
      const legacy = (rank: number, rememberMs = hourMs) => ({ newest: newest(rank), rememberMs })
      const taker = bench.consume(
        inbox,
        coming({
          a: { outcome: 'done', progress: noProgress, legacy: legacy(1) },
          b: { outcome: 'dead', progress: noProgress, failures: [], legacy: legacy(2) },
          c: { outcome: 'park', progress: noProgress, legacy: legacy(3) },
          e: { outcome: 'done', progress: noProgress, legacy: legacy(4, 2 * bench.unitMs) },
        }),
        { wanted: () => ({ types: [], others: 'hand-out' }) },
      )
      const handed = () => taker.attempts.map((attempt) => attempt.newest)
      for (const [at, id] of ['a', 'b', 'c', 'd'].entries()) await inbox.put(ordered(id, at), remembered)
      await bench.eventually(() => assert.equal(taker.turns.length, 4))
      assertSame(handed(), [undefined, newest(1), newest(2), newest(3)])
      await inbox.put(ordered('other', 9, { orderKey: 'acme:run-2' }), remembered)
      await inbox.put(sampleEvent(), remembered)
      await bench.eventually(() => assert.equal(taker.turns.length, 6))
      assertSame(handed().slice(4), [undefined, undefined])
      await inbox.put(ordered('e', 9), remembered)
      await bench.eventually(() => assertGone(inbox, 'acme:e'))
      await bench.pass(2 * bench.unitMs)
      await inbox.put(ordered('f', 10), remembered)
      await bench.eventually(() => assert.equal(taker.turns.length, 8))
      assertSame(handed().at(-1), undefined, 'what was left is still there after its time')
    },
  ),

  inboxTest(
    'I211',
    'MUST reserve an order key for an interrupted event, even if an earlier event waits',
    async (bench) => {
      const { inbox, holder, letGo } = await holdKey(bench)
      await inbox.put(ordered('earlier', 1), remembered)
      const next = bench.consume(await bench.open(), async () => done)
      await bench.settle()
      assert.deepEqual(next.ids, [])
      await bench.loseLeases()
      await bench.eventually(() => assert.ok(holder.turns.length + next.turns.length > 1))
      const taken = [...holder.turns.slice(1), ...next.turns]
      taken.sort((one, two) => one.startedAt - two.startedAt)
      assert.equal(taken[0]?.attempt.event.id, 'holder')
      letGo()
      await bench.eventually(() => assertCounts(inbox, {}))
    },
  ),

  inboxTest(
    'I212',
    'MUST leave no event of an order key waiting for ever, whatever the interleaving of puts and verdicts',
    async (bench) => {
      const inboxes = await bench.openSeveral(3)
      const watch = new KeyWatch()
      let turns = 0
      const work = async () => {
        turns += 1
        await sleep(1)
        return turns % 5 === 0 ? retryIn(0) : done
      }
      for (const [at, inbox] of inboxes.entries())
        bench.consume(inbox, watch.watching(`consumer ${at} of ${inbox.name}`, work))
      const events = Array.from({ length: 90 }, (_, at) =>
        ordered(`evt_${at}`, at % 7, { orderKey: `acme:run-${at % 2}` }),
      )
      await Promise.all(events.map((event, at) => inboxes[at % 3]?.put(event, remembered)))
      const [first] = inboxes
      assert.ok(first)
      await bench.eventually(() => assertCounts(first, {}))
      watch.assertNoOverlap()
      assert.deepEqual([...watch.ids.keys()].sort(), ['acme:run-0', 'acme:run-1'])
      const handled = new Set([...watch.ids.values()].flat())
      assert.equal(handled.size, 90)
    },
  ),

  inboxTest('I213', 'MUST make an event that replaces an unreadable one wait for its turn', async (bench) => {
    const { inbox, letGo } = await holdKey(bench, done, async ({ event }) =>
      event.unreadable ? { outcome: 'replace', event: ordered('read', 1), rememberMs: hourMs } : done,
    )
    await inbox.put(sampleEvent({ id: 'unread', type: 'unreadable', unreadable: true }), remembered)
    await bench.eventually(() => assertGone(inbox, 'acme:unread'))
    await bench.settle()
    await assertCounts(inbox, { active: 1, pending: 1 })
    letGo()
    await bench.eventually(() => assertCounts(inbox, {}))
  }),

  inboxTest(
    'I214',
    'MUST list an event as pending while it waits for others of its order key',
    async (bench) => {
      const { inbox, letGo } = await holdKey(bench)
      for (const [at, id] of ['first', 'second'].entries()) await inbox.put(ordered(id, at), remembered)
      await inbox.put(ordered('other', 1, { source: 'other' }), remembered)
      const listed = await listedIds(inbox, { state: 'pending', source: 'acme' })
      assert.deepEqual(listed.sort(), ['first', 'second'])
      assert.deepEqual(await listedIds(inbox, { state: 'active' }), ['holder'])
      assert.deepEqual(await listedIds(inbox, { state: 'scheduled' }), [])
      letGo()
    },
  ),

  inboxTest(
    'I215',
    'MUST hand out the earliest of an order key first, however many earlier ones come at once while one is in front',
    async (bench) => {
      const inbox = await bench.open()
      await inbox.put(ordered('last', 20), remembered)
      const seconds = [9, 3, 7, 1, 8, 2, 6, 4, 5]
      await Promise.all(seconds.map((second) => inbox.put(ordered(`evt_${second}`, second), remembered)))
      const watch = new KeyWatch()
      const work = watch.watching(`the consumer of ${inbox.name}`, async () => {
        await sleep(2)
        return done
      })
      bench.consume(inbox, work)
      await bench.eventually(() => assertCounts(inbox, {}))
      watch.assertNoOverlap()
      const inOrder = seconds.sort().map((second) => `evt_${second}`)
      assert.deepEqual(watch.ids.get('acme:run-1'), [...inOrder, 'last'])
    },
  ),

  inboxTest(
    'I216',
    'MUST keep the value that a retry leaves for later events of the order key even if its event is discarded',
    async (bench) => {
      const inbox = await bench.open()
      const waits = retryIn(hourMs, { legacy: { newest, rememberMs: hourMs } })
      const taker = bench.consume(inbox, coming({ newer: waits }))
      await handleOlderAfterDiscard(bench, inbox)
      assertSame(taker.attempts[1]?.newest, newest)
    },
  ),

  inboxTest(
    'I217',
    'MUST store at once the value that a checkpoint leaves for later events of the order key, in place of the one before',
    async (bench) => {
      const inbox = await bench.open()
      const first = { newest: { save: { createdAt: 1, rank: 0 } }, rememberMs: 1 }
      const taker = bench.consume(inbox, async (attempt) => {
        if (attempt.event.id !== 'newer') return done
        for (const legacy of [first, { newest, rememberMs: hourMs }])
          await attempt.checkpoint({ ...noProgress, completed: ['save'] }, legacy)
        return retryIn(hourMs) // as if nothing had been left, and the handler had not run again
      })
      await handleOlderAfterDiscard(bench, inbox)
      assertSame(taker.attempts[1]?.newest, newest)
    },
  ),

  inboxTest('I218', 'MUST NOT block an order key of one source by an event of another', async (bench) => {
    const { inbox, holder, letGo } = await holdKey(bench)
    const beside = bench.consume(inbox, async () => done, { source: 'other' })
    await inbox.put(ordered('beside', 1, { source: 'other' }), remembered)
    await bench.eventually(() => assert.deepEqual(beside.ids, ['beside']))
    assert.deepEqual(holder.ids, ['holder'])
    letGo()
    await bench.eventually(() => assertCounts(inbox, {}))
  }),
]

const newest: NewestHandled = { save: { createdAt: 1_700_000_000_000, rank: 0 } }

/** The newer event is scheduled by whoever takes it, and discarded. Then an older one of its order key has its turn. */
async function handleOlderAfterDiscard(bench: Bench, inbox: Inbox): Promise<void> {
  await inbox.put(ordered('newer', 5), remembered)
  await bench.eventually(() => assertState(inbox, 'acme:newer', 'scheduled'))
  await inbox.put(ordered('older', 1), remembered)
  assert.equal(await inbox.discard('acme:newer'), true)
  await bench.eventually(() => assertGone(inbox, 'acme:older'))
}

import assert from 'node:assert/strict'
import type { Inbox, Progress, Verdict, Work } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import {
  assertCounts,
  assertDuplicate,
  assertGone,
  assertSame,
  assertState,
  keptEvent,
  listedIds,
} from '../steps/expectations.ts'
import { ordered } from '../steps/ordered-event.ts'
import { dead, done, park, remembered, retryIn, sampleEvent, wholeProgress } from '../steps/sample-event.ts'

const hourMs = 60 * 60 * 1000

function handled(keepMs = hourMs, progress: Progress = wholeProgress): Verdict {
  return { outcome: 'done', progress, keepMs }
}

/** An event that was handled, at its second attempt, and is kept. Events that are handed out after that are held. */
async function keepHandled(bench: Bench, inbox: Inbox, event = sampleEvent()) {
  const first = bench.consume(inbox, async () => (first.turns.length === 1 ? retryIn(0) : handled()))
  await inbox.put(event, remembered)
  await bench.eventually(() => assertState(inbox, event.key, 'handled'))
  await bench.settled(first.consumer.stop(), 'stop')
  return event
}

export const replayTests = [
  inboxTest(
    'I220',
    'MUST keep a handled event where its verdict says so, with its progress, and hand it out no more',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const fails = [true]
      const work: Work = async () => (fails.pop() ? retryIn(0) : handled())
      const taker = bench.consume(one, work)
      const event = sampleEvent({
        tenant: 'globex',
        orderKey: 'acme@globex:run',
        rawBody: Buffer.alloc(5_000, 'x'),
      })
      await one.put(event, remembered)
      await bench.eventually(() => assertState(other, event.key, 'handled'))
      const { progress, failures, dueAt, rawBody } = await keptEvent(other, event.key)
      assertSame({ progress, failures, dueAt }, { progress: wholeProgress, failures: [], dueAt: null })
      assert.equal(Buffer.compare(rawBody, event.rawBody), 0)
      await assertCounts(other, { handled: 1 })
      assert.deepEqual(await listedIds(other, { state: 'handled', tenant: 'globex', source: 'acme' }), [
        'evt_1',
      ])
      await bench.settle()
      assert.equal(taker.turns.length, 2)
      assert.equal(await other.redrive(event.key), false)
      assert.equal(await other.discard(event.key), true)
      await assertCounts(one, {})
      await assertDuplicate(one, event)
    },
  ),

  inboxTest('I221', 'MUST know a handled event as a duplicate for as long as it is kept', async (bench) => {
    const inbox = await bench.open()
    bench.consume(inbox, async () => handled())
    const event = sampleEvent()
    await inbox.put(event, { rememberMs: bench.unitMs })
    await bench.eventually(() => assertState(inbox, event.key, 'handled'))
    await bench.pass(2 * bench.unitMs)
    await assertDuplicate(inbox, event)
  }),

  inboxTest('I222', 'MUST delete a handled event when its time is over, and not before', async (bench) => {
    const inbox = await bench.open()
    bench.consume(inbox, async ({ event }) => handled(event.id === 'short' ? bench.unitMs : hourMs))
    for (const id of ['short', 'long']) await inbox.put(sampleEvent({ id }), remembered)
    await bench.eventually(() => assertState(inbox, 'acme:long', 'handled'))
    let puts = 0
    await bench.eventually(async () => {
      await inbox.put(sampleEvent({ id: `busy_${++puts}`, source: 'other' }), remembered) // an inbox may delete old events during a put
      await assertGone(inbox, 'acme:short')
    })
    await assertState(inbox, 'acme:long', 'handled')
    await assertDuplicate(inbox, sampleEvent({ id: 'short' }))
  }),

  inboxTest(
    'I223',
    'MUST make a handled event pending for a replay, like a new one but with its history',
    async (bench) => {
      const inbox = await bench.open()
      const event = await keepHandled(bench, inbox)
      assert.equal(await inbox.replay(event.key, { id: 'r1' }), true)
      await assertState(inbox, event.key, 'pending')
      const taker = bench.consume(await bench.open(), async () => handled())
      await bench.eventually(() => assertState(inbox, event.key, 'handled'))
      const [attempt] = taker.attempts
      assert.ok(attempt)
      assert.equal(attempt.attempt, 1)
      assert.equal(attempt.interruptions, 0)
      const { completed, abandoned, waiting, outOfOrder, replayedBy, only, replay, history } =
        attempt.progress
      assertSame(
        { completed, abandoned, waiting, outOfOrder, replayedBy, only, replay, history },
        {
          completed: [],
          abandoned: [],
          waiting: undefined,
          outOfOrder: true,
          replayedBy: ['r1'],
          only: undefined,
          replay: undefined,
          history: wholeProgress.history,
        },
      )
      await assertDuplicate(inbox, event)
      assert.equal(taker.turns.length, 1)
    },
  ),

  inboxTest('I224', 'MUST run only the named handler in a replay that names one', async (bench) => {
    const inbox = await bench.open()
    const event = await keepHandled(bench, inbox)
    assert.equal(await inbox.replay(event.key, { id: 'r1', handler: 'first', again: true }), true)
    const { completed, only, replay } = (await keptEvent(inbox, event.key)).progress
    assertSame({ completed, only, replay }, { completed: [], only: 'first', replay: 'r1' })
  }),

  inboxTest(
    'I225',
    'MUST make an event pending once for each replay, and no other event at all',
    async (bench) => {
      const inbox = await bench.open()
      const event = await keepHandled(bench, inbox)
      const replay = () => inbox.replay(event.key, { id: 'r1' })
      const answers = await Promise.all([replay(), replay(), replay()])
      assert.deepEqual(answers.filter(Boolean).length, 1)
      const taker = bench.consume(inbox, async ({ progress }) => handled(hourMs, progress))
      await bench.eventually(() => assertState(inbox, event.key, 'handled'))
      assert.equal(await inbox.replay(event.key, { id: 'r2' }), true)
      await bench.eventually(() => assertState(inbox, event.key, 'handled'))
      for (const id of ['r1', 'r2']) assert.equal(await inbox.replay(event.key, { id }), false)
      await bench.settled(taker.consumer.stop(), 'stop')
      await inbox.put(sampleEvent({ id: 'pending' }), remembered)
      for (const key of ['acme:pending', 'acme:nothing'])
        assert.equal(await inbox.replay(key, { id: 'r3' }), false)
      const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
      await inbox.put(sampleEvent({ id: 'dead' }), { ...remembered, failure })
      assert.equal(await inbox.replay('acme:dead', { id: 'r3' }), false)
      await assertCounts(inbox, { pending: 1, dead: 1, handled: 1 })
    },
  ),

  inboxTest('I226', 'MUST let a replayed event wait for the turn of its order key', async (bench) => {
    const inbox = await bench.open()
    const event = await keepHandled(bench, inbox, ordered('again', 1))
    const gate = bench.gate()
    const taker = bench.consume(inbox, async ({ event: { id } }) => {
      if (id === 'holder') await gate.opened
      return done
    })
    await inbox.put(ordered('holder', 2), remembered)
    await bench.eventually(() => assert.deepEqual(taker.ids, ['holder']))
    assert.equal(await inbox.replay(event.key, { id: 'r1' }), true)
    await bench.settle()
    await assertCounts(inbox, { active: 1, pending: 1 })
    gate.open()
    await bench.eventually(() => assertCounts(inbox, {}))
    assert.deepEqual(taker.ids, ['holder', 'again'])
  }),

  inboxTest(
    'I227',
    'MUST hand out an event that was dead, handled or parked behind the earlier ones of its order key that wait by then',
    async (bench) => {
      const inbox = await bench.open()
      const verdicts = new Map([
        ['redriven', dead()],
        ['replayed', handled()],
        ['wanted', park()],
      ])
      const ids = [...verdicts.keys()]
      const inLine = (id: string, line: string, second: number) =>
        inbox.put(ordered(id, second, { orderKey: `acme:${line}` }), remembered)
      const before = bench.consume(inbox, async ({ event: { id } }) => verdicts.get(id) ?? done, {
        wanted: () => ({ types: [], others: 'hand-out' }),
      })
      for (const id of ids) await inLine(id, id, 2)
      await bench.eventually(() => assertCounts(inbox, { dead: 1, handled: 1, parked: 1 }))
      await bench.settled(before.consumer.stop(), 'stop')
      assert.equal(await inbox.redrive('acme:redriven'), true)
      assert.equal(await inbox.replay('acme:replayed', { id: 'r1' }), true)
      for (const id of ids) await inLine(`before-${id}`, id, 1)
      const taker = bench.consume(inbox, async () => done)
      await bench.eventually(() => assertCounts(inbox, {}))
      for (const id of ids) {
        const ofItsKey = taker.ids.filter((one) => one.endsWith(id))
        assert.deepEqual(ofItsKey, [`before-${id}`, id])
      }
    },
  ),
]

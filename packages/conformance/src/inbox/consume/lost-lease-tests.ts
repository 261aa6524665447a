import assert from 'node:assert/strict'
import type { EventRecord, Inbox, Verdict } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import type { Gate } from '../bench/gate.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import type { RecordedConsumer } from '../bench/recorded-consumer.ts'
import {
  assertCounts,
  assertGone,
  assertSame,
  assertSameEvent,
  assertState,
  keptEvent,
} from '../steps/expectations.ts'
import { ordered } from '../steps/ordered-event.ts'
import {
  dead,
  done,
  longMs,
  noProgress,
  park,
  remembered,
  retryIn,
  sampleEvent,
  sampleEvents,
  sampleProgress,
} from '../steps/sample-event.ts'

interface TakenOver {
  /** An instance that takes no part. */
  readonly inbox: Inbox
  readonly lost: RecordedConsumer
  readonly taker: RecordedConsumer
  /** Holds up the work of the consumer that lost its leases. */
  readonly lostGate: Gate
  readonly takerGate: Gate
}

/** Lets one consumer take all events and lose them, while it works, to another, which goes on working too. */
async function takeOver(
  bench: Bench,
  events: readonly EventRecord[],
  verdicts: readonly Verdict[],
): Promise<TakenOver> {
  const [inbox, one, other] = [await bench.open(), await bench.open(), await bench.open()]
  const [lostGate, takerGate] = [bench.gate(), bench.gate()]
  const count = events.length
  const lost = bench.consume(
    one,
    async ({ event, checkpoint }) => {
      await checkpoint(sampleProgress)
      await lostGate.opened
      return verdicts[events.findIndex(({ key }) => key === event.key)] ?? done
    },
    { concurrency: count },
  )
  for (const event of events) await inbox.put(event, remembered)
  await bench.eventually(() => assert.equal(lost.turns.length, count))
  await bench.settle() // so that the checkpoints are kept
  const taker = bench.consume(
    other,
    async () => {
      await takerGate.opened
      return done
    },
    { concurrency: count },
  )
  await bench.loseLeases()
  await bench.eventually(() => assert.equal(taker.turns.length, count))
  return { inbox, lost, taker, lostGate, takerGate }
}

/** How a consumer loses its lease depends on the store: `loseLeases` of the harness does it. */
export const lostLeaseTests = [
  inboxTest(
    'I120',
    'MUST hand an event whose lease was lost to another, with its checkpoint, as an interruption',
    async (bench) => {
      const { inbox, taker, takerGate } = await takeOver(bench, [sampleEvent()], [])
      const [turn] = taker.turns
      assert.ok(turn)
      assertSameEvent(turn.attempt.event, sampleEvent())
      assertSame(turn.attempt.progress, sampleProgress)
      assert.equal(turn.attempt.attempt, 1, 'an interruption is not an attempt')
      assert.equal(turn.attempt.interruptions, 1)
      takerGate.open()
      await bench.eventually(() => assertGone(inbox, sampleEvent().key))
    },
  ),

  inboxTest(
    'I121',
    'MUST abort the signal of a turn whose lease was lost, and of no other',
    async (bench) => {
      const { lost, taker } = await takeOver(bench, [sampleEvent()], [])
      await bench.eventually(() => assert.equal(lost.attempts[0]?.signal?.aborted, true))
      assert.equal(taker.attempts[0]?.signal?.aborted, false)
    },
  ),

  inboxTest('I122', 'MUST ignore the verdict of a turn whose lease was lost', async (bench) => {
    const replaced = sampleEvent({ id: 'read anew' })
    const verdicts: Verdict[] = [
      done,
      dead(),
      retryIn(0),
      retryIn(24 * 60 * 60 * 1000),
      park(),
      { outcome: 'replace', event: replaced, ...remembered },
    ]
    const events = sampleEvents(verdicts.length)
    const { inbox, lost, taker, lostGate, takerGate } = await takeOver(bench, events, verdicts)
    lostGate.open()
    await bench.eventually(() => assert.equal(lost.active, 0))
    await bench.settled(lost.consumer.idle(), 'idle') // its verdicts are told by then
    await bench.settle()
    for (const { key } of events) await assertState(inbox, key, 'active')
    await assertGone(inbox, replaced.key)
    takerGate.open()
    await bench.eventually(() => assertCounts(inbox, {}))
    assert.equal(lost.turns.length + taker.turns.length, 2 * verdicts.length)
  }),

  inboxTest(
    'I123',
    'MUST ignore a checkpoint of a turn whose lease was lost, with what it leaves to its order key',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const [lostGate, takerGate] = [bench.gate(), bench.gate()]
      const newest = { save: { createdAt: 1_700_000_000_000, rank: 0 } }
      const lost = bench.consume(one, async ({ checkpoint }) => {
        await lostGate.opened
        await checkpoint(sampleProgress, { newest, rememberMs: longMs })
        return done
      })
      await other.put(ordered('first', 1), remembered)
      await bench.eventually(() => assert.equal(lost.turns.length, 1))
      const taker = bench.consume(other, async () => {
        await takerGate.opened
        return done
      })
      await bench.loseLeases()
      await bench.eventually(() => assert.equal(taker.turns.length, 1))
      lostGate.open()
      await bench.settled(lost.consumer.stop(), 'stop')
      assertSame((await keptEvent(other, 'acme:first')).progress, noProgress)
      takerGate.open()
      await bench.eventually(() => assertGone(other, 'acme:first'))
      await other.put(ordered('second', 2), remembered)
      await bench.eventually(() => assert.equal(taker.turns.length, 2))
      assertSame(taker.attempts[1]?.newest, undefined)
    },
  ),

  inboxTest(
    'I124',
    'MUST ignore what the verdict of a turn whose lease was lost leaves to its order key',
    async (bench) => {
      const legacy = { newest: { save: { createdAt: 1_700_000_000_000, rank: 0 } }, rememberMs: longMs }
      const verdicts: Verdict[] = [
        { outcome: 'done', progress: noProgress, legacy },
        dead({ legacy }),
        retryIn(longMs, { legacy }),
        { outcome: 'park', progress: noProgress, legacy },
      ]
      const ofEachKey = (name: string, second: number) =>
        verdicts.map(({ outcome }) => ordered(`${name}-${outcome}`, second, { orderKey: `acme:${outcome}` }))
      const { inbox, lost, taker, lostGate, takerGate } = await takeOver(
        bench,
        ofEachKey('first', 1),
        verdicts,
      )
      lostGate.open()
      await bench.settled(lost.consumer.stop(), 'stop')
      takerGate.open()
      for (const event of ofEachKey('second', 2)) await inbox.put(event, remembered)
      await bench.eventually(() => assertCounts(inbox, {}))
      const later = taker.attempts.slice(verdicts.length)
      assertSame(
        later.map(({ newest }) => newest),
        verdicts.map(() => undefined),
      )
    },
  ),
]

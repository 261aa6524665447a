import assert from 'node:assert/strict'
import type { Inbox, Work } from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import type { RecordedConsumer } from '../bench/recorded-consumer.ts'
import { assertCounts, assertGone } from '../steps/expectations.ts'
import { dead, done, longMs, remembered, retryIn, sampleEvent, sampleEvents } from '../steps/sample-event.ts'

/** Processes that take the same events one after the other. Each loses its events to the next. */
class Relay {
  readonly #bench: Bench
  readonly #count: number
  #holder: RecordedConsumer | undefined
  #letGo = () => {}

  constructor(bench: Bench, count: number) {
    this.#bench = bench
    this.#count = count
  }

  /** The next process takes all events, and holds them. */
  async takeAll(inbox: Inbox): Promise<RecordedConsumer> {
    const gate = this.#bench.gate()
    const hold: Work = async ({ progress }) => {
      await gate.opened
      return retryIn(0, { progress })
    }
    const next = this.#bench.consume(inbox, hold, { concurrency: this.#count })
    await this.passOn(() => assert.equal(next.turns.length, this.#count))
    this.#holder = next
    this.#letGo = () => gate.open()
    return next
  }

  /** Makes the holder lose its events, and end once the next process has taken its share. */
  async passOn(isTaken: () => void): Promise<void> {
    if (this.#holder) await this.#bench.loseLeases()
    await this.#bench.eventually(isTaken)
    this.#letGo()
    if (this.#holder) await this.#bench.settled(this.#holder.consumer.stop(), 'stop')
  }
}

/** Events whose turns were cut off twice, both times together, with the relay whose holder has them. */
async function suspects(bench: Bench, inbox: Inbox, count: number): Promise<Relay> {
  for (const event of sampleEvents(count)) await inbox.put(event, remembered)
  const relay = new Relay(bench, count)
  await relay.takeAll(await bench.open())
  await relay.takeAll(await bench.open())
  return relay
}

export const aloneTests = [
  inboxTest(
    'I150',
    'MUST hand out an event alone after two interruptions, and not count interruptions beside others against it',
    async (bench) => {
      const inbox = await bench.open()
      const relay = await suspects(bench, inbox, 3)
      const last = bench.consume(await bench.open(), async () => done)
      await relay.passOn(() => assert.equal(last.turns.length, 3))
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.equal(last.mostActive, 1, 'suspects ran at the same time')
      for (const { attempt } of last.turns) {
        const { interruptions, interruptedAlone, wasInterrupted } = attempt
        assert.deepEqual(
          { interruptions, interruptedAlone, wasInterrupted, attempt: attempt.attempt },
          { interruptions: 2, interruptedAlone: 0, wasInterrupted: true, attempt: 1 },
        )
      }
    },
  ),

  inboxTest(
    'I151',
    'MUST start no other event of any source while a suspect is handled alone, and continue afterwards',
    async (bench) => {
      const inbox = await bench.open()
      const relay = await suspects(bench, inbox, 1)
      const gate = bench.gate()
      const process = await bench.open()
      const work: Work = async ({ event }) => {
        if (event.id === 'evt_1') await gate.opened
        return done
      }
      const [last, beside] = inAnotherProcess(() => [
        bench.consumeBeside(process, work),
        bench.consumeBeside(process, work, { source: 'other' }),
      ])
      await relay.passOn(() => assert.deepEqual(last.ids, ['evt_1']))
      const neighbours = [sampleEvent({ id: 'neighbour' }), sampleEvent({ id: 'stranger', source: 'other' })]
      for (const event of neighbours) await inbox.put(event, remembered)
      await bench.settle()
      assert.deepEqual([...last.ids, ...beside.ids], ['evt_1'], 'another event was begun beside a suspect')
      gate.open()
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.deepEqual([...last.ids, ...beside.ids], ['evt_1', 'neighbour', 'stranger'])
    },
  ),

  inboxTest(
    'I152',
    'MUST count interruptions of an event that was handled alone separately',
    async (bench) => {
      const inbox = await bench.open()
      const relay = await suspects(bench, inbox, 1)
      await relay.takeAll(await bench.open())
      const verdicts = [retryIn(0, { attemptUsed: false, keepInterruptions: true }), retryIn(0)]
      const last = bench.consume(await bench.open(), async () => verdicts.shift() ?? done)
      await relay.passOn(() => assert.ok(last.turns.length > 0))
      await bench.eventually(() => assertGone(inbox, sampleEvent().key))
      assert.deepEqual(
        last.attempts.map(({ interruptions, interruptedAlone, wasInterrupted, attempt }) => ({
          interruptions,
          interruptedAlone,
          wasInterrupted,
          attempt,
        })),
        [
          { interruptions: 3, interruptedAlone: 1, wasInterrupted: true, attempt: 1 },
          { interruptions: 3, interruptedAlone: 1, wasInterrupted: false, attempt: 1 },
          { interruptions: 0, interruptedAlone: 0, wasInterrupted: false, attempt: 2 },
        ],
      )
    },
  ),

  inboxTest(
    'I153',
    'MUST handle other events in between, while suspects wait for their turn',
    async (bench) => {
      const inbox = await bench.open()
      const relay = await suspects(bench, inbox, 3)
      const neighbours = sampleEvents(6).map(({ id }) => sampleEvent({ id: `neighbour_${id}` }))
      const isNeighbour = (id: string) => id.startsWith('neighbour')
      const last = bench.consume(
        await bench.open(),
        async () => {
          for (const event of neighbours.splice(0)) await inbox.put(event, remembered)
          return done
        },
        { concurrency: 2 },
      )
      await relay.passOn(() => assert.equal(last.turns.length, 9))
      await bench.eventually(() => assertCounts(inbox, {}))
      assert.equal(new Set(last.ids).size, 9)
      for (const { event, interruptions } of last.attempts) {
        if (isNeighbour(event.id)) assert.equal(interruptions, 0, event.id)
        else assert.ok(interruptions >= 2, event.id)
      }
      const lastSuspect = last.ids.findLastIndex((id) => !isNeighbour(id))
      assert.ok(last.ids.findIndex(isNeighbour) < lastSuspect, 'neighbours waited for every suspect')
    },
  ),

  inboxTest(
    'I154',
    'MUST hand out an event that is redriven or replayed as one that was never interrupted',
    async (bench) => {
      const inbox = await bench.open()
      const gate = bench.gate()
      const [buried, handled] = [sampleEvent({ id: 'buried' }), sampleEvent({ id: 'handled' })]
      const lost = bench.consume(await bench.open(), async () => {
        await gate.opened
        return done
      })
      for (const event of [buried, handled]) await inbox.put(event, remembered)
      await bench.eventually(() => assert.equal(lost.turns.length, 2))
      const taker = bench.consume(await bench.open(), async ({ event, interruptions }) => {
        if (interruptions === 0) return done
        return event.id === 'buried' ? dead() : { ...done, keepMs: longMs }
      })
      await bench.loseLeases()
      await bench.eventually(() => assertCounts(inbox, { dead: 1, handled: 1 }))
      gate.open()
      await bench.settled(lost.consumer.stop(), 'stop')
      assert.equal(await inbox.redrive(buried.key), true)
      assert.equal(await inbox.replay(handled.key, { id: 'replay' }), true)
      await bench.eventually(() => assertCounts(inbox, {}))
      for (const { interruptions, interruptedAlone, wasInterrupted } of taker.attempts.slice(2))
        assert.deepEqual(
          { interruptions, interruptedAlone, wasInterrupted },
          { interruptions: 0, interruptedAlone: 0, wasInterrupted: false },
        )
    },
  ),

  inboxTest(
    'I155',
    'MUST not count an interruption beside others as one while alone, though the event ran alone before',
    async (bench) => {
      const inbox = await bench.open()
      const relay = await suspects(bench, inbox, 1)
      const gate = bench.gate()
      const verdicts = [retryIn(0)]
      const failing = bench.consume(await bench.open(), async () => {
        const verdict = verdicts.shift()
        if (verdict === undefined) await gate.opened
        return verdict ?? done
      })
      await relay.passOn(() => assert.equal(failing.turns.length, 2))
      const next = bench.consume(await bench.open(), async () => done)
      await bench.loseLeases()
      await bench.eventually(() => assertGone(inbox, sampleEvent().key))
      gate.open()
      await bench.settled(failing.consumer.stop(), 'stop')
      assert.deepEqual(
        next.attempts.map(({ interruptions, interruptedAlone, wasInterrupted, attempt }) => ({
          interruptions,
          interruptedAlone,
          wasInterrupted,
          attempt,
        })),
        [{ interruptions: 1, interruptedAlone: 0, wasInterrupted: true, attempt: 2 }],
      )
    },
  ),
]

import assert from 'node:assert/strict'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { ConsumeOptions, Inbox, Work } from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import { Gate } from './gate.ts'
import type { InboxHarness, InboxStore } from './inbox-harness.ts'
import { RecordedConsumer } from './recorded-consumer.ts'

/** Two real clocks, and the timers between them, may differ by this much. */
const realClockToleranceMs = 25

/** One store under test, with the patience that its clock needs. */
export class Bench {
  readonly durable: boolean
  /** The unit of time for windows, leases and delays. */
  readonly unitMs: number
  /** How wrong a reading of the inbox's clock may be. */
  readonly toleranceMs: number
  readonly #store: InboxStore
  readonly #patienceMs: number
  readonly #harness: InboxHarness
  readonly #others: InboxStore[] = []
  readonly #opened = new Set<Inbox>()
  readonly #gates: Gate[] = []

  constructor(harness: InboxHarness, store: InboxStore) {
    const { durable, timeUnitMs, patienceMs = 10_000 } = harness
    this.#harness = harness
    this.durable = durable
    this.unitMs = timeUnitMs
    this.toleranceMs = store.advance ? 0 : realClockToleranceMs
    this.#patienceMs = patienceMs
    this.#store = store
  }

  async open(): Promise<Inbox> {
    const inbox = await this.#store.open()
    this.#opened.add(inbox)
    return inbox
  }

  /** An instance over a separate store, which is removed together with the other. */
  async openAnotherStore(): Promise<Inbox> {
    const store = await this.#harness.createStore()
    this.#others.push(store)
    const inbox = await store.open()
    this.#opened.add(inbox)
    return inbox
  }

  openSeveral(count: number): Promise<Inbox[]> {
    return Promise.all(Array.from({ length: count }, () => this.open()))
  }

  /** A consumer as in another process. */
  consume(inbox: Inbox, work: Work, options?: Partial<ConsumeOptions>): RecordedConsumer {
    return inAnotherProcess(() => this.consumeBeside(inbox, work, options))
  }

  /** A consumer in the same process as the others that were made by this method. */
  consumeBeside(inbox: Inbox, work: Work, options?: Partial<ConsumeOptions>): RecordedConsumer {
    return new RecordedConsumer(inbox, work, () => this.now(), options)
  }

  /** A gate that is opened when the test ends at the latest, so that no work stays behind it. */
  gate(): Gate {
    const gate = new Gate()
    this.#gates.push(gate)
    return gate
  }

  /** Whether the clock can be moved. If so, deadlines can be checked on any machine. */
  get isTimed(): boolean {
    return this.#store.advance !== undefined
  }

  expireLeases(): Promise<void> {
    assert.ok(this.#store.expireLeases, 'the harness has no expireLeases: skip this test, and say why')
    return this.#store.expireLeases()
  }

  loseLeases(): Promise<void> {
    assert.ok(this.#store.loseLeases, 'the harness has no loseLeases: skip this test, and say why')
    return this.#store.loseLeases()
  }

  now(): number {
    return this.#store.now()
  }

  /** Lets at least `ms` pass on the inbox's clock, and exactly `ms` if it can be moved. */
  async pass(ms: number): Promise<void> {
    if (this.#store.advance) await this.#store.advance(ms)
    else await sleep(ms + this.toleranceMs)
  }

  /** Lets time pass until the inbox's clock shows `at` or more. */
  async passUntil(at: number): Promise<void> {
    const remainingMs = at - this.now()
    if (remainingMs > 0) await this.pass(remainingMs)
  }

  /** Goes as near to `at` as is safe: to one millisecond before it if the clock can be moved, half-way if it runs by itself. */
  async passUntilJustBefore(at: number): Promise<void> {
    const remainingMs = at - this.now()
    if (remainingMs <= 1) return
    if (this.#store.advance) await this.#store.advance(remainingMs - 1)
    else await sleep(remainingMs / 2)
  }

  /** Waits, so that what must not happen would have time to happen. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await nextTurn()
    await this.pass(this.unitMs)
    for (let turn = 0; turn < 10; turn++) await nextTurn()
  }

  /** Waits until `check` no longer throws an assertion error. Time goes on meanwhile, even if it has to be moved. */
  eventually<Value>(check: () => Value | Promise<Value>): Promise<Value> {
    return this.#until(check, () => this.#store.advance?.(Math.ceil(this.unitMs / 10)))
  }

  /** Waits in the same way, but a clock that can be moved stands still: what comes by the next poll is too late. */
  atOnce<Value>(check: () => Value | Promise<Value>): Promise<Value> {
    return this.#until(check, () => {})
  }

  async #until<Value>(check: () => Value | Promise<Value>, goOn: () => unknown): Promise<Value> {
    const deadline = performance.now() + this.#patienceMs
    for (;;) {
      try {
        return await check()
      } catch (error) {
        if (!(error instanceof assert.AssertionError) || performance.now() > deadline) throw error
      }
      await sleep(5)
      await goOn()
    }
  }

  /** Waits for a promise that must settle, and lets time go on meanwhile. */
  async settled<Value>(promise: Promise<Value>, what: string): Promise<Value> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    await this.eventually(() => assert.ok(isSettled, `${what} did not settle`))
    return promise
  }

  /**
   * Runs a check that only holds while a window is open. If it fails, but the window had run out because the machine is
   * slow, this means nothing, and it runs again with a longer window.
   */
  async withinWindow<Value>(check: (windowMs: number) => Promise<Value>): Promise<Value> {
    for (let windowMs = 5 * this.unitMs; ; windowMs *= 2) {
      const startedAt = this.now()
      try {
        return await check(windowMs)
      } catch (error) {
        const hadTime = this.now() - startedAt < windowMs
        if (hadTime || windowMs >= 100 * this.unitMs) throw error
      }
    }
  }

  /** Closes everything that was opened, and removes the store. */
  async clear(): Promise<void> {
    for (const gate of this.#gates) gate.open()
    try {
      const closing = Promise.all([...this.#opened].map((inbox) => inbox.close()))
      await this.settled(closing, 'closing the inboxes after the test')
    } finally {
      for (const store of [this.#store, ...this.#others]) await store.dispose()
    }
  }
}

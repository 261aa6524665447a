import { type Journal, machineTime } from './journal.ts'

const intervalMs = 50

/** Tells the journal when the event loop stood still: the process was frozen, blocked, or not given the processor. */
export class LoopWatch {
  readonly #journal: Journal
  readonly #worthTellingMs: number
  #seenAt = machineTime()
  #isBlocked = false

  constructor(journal: Journal, worthTellingMs: number) {
    this.#journal = journal
    this.#worthTellingMs = worthTellingMs
    setInterval(() => this.#look(), intervalMs).unref()
  }

  /** Holds up the loop. */
  block(ms: number): void {
    this.#isBlocked = true
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  }

  #look(): void {
    const from = this.#seenAt
    this.#seenAt = machineTime()
    const reason = this.#isBlocked ? 'blocked' : 'starved'
    this.#isBlocked = false
    if (this.#seenAt - from > this.#worthTellingMs) this.#journal.write({ kind: 'stalled', from, reason })
  }
}

import type { Clock } from './clock.ts'

/** One deadline, linked to those that are up before and after it. */
export class Deadline {
  readonly at: number
  readonly onUp: () => void
  previous: Deadline = this
  next: Deadline = this

  constructor(at: number, onUp: () => void) {
    this.at = at
    this.onUp = onUp
  }

  joinBefore(next: Deadline): void {
    this.previous = next.previous
    this.next = next
    next.previous.next = this
    next.previous = this
  }

  /** Does nothing where it is up or cancelled already. */
  cancel(): void {
    this.previous.next = this.next
    this.next.previous = this.previous
    this.previous = this
    this.next = this
  }
}

/**
 * Deadlines that are all equally far off, so that the one set first is up first, and one timer, for that one, serves them all. A timer
 * of its own for each would cost more than most of what is waited for.
 */
export class Deadlines {
  readonly lengthMs: number
  readonly #clock: Required<Clock>
  /** Head of the ring of those that are not up: the first is behind it, the last before it. */
  readonly #ring = new Deadline(Number.NaN, () => {})
  #timerRuns = false

  constructor(lengthMs: number, clock: Required<Clock>) {
    this.lengthMs = lengthMs
    this.#clock = clock
  }

  /** Calls `onUp` once `lengthMs` have passed, unless it is cancelled before. */
  set(onUp: () => void): Deadline {
    const deadline = new Deadline(this.#clock.elapsed() + this.lengthMs, onUp)
    deadline.joinBefore(this.#ring)
    if (!this.#timerRuns) this.#startTimer(this.lengthMs)
    return deadline
  }

  /** Not taken back when the last deadline is cancelled: the next would only start it anew. */
  #startTimer(delayMs: number): void {
    this.#timerRuns = true
    this.#clock.after(delayMs, () => this.#callDue(), { background: true })
  }

  #callDue(): void {
    const now = this.#clock.elapsed()
    let first = this.#ring.next
    for (; first !== this.#ring && first.at <= now; first = this.#ring.next) {
      first.cancel()
      first.onUp()
    }
    this.#timerRuns = false
    if (first !== this.#ring) this.#startTimer(Math.max(1, first.at - now))
  }
}

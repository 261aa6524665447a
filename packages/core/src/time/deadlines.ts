import type { Clock } from '../contracts/clock.ts'

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

/** A timer this late is taken for lost: some platforms take timers away with the request that they were started in. */
const lostAfterMs = 1_000

/**
 * Deadlines that are all equally far off, so that the one set first is up first, and one timer, for that one, serves them all. A timer
 * of its own for each would cost more than most of what is waited for.
 */
export class Deadlines {
  readonly lengthMs: number
  readonly #clock: Required<Clock>
  /** Head of the ring of those that are not up: the first is behind it, the last before it. Its own time, not a number, never comes. */
  readonly #ring = new Deadline(Number.NaN, () => {})
  /** When the timer is due, by which the one that runs is told from those that were given up. */
  #timerAt = Number.NEGATIVE_INFINITY

  constructor(lengthMs: number, clock: Required<Clock>) {
    this.lengthMs = lengthMs
    this.#clock = clock
  }

  /** Calls `onUp` once `lengthMs` have passed, unless it is cancelled before. */
  set(onUp: () => void): Deadline {
    const now = this.#clock.elapsed()
    const deadline = new Deadline(now + this.lengthMs, onUp)
    deadline.joinBefore(this.#ring)
    if (now > this.#timerAt + lostAfterMs) this.#startTimer(now)
    return deadline
  }

  /** For the first deadline. Not taken back when the last one is cancelled: the next would only start it anew. */
  #startTimer(now: number): void {
    const delayMs = Math.max(0, this.#ring.next.at - now)
    const timerAt = now + delayMs
    this.#timerAt = timerAt
    this.#clock.after(delayMs, () => timerAt === this.#timerAt && this.#callDue(), { background: true })
  }

  #callDue(): void {
    const now = this.#clock.elapsed()
    try {
      for (let first = this.#ring.next; first.at <= now; first = this.#ring.next) {
        first.cancel()
        first.onUp()
      }
    } finally {
      this.#timerAt = Number.NEGATIVE_INFINITY
      if (this.#ring.next !== this.#ring) this.#startTimer(now)
    }
  }
}

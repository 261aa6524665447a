import type { CancelTimer, Clock } from '../../contracts/clock.ts'

/** The share by which the pause between two passes varies at random. */
const jitter = 0.1
/** How soon the first pass begins. */
const firstPassMs = 2_000

interface Scheduled {
  readonly every: number
  readonly clock: Required<Clock>
  /** When the last pass of any process began, in milliseconds since 1970. Undefined where there was none. */
  lastBeganAt(): Promise<number | undefined>
  pass(): Promise<unknown>
  onFailure(err: unknown): void
}

/** Makes passes at intervals, in whichever process gets there first. A pass that another process has begun lately counts. */
export class PassSchedule {
  readonly #scheduled: Scheduled
  #cancelTimer: CancelTimer | undefined
  #isOver = false

  constructor(scheduled: Scheduled) {
    this.#scheduled = scheduled
  }

  /** False where it had begun before, or has stopped. */
  begin(): boolean {
    if (this.#cancelTimer || this.#isOver) return false
    this.#next(Math.min(firstPassMs, this.#scheduled.every) * Math.random())
    return true
  }

  stop(): void {
    this.#isOver = true
    this.#cancelTimer?.()
  }

  /** 0 or less where a pass is due, as no process has begun one for that long. */
  async untilDueMs(): Promise<number> {
    const { clock, lastBeganAt } = this.#scheduled
    const sinceMs = clock.now() - ((await lastBeganAt()) ?? Number.NEGATIVE_INFINITY)
    return sinceMs < 0 ? 0 : this.#soonestMs - sinceMs
  }

  get #soonestMs(): number {
    return this.#scheduled.every * (1 - jitter)
  }

  #next(delayMs: number): void {
    const { clock, every } = this.#scheduled
    this.#cancelTimer = clock.after(
      delayMs,
      async () => {
        const soonestMs = await this.#passIfDue()
        if (!this.#isOver) this.#next(soonestMs + every * 2 * jitter * Math.random())
      },
      { background: true },
    )
  }

  /** Answers how long it is until the next pass is due. */
  async #passIfDue(): Promise<number> {
    try {
      const untilDueMs = await this.untilDueMs()
      if (untilDueMs > 0) return untilDueMs
      await this.#scheduled.pass()
    } catch (err) {
      if (!this.#isOver) this.#scheduled.onFailure(err)
    }
    return this.#soonestMs
  }
}

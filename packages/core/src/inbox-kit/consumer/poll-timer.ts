import type { Clock } from '../../contracts/clock.ts'

/** Schedules the next question to a store. Each call replaces the one before. */
export class PollTimer {
  readonly #clock: Required<Clock>
  readonly #polling: { readonly pollMs: number }
  readonly #wake: () => void
  /** The store has failed, and is not asked before that time. */
  backsOff = false
  #cancel = () => {}
  #stopped = false

  /**
   * @param polling `pollMs`: the longest time until the store is asked, unless it has failed. Read at every call: a store may let it grow while there
   * is no work.
   */
  constructor(polling: { readonly clock: Required<Clock>; readonly pollMs: number }, wake: () => void) {
    this.#clock = polling.clock
    this.#polling = polling
    this.#wake = wake
  }

  cancel(): void {
    this.#cancel()
  }

  /** Stops for good. */
  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  pollIn(delayMs: number): void {
    this.#wakeIn(Math.min(Math.max(delayMs, 0), this.#polling.pollMs))
  }

  backOff(pauseMs: number): void {
    this.backsOff = true
    this.#wakeIn(pauseMs)
  }

  #wakeIn(delayMs: number): void {
    this.#cancel()
    if (this.#stopped) return
    this.#cancel = this.#clock.after(delayMs, () => {
      this.backsOff = false
      this.#wake()
    }) // not in the background: a worker that has nothing to do lives on
  }
}

/** Cancels a timer. Calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/** Where a receiver takes its time from. `@hookport/core/testing` has one that tests move by hand. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /**
   * Calls `callback` once, `delayMs` from now. The timer must not keep a process alive that has nothing else to wait for. Defaults to the platform's
   * `setTimeout`.
   */
  after?(delayMs: number, callback: () => void, options?: { readonly background: boolean }): CancelTimer
  /**
   * A clock for durations, in milliseconds from any starting point, at the same rate as `after`. Setting the time of day must not change it. Defaults
   * to `now` where `after` is given, else to the platform's `performance.now`.
   */
  elapsed?(): number
}

/** Takes back a timer. Calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/** Where a receiver takes its time from. `@hookport/core/testing` has one that tests move by hand. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Calls `callback` once, `delayMs` from now. Defaults to the platform's `setTimeout`. */
  after?(delayMs: number, callback: () => void): CancelTimer
}

/** setTimeout fires at once when asked to wait longer than this (a signed 32-bit count of milliseconds, 24.8 days). */
const longestTimeoutMs = 2 ** 31 - 1

function startTimeout(delayMs: number, callback: () => void): CancelTimer {
  if (delayMs > longestTimeoutMs) return startLongTimeout(delayMs, callback)
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}

function startLongTimeout(delayMs: number, callback: () => void): CancelTimer {
  let remainingMs = delayMs
  let timer = start()

  function start() {
    return setTimeout(elapse, Math.min(remainingMs, longestTimeoutMs))
  }
  function elapse(): void {
    remainingMs -= longestTimeoutMs
    if (remainingMs > 0) timer = start()
    else callback()
  }
  return () => clearTimeout(timer)
}

const systemClock: Required<Clock> = { now: Date.now, after: startTimeout }

/** A clock in which both parts are present; the system's, where none is given. For inboxes. */
export function completeClock(clock: Clock = systemClock): Required<Clock> {
  return { now: () => clock.now(), after: clock.after?.bind(clock) ?? systemClock.after }
}

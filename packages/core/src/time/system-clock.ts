import type { CancelTimer, Clock } from '../contracts/clock.ts'

/** setTimeout fires at once when asked to wait longer than this (a signed 32-bit count of milliseconds, 24.8 days). */
const longestTimeoutMs = 2 ** 31 - 1

function startTimeout(delayMs: number, callback: () => void, options = { background: false }): CancelTimer {
  if (delayMs > longestTimeoutMs) return startLongTimeout(delayMs, callback, options)
  const timer = setTimeout(callback, delayMs)
  if (options.background) timer.unref?.() // browsers and edge runtimes answer with a number
  return () => clearTimeout(timer)
}

/** One timer after the other, each as long as may be. */
function startLongTimeout(
  delayMs: number,
  callback: () => void,
  options: { readonly background: boolean },
): CancelTimer {
  const startRest = () => {
    cancel = startTimeout(delayMs - longestTimeoutMs, callback, options)
  }
  let cancel = startTimeout(longestTimeoutMs, startRest, options)
  return () => cancel()
}

const systemTimers = { after: startTimeout, elapsed: () => performance.now() }

/** A clock in which all parts are present; the system's, where none is given. For inboxes. */
export function completeClock(clock?: Clock): Required<Clock> {
  if (clock === undefined) return { now: Date.now, ...systemTimers }
  const now = () => clock.now()
  if (clock.after === undefined) return { now, ...systemTimers }
  return { now, after: clock.after.bind(clock), elapsed: clock.elapsed?.bind(clock) ?? now }
}

import type { CancelTimer, Clock } from '../contracts/clock.ts'

/** setTimeout fires at once when asked to wait longer than this (a signed 32-bit count of milliseconds, 24.8 days). */
const longestTimeoutMs = 2 ** 31 - 1

function startTimeout(
  delayMs: number,
  callback: () => void,
  { background } = { background: false },
): CancelTimer {
  let remainingMs = delayMs
  let timer = start()

  function start() {
    const timer = setTimeout(elapse, Math.min(remainingMs, longestTimeoutMs))
    if (background) timer.unref?.() // browsers and edge runtimes answer with a number
    return timer
  }
  function elapse(): void {
    remainingMs -= longestTimeoutMs
    if (remainingMs > 0) timer = start()
    else callback()
  }
  return () => clearTimeout(timer)
}

const systemTimers = { after: startTimeout, elapsed: () => performance.now() }

/** A clock in which all parts are present; the system's, where none is given. For inboxes. */
export function completeClock(clock?: Clock): Required<Clock> {
  if (clock === undefined) return { now: Date.now, ...systemTimers }
  const now = () => clock.now()
  if (clock.after === undefined) return { now, ...systemTimers }
  return { now, after: clock.after.bind(clock), elapsed: clock.elapsed?.bind(clock) ?? now }
}

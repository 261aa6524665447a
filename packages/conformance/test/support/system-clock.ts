import type { Clock } from '@hookport/core'

/** The real clock, on which all inboxes over a store have one time. */
export const systemClock: Required<Clock> = {
  now: Date.now,
  elapsed: Date.now,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

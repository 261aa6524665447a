import type { CancelTimer, Clock } from '../contracts/clock.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import { untilRested } from './rest.ts'
import { soon } from './soon.ts'

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Required<Clock> {
  /** Moves the time forward by `ms`, a number of 0 or more. Timers fire in order, each at its own time, and the work that they start gets time to run. */
  advance(ms: number): Promise<void>
  /** The number of timers that have not fired. */
  readonly pendingTimers: number
}

/** What `elapsed()` answers at first. As on a machine, it is not the time of day: what takes one for the other does not work in a test either. */
const elapsedAtStart = 3_600_000

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/**
 * A clock that stands still until a test moves it.
 *
 * @param start what `now()` answers at first: an instant, or milliseconds since 1970. Defaults to 1970.
 * @throws {ConfigurationError} for a time that is none. `advance` rejects so for what it can't advance by.
 */
export function manualClock(start: Date | number = 0): ManualClock {
  let now = Number(start)
  if (!Number.isFinite(now)) throw new ConfigurationError('manualClock: start is not a valid time')
  const startedAt = now
  const timers = new Set<Timer>()

  function nextDue(until: number): Timer | undefined {
    const due = [...timers].filter(({ at }) => at <= until)
    return due.sort((one, other) => one.at - other.at)[0]
  }

  return {
    now: () => now,
    elapsed: () => now - startedAt + elapsedAtStart,
    after(delayMs, callback): CancelTimer {
      const timer = { at: now + delayMs, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      if (!(typeof ms === 'number' && ms >= 0 && ms < Number.POSITIVE_INFINITY))
        throw new ConfigurationError(
          `advance: ${foundValue(ms)} (${typeof ms}) is not a number of milliseconds to move the clock forward by`,
        )
      const until = now + ms
      await settled()
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
        await settled()
      }
      now = Math.max(now, until)
    },
    get pendingTimers() {
      return timers.size
    },
  }
}

/** Lets work that needs no timer finish: a few turns of the event loop. Writes that rest, as the one before was slow, are waited for: a busy machine makes any slow. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise<void>((resolve) => soon(resolve))
    const rested = untilRested()
    if (rested) turn = -1
    await rested
  }
}

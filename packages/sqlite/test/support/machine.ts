import type { Clock } from '@hookport/core'
import { type ManualClock, manualClock } from '@hookport/core/testing'

/** The clocks of one machine: time that elapses for all of its processes alike, and a wall clock that can be set. */
export interface Machine {
  readonly time: ManualClock
  /** Sets the wall clock on, or back. */
  setWall(byMs: number): void
  /** The clock of another process. */
  process(): ProcessClock
}

export interface ProcessClock extends Required<Clock> {
  /** The process stands still: none of its timers fires, until it goes on. */
  freeze(): void
  goOn(): void
}

/** @param bootedBefore how long it has been up. */
export function machine(start = Date.parse('2026-11-20T12:00:00Z'), bootedBefore = 1_000_000): Machine {
  const time = manualClock(bootedBefore)
  let wallAhead = start - time.now()
  return {
    time,
    setWall(byMs) {
      wallAhead += byMs
    },
    process() {
      let frozen = false
      let missed: (() => void)[] = []
      return {
        now: () => time.now() + wallAhead,
        elapsed: () => time.now(),
        after: (delayMs, callback) =>
          time.after(delayMs, () => (frozen ? missed.push(callback) : callback())),
        freeze() {
          frozen = true
        },
        goOn() {
          frozen = false
          for (const callback of missed) callback()
          missed = []
        },
      }
    },
  }
}

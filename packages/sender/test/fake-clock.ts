import type { SenderClock } from '../src/index.ts'

/** Starts at 0; a sleep ends at once and moves the time on by its length. */
export function fakeClock(): SenderClock {
  let now = 0
  return {
    now: () => now,
    async sleep(ms) {
      now += ms
    },
  }
}

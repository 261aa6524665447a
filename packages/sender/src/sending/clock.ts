import { setTimeout as sleep } from 'node:timers/promises'

/** The time of a sender, and its waits between attempts. */
export interface SenderClock {
  /** Ms since the epoch. */
  now(): number
  /** Resolves after `ms`. Rejects when the signal aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: SenderClock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
}

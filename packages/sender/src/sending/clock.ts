import { setTimeout as sleep } from 'node:timers/promises'

/** What a sender takes its time from, and waits on between attempts. */
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

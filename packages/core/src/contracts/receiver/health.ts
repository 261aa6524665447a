import type { Counts } from '../inbox/inbox.ts'

/** What is asked of a receiver, and from when on it is no longer well. All in milliseconds. */
export interface HealthOptions {
  /** How long the store may take to answer. Defaults to 2 s. */
  timeout?: number
  /** How old an event may be that waits for its first attempt. Defaults to 5 min; `Infinity` asks for no bound. */
  maxPendingAge?: number
  /** Over how long the number of dead letters may not have grown, of what this process has been asked for. Defaults to 10 min. */
  deadWindow?: number
}

/**
 * `store_unreachable`: the inbox did not answer in time, or failed. `stopped`: `stop()` was called. `not_consuming`: this process should handle
 * events, and does not. `pending_too_old`: an event waits for its first attempt for longer than `maxPendingAge`. `dead_growing`: there are more
 * dead letters than a while ago. `paused`: the receiver or one of its handlers is, by `pause()`: there is a reason for each.
 */
export type HealthCode =
  | 'store_unreachable'
  | 'stopped'
  | 'not_consuming'
  | 'pending_too_old'
  | 'dead_growing'
  | 'paused'

/** Why a receiver is not well. */
export interface HealthReason {
  readonly code: HealthCode
  /** In a sentence for an operator. */
  readonly message: string
}

/** How a receiver is. */
export interface Health {
  /** `down`: it can't take deliveries on. `degraded`: it takes them on, but something needs a look. */
  readonly status: 'ok' | 'degraded' | 'down'
  /** Why it is not `ok`. */
  readonly reasons: readonly HealthReason[]
  /** Of its events, by state. Undefined where the store could not be asked. */
  readonly counts: Counts | undefined
  /** Milliseconds since the oldest event was received that waits for its first attempt; 0 where none does. Undefined where the store could not be asked. */
  readonly oldestPendingAge: number | undefined
}

import type { Counts } from '../inbox/inbox.ts'

/** What a health check asks, and its limits. All in milliseconds. */
export interface HealthOptions {
  /** How long the store may take to answer. Defaults to 2 s. */
  timeout?: number
  /** How old an event may be that waits for its first attempt. Defaults to 5 min; `Infinity` for no limit. */
  maxPendingAge?: number
  /** The time over which the number of dead letters must not grow. Only counts of earlier health checks in this process are compared. Defaults to 10 min. */
  deadWindow?: number
}

/**
 * `store_unreachable`: the inbox did not answer in time, or failed. `stopped`: `stop()` was called. `not_consuming`: this process should handle
 * events but does not. `pending_too_old`: an event has waited for its first attempt for longer than `maxPendingAge`. `dead_growing`: the number of
 * dead letters grows. `paused`: the receiver or one of its handlers is paused by `pause()`. Each pause is a reason of its own. `refusing`: the inbox
 * answers, but the last event that came to this process could not be stored: a full disk, a limit that is reached. It ends with the next event that is,
 * or once that one comes again and is found stored. `at_risk`: the store is configured or used in a way in which it may lose events, and was not at
 * start (`Inbox.findRisks`).
 */
export type HealthCode =
  | 'store_unreachable'
  | 'stopped'
  | 'not_consuming'
  | 'pending_too_old'
  | 'dead_growing'
  | 'paused'
  | 'refusing'
  | 'at_risk'

/** Why a receiver is not healthy. */
export interface HealthReason {
  readonly code: HealthCode
  /** A sentence for an operator. */
  readonly message: string
}

/** The health of a receiver. */
export interface Health {
  /** `down`: it can't take deliveries on. `degraded`: it can, but something needs your attention. */
  readonly status: 'ok' | 'degraded' | 'down'
  /** Why it is not `ok`. */
  readonly reasons: readonly HealthReason[]
  /** The number of its events by state, of a little before where the store takes long to count. Undefined where the store could not be asked. */
  readonly counts: Counts | undefined
  /** Age in milliseconds of the oldest event that waits for its first attempt. 0 where none waits. Undefined where the store could not be asked. */
  readonly oldestPendingAge: number | undefined
}

/** Events that came one after another, and of which the inbox took on none. */
export interface RefusedEvents {
  /** When the first of them came, in milliseconds since 1970. */
  readonly since: number
  /** Why the last of them was refused. */
  readonly reason: string
}

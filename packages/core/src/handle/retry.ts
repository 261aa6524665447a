/** When handlers that failed are run again. */
export interface RetryPolicy {
  /** How often a handler is tried before its event becomes a dead letter, the first time included. */
  readonly attempts: number
  /** Milliseconds before the second attempt. */
  readonly initialDelay: number
  /** Milliseconds before the last attempt. The delays between grow exponentially. */
  readonly maxDelay: number
  /** A random part of each delay, up to this share of it, is added or taken away: 0.2 is ±20%. */
  readonly jitter: number
}

/** Milliseconds to wait after attempt number `attempt` has failed. `random` is from 0 to 1. */
export function retryDelay(
  { attempts, initialDelay, maxDelay, jitter }: RetryPolicy,
  attempt: number,
  random: number,
): number {
  const steps = Math.max(1, attempts - 2)
  const growth = (maxDelay / initialDelay) ** (Math.min(attempt - 1, steps) / steps)
  return Math.round(initialDelay * growth * (1 + jitter * (2 * random - 1)))
}

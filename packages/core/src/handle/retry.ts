import type { Verdict } from '../contracts/inbox.ts'
import type { AttemptResult } from './attempt-event.ts'

/** When handlers that failed are run again. */
export interface RetryPolicy {
  /** How often an event is tried before it becomes a dead letter, the first time included. */
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

/** Turns what handlers have done into what the inbox shall do. */
export function concludeAttempt(result: AttemptResult, attempt: number, policy: RetryPolicy): Verdict {
  const { progress, failures, waitMs } = result
  if (failures.length === 0 && waitMs === undefined) {
    return progress.abandoned.length === 0
      ? { outcome: 'done' }
      : { outcome: 'dead', progress, failures: progress.abandoned }
  }
  const countsAsAttempt = failures.length > 0
  if (countsAsAttempt && attempt >= policy.attempts) {
    return { outcome: 'dead', progress, failures: [...progress.abandoned, ...failures] }
  }
  const backoffMs = countsAsAttempt ? retryDelay(policy, attempt, Math.random()) : 0
  return { outcome: 'retry', delayMs: Math.max(backoffMs, waitMs ?? 0), progress, failures, countsAsAttempt }
}

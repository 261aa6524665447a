import type { Attempt, Verdict } from '../contracts/inbox.ts'
import type { RetryPolicy } from '../setup/options.ts'
import type { AttemptResult } from './attempt-event.ts'

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

export interface RetryTools {
  readonly retry: RetryPolicy
}

/** Turns what handlers have done into what the inbox shall do. */
export function concludeAttempt(
  { attempt }: Attempt,
  { progress, failures, waitMs }: AttemptResult,
  { retry }: RetryTools,
): Verdict {
  if (failures.length === 0 && waitMs === undefined) {
    return progress.abandoned.length === 0
      ? { outcome: 'done' }
      : { outcome: 'dead', progress, failures: progress.abandoned }
  }
  const countsAsAttempt = failures.length > 0
  if (countsAsAttempt && attempt >= retry.attempts) {
    return { outcome: 'dead', progress, failures: [...progress.abandoned, ...failures] }
  }
  const backoffMs = countsAsAttempt ? retryDelay(retry, attempt, Math.random()) : 0
  return { outcome: 'retry', delayMs: Math.max(backoffMs, waitMs ?? 0), progress, failures, countsAsAttempt }
}

import type { RetryPolicy } from '../../setup/options.ts'

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

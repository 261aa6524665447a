import { setTimeout as sleep } from 'node:timers/promises'
import type { Awaitable } from '../awaitable.ts'
import { isConflict } from './database-errors.ts'

const shortestDelayMs = 2
const longestDelayMs = 250

/**
 * Runs work of which nothing stays when it fails, and answers its result. It is retried while it only fails because of other transactions: for at most `forMs`, and until the
 * signal is aborted. Throws the last error.
 */
export async function retryConflicts<Result>(
  run: () => Awaitable<Result>,
  { forMs, signal }: { readonly forMs: number; readonly signal: AbortSignal },
): Promise<Result> {
  const startedAt = performance.now()
  for (let delayMs = shortestDelayMs; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
    try {
      return await run()
    } catch (error) {
      const isLate = signal.aborted || performance.now() - startedAt + delayMs > forMs
      if (isLate || !isConflict(error)) throw error
    }
    await sleep(delayMs * (0.5 + Math.random()))
  }
}

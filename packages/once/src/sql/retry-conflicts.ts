import { setTimeout as sleep } from 'node:timers/promises'
import { isConflict } from './database-errors.ts'

const shortestDelayMs = 2
const longestDelayMs = 250

/**
 * Runs work that is rolled back when it fails. It is retried while it only fails because of other transactions: for at most `forMs`, and until the
 * signal is aborted. Throws the last error.
 */
export async function retryConflicts(
  run: () => unknown,
  { forMs, signal }: { readonly forMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const startedAt = performance.now()
  for (let delayMs = shortestDelayMs; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
    try {
      await run()
      return
    } catch (error) {
      const isLate = signal.aborted || performance.now() - startedAt + delayMs > forMs
      if (isLate || !isConflict(error)) throw error
    }
    await sleep(delayMs * (0.5 + Math.random()))
  }
}

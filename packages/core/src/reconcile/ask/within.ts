import type { Clock } from '../../contracts/clock.ts'

/** Runs something that ends with its time, or with one of its signals. */
export async function within<Result>(
  maxMs: number,
  signals: readonly (AbortSignal | undefined)[],
  clock: Required<Clock>,
  action: (over: AbortController) => Promise<Result>,
): Promise<Result> {
  const over = new AbortController()
  const end = () => over.abort()
  for (const one of signals) one?.addEventListener('abort', end)
  if (signals.some((one) => one?.aborted)) end()
  const cancelTimer = clock.after(maxMs, end, { background: true })
  try {
    return await action(over)
  } finally {
    cancelTimer()
    for (const one of signals) one?.removeEventListener('abort', end)
  }
}

/** Resolves as soon as it is. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** The time is over, or nobody waits any more. The pass ends here, and the next one continues. Its cause is why there was no answer before, if there was none. */
export class OverError extends Error {
  override readonly name = 'OverError'
}

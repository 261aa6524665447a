import type { Clock } from '../contracts/clock.ts'

export interface Outcomes<Result> {
  /** Creates the error for when the time is over. */
  onTimeout(): Error
  /** Called with what `pending` resolves to after that. Defaults to nothing. */
  onLate?(late: Result): void
}

/** Settles as `pending` does, or rejects after `timeoutMs`, whichever comes first. Its timer runs in the background. */
export function settledWithin<Result>(
  pending: PromiseLike<Result>,
  timeoutMs: number,
  clock: Required<Clock>,
  { onTimeout, onLate }: Outcomes<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let timedOut = false
    const cancelTimer = clock.after(
      timeoutMs,
      () => {
        timedOut = true
        reject(onTimeout())
      },
      { background: true },
    )
    pending.then(
      (result) => {
        cancelTimer()
        if (timedOut) onLate?.(result)
        else resolve(result)
      },
      (error) => {
        cancelTimer()
        reject(error)
      },
    )
  })
}

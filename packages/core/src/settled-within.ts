import type { Clock } from './clock.ts'

/**
 * Settles as `pending` does, unless `timeoutMs` pass first: then it rejects with what `onTimeout` makes. What `pending` resolves to
 * after that is handed to `onLate`.
 */
export function settledWithin<Result>(
  pending: PromiseLike<Result>,
  timeoutMs: number,
  clock: Required<Clock>,
  onTimeout: () => Error,
  onLate: (late: Result) => void = () => {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let late = false
    const cancel = clock.after(timeoutMs, () => {
      late = true
      reject(onTimeout())
    })
    pending.then(
      (result) => {
        cancel()
        if (late) onLate(result)
        else resolve(result)
      },
      (error) => {
        cancel()
        reject(error)
      },
    )
  })
}

import type { Deadlines } from './deadlines.ts'

/**
 * Settles as `pending` does, unless a deadline is up first: then it rejects with what `onTimeout` makes. What `pending` resolves to
 * after that is handed to `onLate`.
 */
export function settledWithin<Result>(
  pending: PromiseLike<Result>,
  deadlines: Deadlines,
  onTimeout: () => Error,
  onLate: (late: Result) => void = () => {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let late = false
    const deadline = deadlines.set(() => {
      late = true
      reject(onTimeout())
    })
    pending.then(
      (result) => {
        deadline.cancel()
        if (late) onLate(result)
        else resolve(result)
      },
      (error) => {
        deadline.cancel()
        reject(error)
      },
    )
  })
}

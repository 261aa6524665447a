import type { Deadlines } from './deadlines.ts'

export interface Outcomes<Result> {
  /** Makes what it rejects with when the deadline is up. */
  onTimeout(): Error
  /** Makes what it rejects with when `pending` does. Defaults to the same. */
  onFailure?(cause: unknown): unknown
  /** Is handed what `pending` resolves to after the deadline. Defaults to nothing. */
  onLate?(late: Result): void
}

/** Settles as `pending` does, or at its deadline. */
export function settledWithin<Result>(
  pending: PromiseLike<Result>,
  deadlines: Deadlines,
  { onTimeout, onFailure = same, onLate }: Outcomes<Result>,
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
        if (late) onLate?.(result)
        else resolve(result)
      },
      (error) => {
        deadline.cancel()
        reject(onFailure(error))
      },
    )
  })
}

function same<Value>(value: Value): Value {
  return value
}

import type { Clock } from './clock.ts'
import { Refusal } from './errors.ts'

/**
 * Waits for an inbox, but no longer than `deadlineMs`: then, or when it rejects, the delivery is refused as `unavailable`.
 * What it answers after the deadline is handed to `onLate`.
 */
export async function withDeadline<Result>(
  answer: () => Result | Promise<Result>,
  deadlineMs: number,
  clock: Required<Clock>,
  onLate: (late: Result) => void = () => {},
): Promise<Result> {
  try {
    const pending = answer()
    if (!isPromise(pending)) return pending
    return await raceDeadline(pending, deadlineMs, clock, onLate)
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    throw new Refusal('unavailable', 'the inbox failed', { cause })
  }
}

function raceDeadline<Result>(
  pending: PromiseLike<Result>,
  deadlineMs: number,
  clock: Required<Clock>,
  onLate: (late: Result) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let late = false
    const cancel = clock.after(deadlineMs, () => {
      late = true
      reject(new Refusal('unavailable', `the inbox did not answer within ${deadlineMs} ms`))
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

function isPromise<Result>(answer: Result | PromiseLike<Result>): answer is PromiseLike<Result> {
  return typeof (answer as PromiseLike<Result> | undefined)?.then === 'function'
}

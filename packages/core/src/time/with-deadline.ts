import { Refusal } from '../contracts/errors.ts'
import type { Deadlines } from './deadlines.ts'
import { settledWithin } from './settled-within.ts'
import { type Awaitable, isPromise } from './when-ready.ts'

/**
 * Waits for an inbox, but not beyond a deadline: then, or when it fails, the delivery is refused as `unavailable`.
 * What it answers after the deadline is handed to `onLate`.
 */
export function withDeadline<Result>(
  answer: () => Awaitable<Result>,
  deadlines: Deadlines,
  onLate: (late: Result) => void = () => {},
): Awaitable<Result> {
  try {
    const pending = answer()
    if (!isPromise(pending)) return pending
    return settledWithin(pending, deadlines, {
      onTimeout: () => new Refusal('unavailable', `the inbox did not answer within ${deadlines.lengthMs} ms`),
      onFailure: toRefusal,
      onLate,
    })
  } catch (cause) {
    throw toRefusal(cause)
  }
}

function toRefusal(cause: unknown): Refusal {
  return cause instanceof Refusal ? cause : new Refusal('unavailable', 'the inbox failed', { cause })
}

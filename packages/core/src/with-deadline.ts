import type { Clock } from './clock.ts'
import { Refusal } from './errors.ts'
import { settledWithin } from './settled-within.ts'
import { type Awaitable, isPromise } from './when-ready.ts'

/**
 * Waits for an inbox, but no longer than `deadlineMs`: then, or when it fails, the delivery is refused as `unavailable`.
 * What it answers after the deadline is handed to `onLate`.
 */
export function withDeadline<Result>(
  answer: () => Awaitable<Result>,
  deadlineMs: number,
  clock: Required<Clock>,
  onLate?: (late: Result) => void,
): Awaitable<Result> {
  try {
    const pending = answer()
    if (!isPromise(pending)) return pending
    const tooSlow = () => new Refusal('unavailable', `the inbox did not answer within ${deadlineMs} ms`)
    return settledWithin(pending, deadlineMs, clock, tooSlow, onLate).catch(refuse)
  } catch (cause) {
    return refuse(cause)
  }
}

function refuse(cause: unknown): never {
  if (cause instanceof Refusal) throw cause
  throw new Refusal('unavailable', 'the inbox failed', { cause })
}

import type { Deadlines } from './deadlines.ts'
import { Refusal } from './errors.ts'
import { settledWithin } from './settled-within.ts'
import { type Awaitable, isPromise } from './when-ready.ts'

/**
 * Waits for an inbox, but not beyond a deadline: then, or when it fails, the delivery is refused as `unavailable`.
 * What it answers after the deadline is handed to `onLate`.
 */
export function withDeadline<Result>(
  answer: () => Awaitable<Result>,
  deadlines: Deadlines,
  onLate?: (late: Result) => void,
): Awaitable<Result> {
  try {
    const pending = answer()
    if (!isPromise(pending)) return pending
    const tooSlow = () =>
      new Refusal('unavailable', `the inbox did not answer within ${deadlines.lengthMs} ms`)
    return settledWithin(pending, deadlines, tooSlow, onLate).catch(refuse)
  } catch (cause) {
    return refuse(cause)
  }
}

function refuse(cause: unknown): never {
  if (cause instanceof Refusal) throw cause
  throw new Refusal('unavailable', 'the inbox failed', { cause })
}

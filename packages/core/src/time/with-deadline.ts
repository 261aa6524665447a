import type { Clock } from '../contracts/clock.ts'
import { isRefusal, Refusal } from '../contracts/errors.ts'
import { type Awaitable, isPromise } from './awaitable.ts'
import { settledWithin } from './settled-within.ts'

/** Waits for an inbox, at most `timeoutMs`. After that, or when it fails, the delivery is refused as `unavailable`. A later answer is passed to `onLate`. */
export function withDeadline<Result>(
  ask: () => Awaitable<Result>,
  timeoutMs: number,
  clock: Required<Clock>,
  onLate: (late: Result) => void = () => {},
): Awaitable<Result> {
  try {
    const answer = ask()
    if (!isPromise(answer)) return answer
    const onTimeout = () => new Refusal('unavailable', `the inbox did not answer within ${timeoutMs} ms`)
    return settledWithin(answer, timeoutMs, clock, { onTimeout, onLate }).catch(failed)
  } catch (cause) {
    return failed(cause)
  }
}

function failed(cause: unknown): never {
  throw isRefusal(cause) ? cause : new Refusal('unavailable', 'the inbox failed', { cause })
}

import type { Clock } from '../contracts/clock.ts'
import { isRefusal, Refusal } from '../contracts/errors.ts'
import type { Notes } from '../contracts/inbox/notes.ts'
import { type Awaitable, isPromise } from './awaitable.ts'

interface Outcomes<Result> {
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

/** Notes that reject where their store has not answered after `timeoutMs`. Work in the background that waits for ever would never be done again. */
export function notesInTime(notes: Notes, timeoutMs: number, clock: Required<Clock>): Notes {
  return {
    read: (name) => withDeadline(() => notes.read(name), timeoutMs, clock),
    list: (prefix) => withDeadline(() => notes.list(prefix), timeoutMs, clock),
    write: (...note) => withDeadline(() => notes.write(...note), timeoutMs, clock),
    lead: (...lead) => withDeadline(() => notes.lead(...lead), timeoutMs, clock),
    resign: (...lead) => withDeadline(() => notes.resign(...lead), timeoutMs, clock),
  }
}

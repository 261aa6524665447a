import type { Awaitable } from '../awaitable.ts'
import type { Work } from './database.ts'

/** Whether it is a client of libSQL, whose transactions fail once they were ended. */
export function isLibsql(client: unknown): boolean {
  const { transaction, executeMultiple } = (client ?? {}) as Record<string, unknown>
  return typeof transaction === 'function' && typeof executeMultiple === 'function'
}

/** How long a query outside of a transaction may take. */
const queryMs = 60_000

/** A query of ours, which has no signal. If the client hangs, it must not keep the line for good either. */
export function inTime(answer: Awaitable<number>): Promise<number> {
  const over = new AbortController()
  const late = () => over.abort(new Error(`the database has not answered within ${queryMs / 1000} s`))
  const timer = setTimeout(late, queryMs)
  return untilAborted(Promise.resolve(answer), over.signal, 0).finally(() => clearTimeout(timer))
}

/** How long a rollback may take. */
const rollbackMs = 1_000

/**
 * An `apply` that hangs, or a client that does, must not keep the line for good. Once its time is over, the transaction is rolled back, and whatever is
 * written through it later fails: libSQL's client says by itself that it was ended.
 */
export function inLibsql(
  run: (work: Work<never>) => PromiseLike<void>,
  work: Work<never>,
  signal: AbortSignal,
): Promise<void> {
  const whole: Work<never> = (tx, query) => {
    signal.throwIfAborted() // the client may have begun it late
    return untilAborted(Promise.resolve(work(tx, query)), signal, 0)
  }
  return untilAborted(run(whole), signal, rollbackMs)
}

/**
 * Settles as `running` does; where that has not settled `graceMs` after the signal was aborted, it rejects with the signal's reason. Leaves neither a
 * listener nor a timer behind.
 */
function untilAborted<Result>(
  running: PromiseLike<Result>,
  signal: AbortSignal,
  graceMs: number,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), graceMs)
    }
    const ending =
      <Value>(settle: (value: Value) => void) =>
      (value: Value) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        settle(value)
      }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    running.then(ending(resolve), ending(reject))
  })
}

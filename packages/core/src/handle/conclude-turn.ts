import type { Attempt, Verdict } from '../contracts/handling.ts'
import type { WaitingHandler } from '../contracts/progress.ts'
import type { RetryPolicy } from '../setup/options.ts'
import type { AttemptResult } from './attempt-event.ts'
import type { HandlersOfType } from './handlers.ts'
import { retryDelay } from './retry.ts'

/** Turns what handlers have done into what the inbox shall do. `now` is the inbox's time. */
export function concludeTurn(
  { progress, wasStopped }: AttemptResult,
  { attempt }: Attempt,
  { handlers, areAll }: HandlersOfType,
  policy: RetryPolicy,
  now: number,
): Verdict {
  const { current, failures } = progress
  const retry = (delayMs: number): Verdict => ({
    outcome: 'retry',
    delayMs,
    progress: current,
    failures,
    attemptUsed: failures.length > 0,
  })
  if (wasStopped) return retry(0)
  const waiting = progress.waiting.filter(({ handler }) => handlers.some(({ name }) => name === handler))
  if (waiting.length > 0) return retry(Math.min(...waiting.map((one) => remainingMs(one, now))))
  const couldNotBeOpened = failures.some(
    (failure) => failure.handler === null && !current.abandoned.includes(failure),
  )
  if (couldNotBeOpened) return retry(retryDelay(policy, attempt, Math.random()))
  if (current.abandoned.length > 0) return { outcome: 'dead', progress: current, failures: current.abandoned }
  return { outcome: areAll ? 'done' : 'park', progress: current }
}

function remainingMs({ dueAt, delayMs }: WaitingHandler, now: number): number {
  return Math.min(Math.max(0, dueAt - now), delayMs)
}

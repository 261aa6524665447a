import type { Attempt, Verdict } from '../../contracts/inbox/handling.ts'
import { type Failure, isNamed, type Progress, type WaitingHandler } from '../../contracts/inbox/progress.ts'
import type { RetryPolicy } from '../../setup/options.ts'
import type { Handlers, HandlersOfType } from '../handlers.ts'
import type { ParkLog } from '../park-log.ts'
import { retryDelay } from './retry.ts'
import type { TurnProgress } from './turn-progress.ts'

/** The result of one attempt. */
interface AttemptResult {
  readonly progress: TurnProgress
  /** Whether it ended early, with handlers left that are due. */
  readonly wasStopped: boolean
  /** Handlers that were due but are paused. */
  readonly paused: readonly PausedHandler[]
}

/** A paused handler, and how long the event waits for it. */
export interface PausedHandler {
  readonly name: string
  readonly waitMs: number
}

/** Makes the verdict for the inbox from what the handlers have done. `now` is the inbox's time. */
export function concludeTurn(
  { progress, wasStopped, paused }: AttemptResult,
  { attempt }: Attempt,
  { handlers, areAll }: HandlersOfType,
  policy: RetryPolicy,
  now: number,
): Verdict {
  const { current, failures } = progress
  const retry = (delayMs: number): Extract<Verdict, { outcome: 'retry' }> => ({
    outcome: 'retry',
    delayMs,
    progress: current,
    failures,
    attemptUsed: failures.length > 0,
  })
  if (wasStopped) return retry(0)
  // Whoever waits can't go on before it is opened.
  if (failures.some(isOfOpening))
    return current.abandoned.some(isOfOpening)
      ? deadWith(current)
      : retry(retryDelay(policy, attempt, Math.random()))
  const waiting =
    progress.waiting.length === 0
      ? progress.waiting
      : progress.waiting.filter(({ handler }) => handlers.some(({ name }) => name === handler))
  if (waiting.length > 0 || paused.length > 0) {
    const unpaused = waiting.filter(({ handler }) => !paused.some(({ name }) => name === handler))
    const waits = unpaused.map((one) => remainingMs(one, now))
    const soonest = retry(Math.min(...waits, ...paused.map(({ waitMs }) => waitMs)))
    return areAll ? soonest : { ...soonest, untilWanted: true } // a catch-all that waits must not delay a handler that is added later
  }
  if (!areAll) return { outcome: 'park', progress: current } // a failed catch-all must not make the event a dead letter for other handlers
  if (current.abandoned.length > 0) return deadWith(current)
  return { outcome: 'done', progress: current }
}

/**
 * The verdict on an event whose last turn was cut off while the process handled nothing else. It waits as after a failure, so that an
 * event that crashes the process does no harm to others. After as many such turns as a handler has attempts it becomes a dead letter.
 * Undefined for any other event.
 */
export function concludeInterruption(
  { wasInterrupted, interruptedAlone, progress }: Attempt,
  policy: RetryPolicy,
  at: number,
): Verdict | undefined {
  if (!wasInterrupted || interruptedAlone === 0) return undefined
  if (interruptedAlone < policy.attempts) {
    const delayMs = retryDelay(policy, interruptedAlone, Math.random())
    return { outcome: 'retry', delayMs, progress, failures: [], attemptUsed: false, keepInterruptions: true }
  }
  const message = `the process died ${interruptedAlone} times while it handled this event alone; does a handler exit or block the process?`
  return { outcome: 'dead', progress, failures: [{ handler: null, code: 'interrupted', message, at }] }
}

/** How long an event waits for a process that has the handler for which it is replayed. */
const forOthersMs = 30_000

/**
 * The verdict on an event that is replayed for a handler which this process does not have. During a deploy, an older process may run
 * beside a newer one.
 */
export function waitsForItsHandler(
  { event, progress }: Attempt,
  { handlers, parkLog }: { readonly handlers: Handlers; readonly parkLog: ParkLog },
): Verdict | undefined {
  const { only } = progress
  if (only === undefined || handlers.has((name) => isNamed(name, only))) return undefined
  parkLog.waitsFor(only, event.type)
  return {
    outcome: 'retry',
    delayMs: forOthersMs,
    progress,
    failures: [],
    attemptUsed: false,
    keepInterruptions: true,
  }
}

function deadWith(progress: Progress): Verdict {
  return { outcome: 'dead', progress, failures: progress.abandoned }
}

function isOfOpening({ handler }: Failure): boolean {
  return handler === null
}

function remainingMs({ dueAt, delayMs }: WaitingHandler, now: number): number {
  return Math.min(Math.max(0, dueAt - now), delayMs)
}

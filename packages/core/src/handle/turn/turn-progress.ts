import { isPermanent, retryDelayOf } from '../../contracts/errors.ts'
import type { Failure, HandlerRun, Progress, WaitingHandler } from '../../contracts/inbox/progress.ts'
import type { RetryPolicy } from '../../setup/options.ts'
import { describeFailure } from '../describe-failure.ts'
import { retryDelay } from './retry.ts'

/** How many attempts of a handler are kept. */
const longestHistory = 20

/** `RetryLater` waits at least this long, so that no loop spins. */
const shortestWaitMs = 1_000

const none: readonly WaitingHandler[] = []

/** When one attempt of a handler began and ended. */
export interface Timing {
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number
  readonly durationMs: number
  /** When it ended, on the inbox's time. */
  readonly endedAt: number
}

/** The progress of the handlers of one event, and each one's next attempt. */
export class TurnProgress {
  readonly #retry: RetryPolicy
  /** For events that were kept before each handler had attempts of its own. */
  readonly #attemptOfEvent: number
  /** It is replaced and never changed, as others keep references to it. */
  #progress: Progress
  readonly #failures: Failure[] = []

  constructor(progress: Progress, attemptOfEvent: number, retry: RetryPolicy) {
    this.#progress = progress
    this.#attemptOfEvent = attemptOfEvent
    this.#retry = retry
  }

  get current(): Progress {
    return this.#progress
  }

  /** The failures of this turn, including final ones. */
  get failures(): readonly Failure[] {
    return this.#failures
  }

  get waiting(): readonly WaitingHandler[] {
    return this.#progress.waiting ?? none
  }

  /** Whether no handler has been tried yet, so that all are due. */
  get isFresh(): boolean {
    const { completed, abandoned, skipped, waiting } = this.#progress
    return completed.length + abandoned.length === 0 && skipped === undefined && waiting === undefined
  }

  isSettled(handler: string): boolean {
    const { completed, abandoned, skipped } = this.#progress
    if (completed.includes(handler) || skipped?.includes(handler)) return true
    return abandoned.some((failure) => failure.handler === handler)
  }

  /** The attempt that comes next, counted from 1. */
  attemptOf(handler: string): number {
    if (this.isFresh) return this.#attemptOfEvent
    const attempt = this.waiting.find((one) => one.handler === handler)?.attempt
    return attempt ?? (this.#progress.waiting === undefined ? this.#attemptOfEvent : 1)
  }

  isDue(handler: string, now: number): boolean {
    const waiting = this.waiting.find((one) => one.handler === handler)
    if (waiting === undefined || waiting.dueAt <= now) return true
    return waiting.dueAt - waiting.delayMs > now // the clock that measured this no longer exists
  }

  complete(handler: string, timing: Timing): void {
    const { completed, abandoned } = this.#progress
    this.#replace(handler, { completed: [...completed, handler], abandoned }, timing, {
      outcome: 'completed',
    })
  }

  /** It will not run, as it has handled a newer event of the same order key. */
  skip(handler: string, at: number): void {
    const { completed, abandoned, skipped = [] } = this.#progress
    const timing = { startedAt: at, durationMs: 0, endedAt: 0 }
    this.#replace(handler, { completed, abandoned }, timing, { outcome: 'skipped' })
    this.#progress = { ...this.#progress, skipped: [...skipped, handler] }
  }

  fail(handler: string, error: unknown, timing: Timing): void {
    const attempt = this.attemptOf(handler)
    const waitMs = retryDelayOf(error)
    if (waitMs !== undefined) this.#wait(handler, attempt, Math.max(waitMs, shortestWaitMs), timing)
    else this.#failAttempt(handler, attempt, error, timing)
  }

  #failAttempt(handler: string, attempt: number, error: unknown, timing: Timing): void {
    const failure = describeFailure(handler, error, timing.startedAt + timing.durationMs)
    this.#failures.push(failure)
    if (isPermanent(error) || attempt >= this.#retry.attempts) this.#abandon(handler, failure, timing)
    else this.#wait(handler, attempt + 1, retryDelay(this.#retry, attempt, Math.random()), timing, failure)
  }

  /** Fails the event as a whole: it can't be opened. */
  failEvent(error: unknown, at: number): void {
    const failure = describeFailure(null, error, at)
    this.#failures.push(failure)
    if (!isPermanent(error) && this.#attemptOfEvent < this.#retry.attempts) return
    const { abandoned } = this.#progress
    this.#progress = { ...this.#progress, abandoned: [...abandoned, failure] }
  }

  #abandon(handler: string, failure: Failure, timing: Timing): void {
    const { completed, abandoned } = this.#progress
    const run = { outcome: 'abandoned' as const, failure }
    this.#replace(handler, { completed, abandoned: [...abandoned, failure] }, timing, run)
  }

  #wait(handler: string, attempt: number, delayMs: number, timing: Timing, failure?: Failure): void {
    const { completed, abandoned } = this.#progress
    const run = failure ? { outcome: 'failed' as const, failure } : { outcome: 'waits' as const }
    this.#replace(handler, { completed, abandoned }, timing, run, {
      handler,
      attempt,
      dueAt: timing.endedAt + delayMs,
      delayMs,
    })
  }

  #replace(
    handler: string,
    standing: Pick<Progress, 'completed' | 'abandoned'>,
    { startedAt: at, durationMs }: Timing,
    run: Pick<HandlerRun, 'outcome' | 'failure'>,
    waits?: WaitingHandler,
  ): void {
    const { completed, abandoned } = standing
    const { history } = this.#progress
    const others = this.waiting.length === 0 ? none : this.waiting.filter((one) => one.handler !== handler)
    const waiting = waits ? [...others, waits] : others
    const { outcome, failure } = run
    const ran = failure
      ? { at, durationMs, outcome, failure: withoutStack(failure) }
      : { at, durationMs, outcome }
    const before = history?.[handler]
    const runs = before === undefined ? [ran] : [...before, ran].slice(-longestHistory)
    this.#progress = {
      ...this.#progress,
      completed,
      abandoned,
      waiting,
      history: { ...history, [handler]: runs },
    }
  }
}

/** With twenty runs, stacks would be larger than everything else that is kept. Only the stack of the last failure is kept with the event. */
function withoutStack({ stack: _, ...failure }: Failure): Failure {
  return failure
}

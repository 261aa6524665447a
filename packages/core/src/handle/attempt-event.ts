import { HookportError, InvalidDataError, PermanentError, RetryLater } from '../contracts/errors.ts'
import type { Attempt, Failure, Progress } from '../contracts/inbox.ts'
import type { Provider } from '../contracts/provider.ts'
import type { Handlers } from './handlers.ts'
import { openEvent } from './open-event.ts'
import type { ParsedPayloads } from './parsed-payloads.ts'
import { type HandlerTools, runHandler } from './run-handler.ts'

/** How far one attempt came. */
export interface AttemptResult {
  readonly progress: Progress
  /** Of handlers that shall be run again. */
  readonly failures: readonly Failure[]
  /** Set where a handler asked for a wait: the longest one asked for. */
  readonly waitMs: number | undefined
}

export interface AttemptTools extends HandlerTools {
  readonly provider: Provider
  readonly handlers: Handlers
  readonly payloads: ParsedPayloads
}

/** Runs the handlers of an event that have not been completed yet, one after the other. Never rejects. */
export async function attemptEvent(attempt: Attempt, tools: AttemptTools): Promise<AttemptResult> {
  const course = new AttemptCourse(attempt.progress)
  try {
    const payload = tools.payloads.take(attempt.event)
    const event = await openEvent(tools.provider, attempt.event, payload)
    const outstanding = tools.handlers.of(event.type).filter(({ name }) => !course.isSettled(name))
    for (const handler of outstanding) {
      if (handler !== outstanding[0]) await attempt.checkpoint(course.progress)
      try {
        await runHandler(handler, event, attempt, tools)
        course.complete(handler.name)
      } catch (error) {
        course.fail(handler.name, error, tools.clock.now())
      }
    }
  } catch (error) {
    course.fail(null, error, tools.clock.now())
  }
  return course.result()
}

/** Adds up what the handlers of one attempt have done. */
class AttemptCourse {
  /** Replaced, never changed: others hold it too. */
  #progress: Progress
  readonly #failures: Failure[] = []
  #waitMs: number | undefined

  constructor(progress: Progress) {
    this.#progress = progress
  }

  get progress(): Progress {
    return this.#progress
  }

  isSettled(handler: string): boolean {
    const { completed, abandoned } = this.#progress
    return completed.includes(handler) || abandoned.some((failure) => failure.handler === handler)
  }

  complete(handler: string): void {
    const { completed, abandoned } = this.#progress
    this.#progress = { completed: [...completed, handler], abandoned }
  }

  fail(handler: string | null, error: unknown, at: number): void {
    if (error instanceof RetryLater) {
      this.#waitMs = Math.max(this.#waitMs ?? 0, error.delayMs)
      return
    }
    const failure = describeFailure(handler, error, at)
    if (error instanceof PermanentError || error instanceof InvalidDataError) this.#abandon(failure)
    else this.#failures.push(failure)
  }

  #abandon(failure: Failure): void {
    const { completed, abandoned } = this.#progress
    this.#progress = { completed, abandoned: [...abandoned, failure] }
  }

  result(): AttemptResult {
    return { progress: this.#progress, failures: this.#failures, waitMs: this.#waitMs }
  }
}

function describeFailure(handler: string | null, error: unknown, at: number): Failure {
  if (!(error instanceof Error)) return { handler, code: 'error', message: String(error), at }
  const code = error instanceof HookportError ? error.code : 'error'
  const failure = { handler, code, message: error.message, at }
  return error.stack === undefined ? failure : { ...failure, stack: error.stack }
}

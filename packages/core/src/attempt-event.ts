import { HookportError, InvalidDataError, PermanentError, RetryLater } from './errors.ts'
import type { WebhookEvent } from './event.ts'
import type { Handlers, NamedHandler } from './handlers.ts'
import type { Attempt, Failure, Progress } from './inbox.ts'
import { openEvent } from './open-event.ts'
import type { Provider } from './provider.ts'
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
}

/** Runs the handlers of an event that have not been completed yet, one after the other. Never rejects. */
export async function attemptEvent(attempt: Attempt, tools: AttemptTools): Promise<AttemptResult> {
  const course = new AttemptCourse(attempt.progress)
  try {
    const event = await openEvent(tools.provider, attempt.event)
    const outstanding = tools.handlers.of(event.type).filter(({ name }) => !course.isSettled(name))
    for (const [index, handler] of outstanding.entries()) {
      await tryHandler(handler, event, attempt, tools, course)
      if (index < outstanding.length - 1) await attempt.checkpoint(course.progress)
    }
  } catch (error) {
    course.fail(null, error, tools.clock.now())
  }
  return course.result()
}

async function tryHandler(
  handler: NamedHandler,
  event: WebhookEvent,
  attempt: Attempt,
  tools: AttemptTools,
  course: AttemptCourse,
): Promise<void> {
  try {
    await runHandler(handler, event, attempt, tools)
    course.complete(handler.name)
  } catch (error) {
    course.fail(handler.name, error, tools.clock.now())
  }
}

/** Adds up what the handlers of one attempt have done. */
class AttemptCourse {
  readonly #completed: string[]
  readonly #abandoned: Failure[]
  readonly #failures: Failure[] = []
  #waitMs: number | undefined

  constructor({ completed, abandoned }: Progress) {
    this.#completed = [...completed]
    this.#abandoned = [...abandoned]
  }

  get progress(): Progress {
    return { completed: [...this.#completed], abandoned: [...this.#abandoned] }
  }

  isSettled(handler: string): boolean {
    return this.#completed.includes(handler) || this.#abandoned.some((failure) => failure.handler === handler)
  }

  complete(handler: string): void {
    this.#completed.push(handler)
  }

  fail(handler: string | null, error: unknown, at: number): void {
    if (error instanceof RetryLater) {
      this.#waitMs = Math.max(this.#waitMs ?? 0, error.delayMs)
      return
    }
    const hopeless = error instanceof PermanentError || error instanceof InvalidDataError
    const list = hopeless ? this.#abandoned : this.#failures
    list.push(describeFailure(handler, error, at))
  }

  result(): AttemptResult {
    return { progress: this.progress, failures: this.#failures, waitMs: this.#waitMs }
  }
}

function describeFailure(handler: string | null, error: unknown, at: number): Failure {
  if (!(error instanceof Error)) return { handler, code: 'error', message: String(error), at }
  const code = error instanceof HookportError ? error.code : 'error'
  const failure = { handler, code, message: error.message, at }
  return error.stack === undefined ? failure : { ...failure, stack: error.stack }
}

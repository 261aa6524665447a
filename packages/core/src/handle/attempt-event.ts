import type { Clock } from '../contracts/clock.ts'
import type { Attempt } from '../contracts/handling.ts'
import type { Provider } from '../contracts/provider.ts'
import type { RetryPolicy } from '../setup/options.ts'
import type { HandlersOfType, NamedHandler } from './handlers.ts'
import { openEvent } from './open-event.ts'
import type { ParsedPayloads } from './parsed-payloads.ts'
import { type HandlerTools, runHandler } from './run-handler.ts'
import { TurnProgress } from './turn-progress.ts'

export interface AttemptTools extends HandlerTools {
  readonly clock: Required<Clock>
  readonly provider: Provider
  readonly payloads: ParsedPayloads
  readonly retry: RetryPolicy
  /** Whether a handler that waits is passed over until its time has come. Not where the sender says when it is tried again. */
  readonly heedsWaits: boolean
  /** Whether no further handler shall begin: the process is about to leave. */
  isStopping(): boolean
}

/** How far one attempt came. */
export interface AttemptResult {
  readonly progress: TurnProgress
  /** Whether it ended early, with handlers left that are due. */
  readonly wasStopped: boolean
}

/** Runs the handlers of an event that are due and not settled, one after the other. Never rejects. */
export async function attemptEvent(
  attempt: Attempt,
  { handlers }: HandlersOfType,
  tools: AttemptTools,
): Promise<AttemptResult> {
  const progress = new TurnProgress(attempt.progress, attempt.attempt, tools.retry)
  const elapsedAtStart = tools.clock.elapsed()
  const inboxTime = () => attempt.now + tools.clock.elapsed() - elapsedAtStart
  try {
    const payload = tools.payloads.take(attempt.event)
    const event = await openEvent(tools.provider, attempt.event, payload)
    const due = handlers.filter(
      (handler) =>
        !isSettled(progress, handler, handlers) &&
        (!tools.heedsWaits || progress.isDue(handler.name, attempt.now)),
    )
    for (const handler of due) {
      if (tools.isStopping()) return { progress, wasStopped: true }
      if (handler !== due[0] && !(await isKept(attempt, progress))) return { progress, wasStopped: true }
      const startedAt = tools.clock.now()
      const elapsedBefore = tools.clock.elapsed()
      const timing = () => ({
        startedAt,
        durationMs: tools.clock.elapsed() - elapsedBefore,
        endedAt: inboxTime(),
      })
      try {
        await runHandler(handler, event, { ...attempt, attempt: progress.attemptOf(handler.name) }, tools)
        progress.complete(handler.name, timing())
      } catch (error) {
        progress.fail(handler.name, error, timing())
      }
    }
  } catch (error) {
    progress.failEvent(error, tools.clock.now())
  }
  return { progress, wasStopped: false }
}

/** Whether the store has what was done. Where it fails just now, the verdict tells it again, and nothing else is begun before it was heard. */
async function isKept({ checkpoint }: Attempt, { current }: TurnProgress): Promise<boolean> {
  try {
    await checkpoint(current)
    return true
  } catch {
    return false
  }
}

/** A handler that has a name by now, and is the only one of its type, keeps what it did when it had none. */
function isSettled(
  progress: TurnProgress,
  { name, unnamed }: NamedHandler,
  all: readonly NamedHandler[],
): boolean {
  const wasOnlyOne = all.filter((other) => other.unnamed === unnamed).length === 1
  return progress.isSettled(name) || (wasOnlyOne && progress.isSettled(unnamed))
}

import type { Clock } from '../../contracts/clock.ts'
import { HandlerTimeoutError } from '../../contracts/errors.ts'
import type { WebhookEvent } from '../../contracts/event.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Attempt, Verdict } from '../../contracts/inbox/handling.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import type { ObservedEvent } from '../../contracts/receiver/observers.ts'
import type { Instruments } from '../../observe/instruments.ts'
import { redactedError } from '../../redact/redacted-error.ts'
import type { RetryPolicy } from '../../setup/options.ts'
import { type Awaitable, isPromise } from '../../time/awaitable.ts'
import { settledWithin } from '../../time/deadlines.ts'
import type { HandlersOfType, NamedHandler } from '../handlers.ts'
import { fetchOnce, openEvent } from '../open-event.ts'
import { isOvertaken, legacyOf, type OrderTools } from '../order/newest.ts'
import type { Pauses } from '../pause/pauses.ts'
import { concludeTurn, type PausedHandler } from './conclude-turn.ts'
import type { ParsedPayloads } from './parsed-payloads.ts'
import { type HandlerTools, runHandler, runRedacted } from './run-handler.ts'
import { type Timing, TurnProgress } from './turn-progress.ts'

export interface AttemptTools extends HandlerTools, OrderTools {
  readonly clock: Required<Clock>
  readonly provider: Provider
  readonly payloads: Pick<ParsedPayloads, 'take'>
  readonly retry: RetryPolicy
  /** Whether a handler that waits is skipped until its time has come. False if the sender decides when it tries again. */
  readonly heedsWaits: boolean
  readonly pauses: Pauses
  /** Whether no further handler should begin, as the process is about to exit. */
  isStopping(): boolean
  readonly instruments: Instruments
  /** How observers, instruments and log lines name the event. */
  describe(event: Pick<EventRecord, 'key' | 'source' | 'tenant' | 'id' | 'type'>): ObservedEvent
}

/** Runs the handlers of an event that are due and not settled, one after the other, and answers the verdict. Never rejects. */
export async function attemptEvent(
  attempt: Attempt,
  ofType: HandlersOfType,
  tools: AttemptTools,
): Promise<Verdict> {
  const { clock, retry } = tools
  const inboxAheadMs = attempt.now - clock.elapsed()
  const progress = new TurnProgress(attempt.progress, attempt.attempt, retry)
  const paused: PausedHandler[] = []
  let [wasStopped, hasRun] = [false, false]
  try {
    const payload = tools.payloads.take(attempt.event)
    const fetchThing = fetchOnce(tools.provider, attempt.signal, tools)
    const opening = openEvent(tools.provider, attempt.event, payload, fetchThing)
    const event = isPromise(opening) ? await openedInTime(opening, attempt, tools) : opening
    const unsettled = dueHandlers(ofType.handlers, progress, tools.heedsWaits ? attempt.now : undefined)
    for (const handler of withoutOvertaken(unsettled, progress, attempt, tools)) {
      const begins = mayBegin(attempt, progress, hasRun, tools)
      wasStopped = !(isPromise(begins) ? await begins : begins)
      if (wasStopped) break
      const waitMs = tools.pauses.waitOf(handler.name)
      if (waitMs !== undefined) {
        paused.push({ name: handler.name, waitMs })
        continue
      }
      hasRun = true
      const timing = timer(clock, inboxAheadMs)
      try {
        const number = progress.attemptOf(handler.name)
        const running = runnerOf(tools)(handler, event, number, attempt, tools)
        if (isPromise(running)) await running
        progress.complete(handler.name, timing())
      } catch (error) {
        progress.fail(handler.name, error, timing())
      }
    }
  } catch (error) {
    progress.failEvent(redactedError(error, attempt.event, tools.redact), clock.now())
  }
  return concludeTurn(
    { progress, wasStopped, paused },
    attempt,
    ofType,
    retry,
    clock.elapsed() + inboxAheadMs,
  )
}

/** A schema may wait for something that never comes. It has as much time as a handler, so that its event does not keep its place forever. */
function openedInTime(
  opening: PromiseLike<WebhookEvent>,
  { event: { type } }: Attempt,
  { clock, handlerTimeout }: AttemptTools,
): Promise<WebhookEvent> {
  const onTimeout = () =>
    new HandlerTimeoutError(`the schema of ${type} did not answer within ${handlerTimeout} ms`)
  return settledWithin(opening, handlerTimeout, clock, { onTimeout })
}

function runnerOf(tools: AttemptTools): typeof runWatched {
  return tools.instruments.areAbsent ? unwatchedRunner(tools) : runWatched
}

function unwatchedRunner({ redact }: HandlerTools): typeof runHandler {
  return redact.isEmpty ? runHandler : runRedacted
}

/** Runs a handler within the installed instruments. */
function runWatched(
  handler: NamedHandler,
  event: WebhookEvent,
  number: number,
  attempt: Attempt,
  tools: AttemptTools,
): ReturnType<typeof runHandler> {
  const { trace } = attempt.event
  const run = { ...tools.describe(attempt.event), handler: handler.name, attempt: number, trace }
  return tools.instruments.aroundHandler(run, () =>
    unwatchedRunner(tools)(handler, event, number, attempt, tools),
  )
}

/** @param now on the inbox's time. Left out, no handler waits. */
function dueHandlers(
  handlers: readonly NamedHandler[],
  progress: TurnProgress,
  now: number | undefined,
): readonly NamedHandler[] {
  if (progress.isFresh) return handlers
  return handlers.filter(
    (handler) =>
      (now === undefined || progress.isDue(handler.name, now)) && !isSettled(progress, handler, handlers),
  )
}

/** Handlers that have handled a newer event of the order key skip this one. */
function withoutOvertaken(
  due: readonly NamedHandler[],
  progress: TurnProgress,
  attempt: Attempt,
  tools: AttemptTools,
): readonly NamedHandler[] {
  if (attempt.newest === undefined) return due
  const overtaken = due.filter(({ name }) => isOvertaken(name, attempt, tools))
  for (const { name } of overtaken) progress.skip(name, tools.clock.now())
  return due.filter((handler) => !overtaken.includes(handler))
}

/** Measures the time of a run, from now. */
function timer(clock: Required<Clock>, inboxAheadMs: number): () => Timing {
  const startedAt = clock.now()
  const elapsedBefore = clock.elapsed()
  return () => {
    const elapsed = clock.elapsed()
    return { startedAt, durationMs: elapsed - elapsedBefore, endedAt: elapsed + inboxAheadMs }
  }
}

/** Whether a handler may begin now: the turn may have stood in line, or its last handler may have run for long. */
function mayBegin(
  attempt: Attempt,
  progress: TurnProgress,
  hasRun: boolean,
  tools: AttemptTools,
): Awaitable<boolean> {
  if (tools.isStopping()) return false
  return hasRun || tools.pauses.isAllPaused ? mayGoOn(attempt, progress, hasRun, tools) : true
}

/** The same where there is something to wait for: what is paused has to be looked at, or the progress so far has to be stored. */
async function mayGoOn(
  attempt: Attempt,
  progress: TurnProgress,
  hasRun: boolean,
  tools: AttemptTools,
): Promise<boolean> {
  if (!(await tools.pauses.known())) return false
  return (!hasRun || (await isKept(attempt, progress, tools))) && !tools.isStopping()
}

/** Whether the store has the progress. If it fails now, the verdict stores it later, and no other handler begins before that. */
async function isKept(attempt: Attempt, { current }: TurnProgress, tools: OrderTools): Promise<boolean> {
  try {
    await attempt.checkpoint(current, legacyOf(current, attempt, tools))
    return true
  } catch {
    return false
  }
}

/** A handler that was given a name, and is the only one of its type, keeps its progress from before. */
function isSettled(
  progress: TurnProgress,
  { name, unnamed }: NamedHandler,
  all: readonly NamedHandler[],
): boolean {
  if (progress.isSettled(name)) return true
  if (progress.current.only !== undefined) return false // a handler that is replayed has to run
  return progress.isSettled(unnamed) && all.filter((other) => other.unnamed === unnamed).length === 1
}

import type { Attempt, Verdict, Work } from '../../contracts/inbox/handling.ts'
import type { Failure, Progress } from '../../contracts/inbox/progress.ts'
import type { Logger } from '../../contracts/logger.ts'
import type { Observe } from '../../contracts/receiver/observers.ts'
import { type Handlers, handlersFor } from '../handlers.ts'
import { withLegacy } from '../order/newest.ts'
import type { ParkLog } from '../park-log.ts'
import { type AttemptTools, attemptEvent } from './attempt-event.ts'
import { concludeInterruption, waitsForItsHandler } from './conclude-turn.ts'
import { type RereadTools, rereadEvent } from './reread-event.ts'

export interface HandlingTools extends AttemptTools, RereadTools {
  readonly handlers: Handlers
  readonly observe: Observe
  readonly parkLog: ParkLog
  /** For lines that every event may cause. */
  readonly eventLogger: Logger
  readonly unhandled: 'park' | 'drop'
  /** Whether the inbox can park events that no handler wants. It can't with `after-handlers` on an inbox that is not durable. */
  readonly isParkable: boolean
  /** How long a handled event is kept, in milliseconds. */
  readonly keepHandledFor: number
}

const fixOfDeadLetters = "fix what the failures name, then call the receiver's redrive(key)"

/** Handles one event: runs its handlers, makes the verdict, tells observers and the log. */
export function eventWork(tools: HandlingTools): Work {
  return async (attempt) => {
    const beganAt = tools.clock.elapsed()
    const { unreadable } = attempt.event
    const waiting = waitsForItsHandler(attempt, tools)
    if (waiting) return waiting
    const concluded =
      concludeInterruption(attempt, tools.retry, tools.clock.now()) ??
      (unreadable
        ? await rereadEvent(attempt, tools)
        : await attemptEvent(attempt, handlersFor(attempt, tools.handlers), tools))
    const verdict = deadIfLost(concluded, tools)
    if (!attempt.signal?.aborted) reportVerdict(attempt, verdict, tools.clock.elapsed() - beganAt, tools)
    const whole = withLegacy(verdict, attempt, tools)
    return whole.outcome === 'park' && tools.unhandled === 'drop'
      ? { ...whole, outcome: 'done' }
      : finished(whole, tools)
  }
}

/** A catch-all that has failed for good does not keep an event from being parked. Where it can't be parked, its failure would be lost with it. */
function deadIfLost(verdict: Verdict, tools: HandlingTools): Verdict {
  if (verdict.outcome !== 'park' || isParking(tools)) return verdict
  const { progress } = verdict
  const failures = progress.abandoned
  return failures.length > 0 ? { outcome: 'dead', progress, failures } : verdict
}

/** Whether an event that no handler wants is kept for one that does. */
function isParking({ unhandled, isParkable }: HandlingTools): boolean {
  return unhandled === 'park' && isParkable
}

/** A handled event is kept as long as the receiver says. */
function finished(verdict: Verdict, { keepHandledFor }: HandlingTools): Verdict {
  return verdict.outcome === 'done' && keepHandledFor > 0 ? { ...verdict, keepMs: keepHandledFor } : verdict
}

function reportVerdict(attempt: Attempt, verdict: Verdict, durationMs: number, tools: HandlingTools): void {
  const about = () => ({ ...tools.describe(attempt.event), attempt: attempt.attempt })
  const skipped = newlySkipped(attempt, verdict)
  if (skipped.length > 0)
    tools.observe('skipped', () => ({ ...tools.describe(attempt.event), handlers: skipped }))
  if (verdict.outcome === 'done' && (skipped.length === 0 || verdict.progress.completed.length > 0))
    tools.observe('handled', () => ({ ...about(), durationMs }))
  if (verdict.outcome === 'park') reportParked(attempt, verdict.progress, tools)
  if (verdict.outcome === 'dead') {
    const { failures } = verdict
    tools.eventLogger.error(
      { ...about(), failures: withoutStacks(failures), fix: fixOfDeadLetters },
      'event failed for good: it is a dead letter now',
    )
    tools.observe('dead', () => ({ ...about(), failures }))
  }
  if (verdict.outcome === 'retry') reportRetry(attempt, verdict, tools)
}

type Retry = Extract<Verdict, { outcome: 'retry' }>

function reportRetry(attempt: Attempt, verdict: Retry, tools: HandlingTools): void {
  if (isToGoOn(verdict) || isPaused(attempt, verdict, tools)) return
  const { failures, delayMs, keepInterruptions, progress } = verdict
  const { interruptions } = attempt
  const about = () => ({ ...tools.describe(attempt.event), attempt: attempt.attempt })
  const retryInMs = tools.heedsWaits ? Math.round(delayMs) : null
  const waiting = progress.waiting?.map(({ handler }) => handler)
  tools.eventLogger.warn(
    { ...about(), interruptions, retryInMs, failures: withoutStacks(failures), waiting },
    keepInterruptions
      ? 'the process died while it handled this event alone: it will be tried again, alone'
      : `${failures[0] ? 'event was not handled' : 'a handler waits'}, it will be tried again`,
  )
  if (!keepInterruptions) tools.observe('failed', () => ({ ...about(), failures, retryInMs }))
}

/** No handler has failed, or asked to be called later: it waits for one that is paused. */
function isPaused(
  { progress: before }: Attempt,
  { failures, progress }: Retry,
  { pauses }: HandlingTools,
): boolean {
  if (failures.length > 0 || !pauses.areAny) return false
  return !progress.waiting?.some((one) => !before.waiting?.includes(one))
}

const none: readonly string[] = []

/** What failed for good in this turn. */
function newlyAbandoned({ progress: before }: Attempt, { abandoned }: Progress): readonly Failure[] {
  return abandoned.filter((failure) => !before.abandoned.includes(failure))
}

/** Handlers that were skipped in this turn, as they have handled a newer event. */
function newlySkipped({ progress: before }: Attempt, verdict: Verdict): readonly string[] {
  const skipped = verdict.outcome === 'replace' ? undefined : verdict.progress.skipped
  return skipped?.filter((handler) => !before.skipped?.includes(handler)) ?? none
}

/** Nothing has failed: the process is about to exit, or the store did not keep the progress so far. */
function isToGoOn({ failures, delayMs, keepInterruptions }: Retry): boolean {
  return failures.length === 0 && delayMs === 0 && !keepInterruptions
}

function reportParked(attempt: Attempt, progress: Progress, tools: HandlingTools): void {
  const { event } = attempt
  const { observe, describe, parkLog, unhandled } = tools
  const isParked = isParking(tools)
  observe(isParked ? 'parked' : 'unhandled', () => describe(event))
  if (isParked) parkLog.parked(event.type)
  else if (unhandled === 'park') parkLog.lost(event.type)
  const failures = newlyAbandoned(attempt, progress)
  if (failures.length > 0)
    tools.eventLogger.error(
      { ...describe(event), attempt: attempt.attempt, failures: withoutStacks(failures) },
      'a catch-all handler failed for good: its event is parked, as another handler may take it',
    )
}

function withoutStacks(failures: readonly Failure[]): Omit<Failure, 'stack'>[] {
  return failures.map(({ stack: _, ...failure }) => failure)
}

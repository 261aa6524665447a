import type { Attempt, Verdict, Work } from '../../contracts/inbox/handling.ts'
import type { Failure } from '../../contracts/inbox/progress.ts'
import type { Observe } from '../../contracts/receiver/observers.ts'
import type { Handlers } from '../handlers.ts'
import type { ParkLog } from '../park-log.ts'
import { type AttemptTools, attemptEvent } from './attempt-event.ts'
import { concludeInterruption } from './conclude-turn.ts'
import { type RereadTools, rereadEvent } from './reread-event.ts'

export interface HandlingTools extends AttemptTools, RereadTools {
  readonly handlers: Handlers
  readonly observe: Observe
  readonly parkLog: ParkLog
  readonly unhandled: 'park' | 'drop'
  /** Whether the inbox can keep what no handler takes. Not where nothing is kept before it was handled, and the inbox is not durable. */
  readonly isParkable: boolean
}

const fixOfDeadLetters = 'mend what the failures name, then redrive(key) of the receiver'

/** Handles one event: runs its handlers, draws the conclusion, tells observers and the log. */
export function eventWork(tools: HandlingTools): Work {
  return async (attempt) => {
    const beganAt = tools.clock.elapsed()
    const { type, unreadable } = attempt.event
    const verdict =
      concludeInterruption(attempt, tools.retry, tools.clock.now()) ??
      (unreadable
        ? await rereadEvent(attempt, tools)
        : await attemptEvent(attempt, tools.handlers.of(type), tools))
    if (!attempt.signal?.aborted) reportVerdict(attempt, verdict, tools.clock.elapsed() - beganAt, tools)
    if (verdict.outcome === 'park' && tools.unhandled === 'drop') return { ...verdict, outcome: 'done' }
    return verdict
  }
}

function reportVerdict(attempt: Attempt, verdict: Verdict, durationMs: number, tools: HandlingTools): void {
  const about = () => ({ ...tools.describe(attempt.event), attempt: attempt.attempt })
  if (verdict.outcome === 'done') tools.observe('handled', () => ({ ...about(), durationMs }))
  if (verdict.outcome === 'park') reportParked(attempt, tools)
  if (verdict.outcome === 'dead') {
    const { failures } = verdict
    tools.logger.error(
      { ...about(), failures: withoutStacks(failures), fix: fixOfDeadLetters },
      'event failed for good: it is a dead letter now',
    )
    tools.observe('dead', () => ({ ...about(), failures }))
  }
  if (verdict.outcome === 'retry' && !isToGoOn(verdict)) {
    const { failures, delayMs, keepInterruptions } = verdict
    const retryInMs = tools.heedsWaits ? delayMs : null
    tools.logger.warn(
      { ...about(), interruptions: attempt.interruptions, retryInMs, failures: withoutStacks(failures) },
      keepInterruptions
        ? 'the process died while it handled this event alone: it will be tried again, alone'
        : 'event was not handled, it will be tried again',
    )
    if (!keepInterruptions) tools.observe('failed', () => ({ ...about(), failures, retryInMs }))
  }
}

/** Nothing has failed: the process is about to leave, or the store did not keep what was done so far. */
function isToGoOn({ failures, delayMs, keepInterruptions }: Extract<Verdict, { outcome: 'retry' }>): boolean {
  return failures.length === 0 && delayMs === 0 && !keepInterruptions
}

function reportParked(
  { event }: Attempt,
  { observe, describe, parkLog, unhandled, isParkable }: HandlingTools,
): void {
  const isParked = unhandled === 'park' && isParkable
  observe(isParked ? 'parked' : 'unhandled', () => describe(event))
  if (isParked) parkLog.parked(event.type)
  else if (unhandled === 'park') parkLog.lost(event.type)
}

function withoutStacks(failures: readonly Failure[]): Omit<Failure, 'stack'>[] {
  return failures.map(({ stack: _, ...failure }) => failure)
}

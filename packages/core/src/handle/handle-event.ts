import type { Attempt, EventRecord, Failure, Verdict, Work } from '../contracts/inbox.ts'
import type { Observe } from '../contracts/observers.ts'
import { type AttemptTools, attemptEvent } from './attempt-event.ts'
import { concludeAttempt, type RetryPolicy } from './retry.ts'

interface WorkTools extends AttemptTools {
  readonly retry: RetryPolicy
  readonly observe: Observe
  /** Who tries again after a failure: the inbox after a delay, or the sender when it sees fit. */
  readonly retriedBy: 'inbox' | 'sender'
}

/**
 * An event whose turns were cut off this often is taken to be what cuts them off (by crashing the process, say), and
 * becomes a dead letter. High enough for a week of unlucky deploys.
 */
const maxInterruptions = 20

const fixOfDeadLetters = 'mend what the failures name, then redrive(key) of the receiver'

/** Handles one event: runs its handlers, draws the conclusion, tells observers and the log. */
export function eventWork(tools: WorkTools): Work {
  return async (attempt) => {
    const startedAt = tools.clock.now()
    const verdict =
      attempt.interruptions >= maxInterruptions
        ? giveUp(attempt, startedAt)
        : concludeAttempt(await attemptEvent(attempt, tools), attempt.attempt, tools.retry)
    if (!attempt.signal?.aborted) reportVerdict(attempt, verdict, tools.clock.now() - startedAt, tools)
    return verdict
  }
}

function giveUp({ interruptions, progress }: Attempt, at: number): Verdict {
  const message = `handling was cut off ${interruptions} times; does a handler crash the process?`
  return { outcome: 'dead', progress, failures: [{ handler: null, code: 'interrupted', message, at }] }
}

function reportVerdict(
  { event, attempt }: Attempt,
  verdict: Verdict,
  durationMs: number,
  tools: WorkTools,
): void {
  const { observe, logger, handlers, retriedBy } = tools
  const about = describeEvent(event)
  if (verdict.outcome === 'done') {
    if (handlers.of(event.type).length === 0)
      logger.warn(about, 'no handler takes events of this type: it is dropped')
    observe('handled', { ...about, attempt, durationMs })
    return
  }
  const failures = verdict.failures
  if (verdict.outcome === 'dead') {
    logger.error(
      { ...about, attempt, failures: withoutStacks(failures), fix: fixOfDeadLetters },
      'event failed for good: it is a dead letter now',
    )
    observe('dead', { ...about, attempt, failures })
    return
  }
  const retryInMs = retriedBy === 'inbox' ? verdict.delayMs : null
  logger.warn(
    { ...about, attempt, retryInMs, failures: withoutStacks(failures) },
    'event was not handled, it will be tried again',
  )
  observe('failed', { ...about, attempt, failures, retryInMs })
}

function describeEvent({ provider, id, type, key }: EventRecord) {
  return { provider, id, type, key }
}

function withoutStacks(failures: readonly Failure[]): Omit<Failure, 'stack'>[] {
  return failures.map(({ stack: _, ...failure }) => failure)
}

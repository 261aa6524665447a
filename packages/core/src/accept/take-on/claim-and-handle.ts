import { Refusal } from '../../contracts/errors.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Verdict, Work } from '../../contracts/inbox/handling.ts'
import type { ClaimResult, Lease, PutOptions } from '../../contracts/inbox/inbox.ts'
import type { Logger } from '../../contracts/logger.ts'
import { HeldLease, leaseMs } from '../../inbox-kit/held-lease.ts'
import type { Awaitable } from '../../time/awaitable.ts'
import { withDeadline } from '../../time/deadlines.ts'
import type { Limiter } from '../../time/limiter.ts'
import { inProgress, noOutcome, type TakeOn, type TakeOnTools } from './put-event.ts'

interface ClaimingTools extends TakeOnTools {
  readonly work: Work
  readonly limiter: Limiter
  readonly logger: Logger
  /** Keys of events whose handlers were aborted in this process but still run. */
  running(): ReadonlySet<string>
  /** What is paused. Where nothing else is handled in this process, only deliveries make it look. */
  readonly pauses: {
    /** Whether it is paused as a whole, or has to look first. */
    readonly isAllPaused: boolean
    /** Looks if needed. False where it can't be seen. */
    known(): Promise<boolean>
    /** Why it can't. */
    readonly trouble: unknown
  }
}

/** Acknowledges an event once its handlers have succeeded, or have failed for good and it is kept as a dead letter. */
export function takeOnAfterHandlers(tools: ClaimingTools): TakeOn {
  return async (event, options, withinMs = tools.acceptTimeout) => {
    if (tools.running().has(event.key)) throw inProgress('a handler of the event is still running', leaseMs)
    const askedAt = tools.clock.elapsed()
    if (tools.pauses.isAllPaused) await assertPausesKnown(withinMs, tools)
    const claimedAt = tools.clock.elapsed()
    const claim = await claimEvent(event, options, withinMs - (claimedAt - askedAt), tools)
    if (claim?.outcome === 'duplicate') return claim
    if (claim?.outcome === 'in_progress')
      throw inProgress('another delivery of the event is being handled', claim.retryAfterMs)
    if (claim?.outcome !== 'claimed') throw noOutcome('claim')
    const verdict = await handleUnderLease(event, claim.lease, claimedAt, tools)
    if (!(await settle(event, claim.lease, verdict, options, tools))) {
      throw inProgress('the lease on the event was lost while its handlers ran', leaseMs)
    }
    if (verdict.outcome === 'retry') throw handlerFailed(verdict)
    return { outcome: 'accepted' }
  }
}

/** Before the claim: an event whose handlers may be paused is left to the next attempt of its sender. */
async function assertPausesKnown(withinMs: number, { pauses, clock }: ClaimingTools): Promise<void> {
  if (!(await withDeadline(() => pauses.known(), withinMs, clock)))
    throw new Refusal('unavailable', "the inbox can't be asked what is paused", { cause: pauses.trouble })
}

function claimEvent(
  event: EventRecord,
  options: PutOptions,
  withinMs: number,
  { inbox, clock }: ClaimingTools,
): Awaitable<ClaimResult> {
  const giveBack = async (late: ClaimResult) => {
    if (late?.outcome !== 'claimed') return
    try {
      await inbox.release(late.lease, late.lease.progress, false)
    } catch {
      // Its lease runs out by itself.
    }
  }
  return withDeadline(() => inbox.claim(event, { ...options, leaseMs }), withinMs, clock, giveBack)
}

async function handleUnderLease(
  event: EventRecord,
  lease: Lease,
  claimedAt: number,
  tools: ClaimingTools,
): Promise<Verdict> {
  const held = new HeldLease(tools.inbox, lease, claimedAt, tools.clock)
  const { attempt, progress } = lease
  const uncut = { interruptions: 0, interruptedAlone: 0, wasInterrupted: false }
  const now = tools.clock.elapsed()
  try {
    await tools.limiter.enter()
    try {
      return await tools.work({
        event,
        attempt,
        progress,
        ...uncut,
        now,
        signal: held.loss,
        checkpoint: () => {},
      })
    } finally {
      tools.limiter.leave()
    }
  } finally {
    held.end()
  }
}

/** Tells the inbox the verdict. False where the lease is lost. */
async function settle(
  event: EventRecord,
  lease: Lease,
  verdict: Verdict,
  options: PutOptions,
  { inbox, acceptTimeout, clock, logger }: ClaimingTools,
): Promise<boolean> {
  const tell = () => {
    switch (verdict.outcome) {
      case 'dead':
        return inbox.bury(lease, event, { ...verdict, ...options })
      case 'park':
        // An event that does not outlive the process would be parked for nothing. It is acknowledged, and observed as unhandled.
        return inbox.durable
          ? inbox.park(lease, event, { ...verdict, failures: [], ...options })
          : inbox.confirm(lease, event, options)
      case 'retry':
        return inbox.release(lease, verdict.progress, verdict.attemptUsed)
      default:
        return inbox.confirm(lease, event, options)
    }
  }
  try {
    return await withDeadline(tell, acceptTimeout, clock)
  } catch (err) {
    if (verdict.outcome === 'dead' || verdict.outcome === 'park') throw err
    // The handlers have run, and the reply says with what result. A 503 would only make them run again.
    logger.error(
      { err, key: event.key, outcome: verdict.outcome },
      'the inbox could not be told how handling ended',
    )
    return true
  }
}

function handlerFailed({ attemptUsed, delayMs }: Extract<Verdict, { outcome: 'retry' }>): Refusal {
  const reason = 'a handler failed: the sender is asked to send the event again'
  return new Refusal('handler_failed', reason, attemptUsed ? {} : { retryAfterMs: delayMs })
}

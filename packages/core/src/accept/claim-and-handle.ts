import { Refusal } from '../contracts/errors.ts'
import type { ClaimResult, EventRecord, Lease, PutOptions, Verdict, Work } from '../contracts/inbox.ts'
import type { Logger } from '../contracts/logger.ts'
import { HeldLease, leaseMs } from '../inbox-kit/held-lease.ts'
import { withDeadline } from '../time/with-deadline.ts'
import type { Limiter } from './limiter.ts'
import type { TakeOn, TakeOnTools } from './put-event.ts'

interface HandlingTools extends TakeOnTools {
  readonly work: Work
  readonly limiter: Limiter
  readonly logger: Logger
}

/** Acknowledges an event once its handlers have succeeded, or have failed for good and it is kept as a dead letter. */
export function takeOnAfterHandlers(tools: HandlingTools): TakeOn {
  return async (event, options) => {
    const claim = await claimEvent(event, options, tools)
    if (claim.outcome === 'duplicate') return claim
    if (claim.outcome === 'in_progress')
      throw inProgress('another delivery of the event is being handled', claim.retryAfterMs)
    const verdict = await handleUnderLease(event, claim.lease, tools)
    if (!(await settle(event, claim.lease, verdict, options, tools))) {
      throw inProgress('the lease on the event was lost while its handlers ran', leaseMs)
    }
    if (verdict.outcome === 'retry') throw handlerFailed(verdict)
    return { outcome: 'accepted' }
  }
}

function claimEvent(event: EventRecord, options: PutOptions, tools: HandlingTools): Promise<ClaimResult> {
  const { inbox, acceptTimeout, clock } = tools
  const giveBack = async (late: ClaimResult) => {
    if (late.outcome !== 'claimed') return
    try {
      await inbox.release(late.lease, late.lease.progress, false)
    } catch {
      // Its lease runs out by itself.
    }
  }
  return withDeadline(() => inbox.claim(event, { ...options, leaseMs }), acceptTimeout, clock, giveBack)
}

async function handleUnderLease(event: EventRecord, lease: Lease, tools: HandlingTools): Promise<Verdict> {
  const held = new HeldLease(tools.inbox, lease, tools.clock)
  const { attempt, progress } = lease
  const turn = { event, attempt, progress, interruptions: 0, signal: held, checkpoint: () => {} }
  try {
    await tools.limiter.enter()
    try {
      return await tools.work(turn)
    } finally {
      tools.limiter.leave()
    }
  } finally {
    held.end()
  }
}

/** Tells the inbox how it went. False where the lease is lost. */
async function settle(
  event: EventRecord,
  lease: Lease,
  verdict: Verdict,
  options: PutOptions,
  { inbox, acceptTimeout, clock, logger }: HandlingTools,
): Promise<boolean> {
  const tell = () => {
    if (verdict.outcome === 'done') return inbox.confirm(lease, event, options)
    if (verdict.outcome === 'dead') return inbox.bury(lease, event, { ...verdict, ...options })
    return inbox.release(lease, verdict.progress, verdict.countsAsAttempt)
  }
  try {
    return await withDeadline(tell, acceptTimeout, clock)
  } catch (err) {
    if (verdict.outcome === 'dead') throw err
    // The handlers have run, and the reply says how. A 503 would only have them run once more.
    logger.error(
      { err, key: event.key, outcome: verdict.outcome },
      'the inbox could not be told how handling went',
    )
    return true
  }
}

function inProgress(reason: string, retryAfterMs: number): Refusal {
  return new Refusal('in_progress', reason, { retryAfterMs })
}

function handlerFailed({ countsAsAttempt, delayMs }: Extract<Verdict, { outcome: 'retry' }>): Refusal {
  const reason = 'a handler failed; the sender is left to try again'
  return new Refusal('handler_failed', reason, countsAsAttempt ? {} : { retryAfterMs: delayMs })
}

import { Refusal } from '../../contracts/errors.ts'
import type { SignatureClaim } from '../../contracts/provider/provider.ts'

/** How far a sender's clock may run ahead of ours: the tolerance of Standard Webhooks, five minutes. */
const futureToleranceMs = 5 * 60_000

/**
 * Refuses an event whose signed time, or where the signature holds none the time in it, is too old or too far ahead. Its age must be under
 * `maxAgeMs`, and under what the sender allows. Ids are remembered for as long, so an event is never acceptable after its id was forgotten.
 */
export function checkFreshness(
  signature: Pick<SignatureClaim, 'signedAt' | 'maxAge'>,
  createdAt: number,
  now: number,
  maxAgeMs: number,
): void {
  const { signedAt = createdAt, maxAge = maxAgeMs } = signature
  const oldest = Math.min(maxAgeMs, maxAge)
  const fresh = now - signedAt < oldest // false for a time that is not a number
  if (!fresh) {
    throw new Refusal(
      'stale_event',
      `the event was signed ${seconds(now - signedAt)} ago; maxAge is ${seconds(oldest)}`,
      {
        fix: 'an old event sent again, or a clock that is wrong; to take it on regardless, raise maxAge and dedupeWindow',
      },
    )
  }
  if (signedAt - now > futureToleranceMs) {
    throw new Refusal('stale_event', `the event was signed ${seconds(signedAt - now)} in the future`, {
      fix: "is this machine's clock right?",
    })
  }
}

/**
 * How long to remember the id of an event that passed. One dated ahead stays acceptable for longer than one dated now, so
 * it is remembered for as much longer.
 */
export function rememberMs(signedAt: number, now: number, dedupeWindowMs: number): number {
  return dedupeWindowMs + Math.max(0, signedAt - now)
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

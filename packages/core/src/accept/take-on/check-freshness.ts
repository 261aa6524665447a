import { Refusal } from '../../contracts/errors.ts'
import type { SignatureClaim } from '../../contracts/provider/provider.ts'

/** How far a sender's clock may run ahead of ours: the tolerance of Standard Webhooks, five minutes. */
const futureToleranceMs = 5 * 60_000

/** Times in seconds are below this, and in milliseconds above, since 1973. */
const mostSeconds = 1e11

/** Times in milliseconds are below this, and in microseconds above. */
const mostMilliseconds = 1e14

const limitOfReceiver = ['maxAge', 'maxAge and dedupeWindow']
/** A sender that signs each attempt anew has a limit of its own, which no option of the receiver raises. */
const limitOfProvider = [
  'the limit of its provider',
  'tolerance of the provider, or maxAge in a definition of your own',
]

/**
 * Refuses an event whose time is too old or too far ahead. The time is the signed one, or the one in the body where the signature has
 * none. Its age must be under `maxAgeMs`, and under what the sender allows. Ids are remembered for as long, so that an event is never
 * accepted after its id was forgotten.
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
    const [limit, toAccept] = maxAge < maxAgeMs ? limitOfProvider : limitOfReceiver
    throw new Refusal(
      'stale_event',
      `the event was signed ${seconds(now - signedAt)} ago; ${limit} is ${seconds(oldest)}`,
      {
        fix:
          signedAt < mostSeconds
            ? 'is that a time in seconds? A definition gives milliseconds'
            : `an old event was sent again, or a clock is wrong; to accept it anyway, raise ${toAccept}`,
      },
    )
  }
  if (signedAt - now > futureToleranceMs) {
    throw new Refusal('stale_event', `the event was signed ${seconds(signedAt - now)} in the future`, {
      fix:
        signedAt > mostMilliseconds
          ? 'is that a time in microseconds? A definition gives milliseconds'
          : "is this machine's clock right?",
    })
  }
}

/**
 * How long to remember the id of an accepted event. An event dated in the future stays acceptable for longer, so its id is remembered for
 * longer too.
 */
export function rememberMs(signedAt: number, now: number, dedupeWindowMs: number): number {
  return dedupeWindowMs + Math.max(0, signedAt - now)
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

import type { Attempt, Verdict } from '../contracts/handling.ts'
import type { RetryPolicy } from '../setup/options.ts'
import { retryDelay } from './retry.ts'

/**
 * The verdict on an event whose last turn was cut off while nothing else was under work: it waits as after a failure, so that what
 * crashes the process again and again buries no bystander, and after as many such turns as a handler has attempts it is a dead letter.
 * Undefined for any other event.
 */
export function concludeInterruption(
  { wasInterrupted, interruptedAlone, progress }: Attempt,
  policy: RetryPolicy,
  at: number,
): Verdict | undefined {
  if (!wasInterrupted || interruptedAlone === 0) return undefined
  if (interruptedAlone < policy.attempts) {
    const delayMs = retryDelay(policy, interruptedAlone, Math.random())
    return { outcome: 'retry', delayMs, progress, failures: [], attemptUsed: false, keepInterruptions: true }
  }
  const message = `the process died ${interruptedAlone} times while it handled this event alone; does a handler end or block it?`
  return { outcome: 'dead', progress, failures: [{ handler: null, code: 'interrupted', message, at }] }
}

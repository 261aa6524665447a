import type { SenderClock } from './clock.ts'
import type { Answer } from './send-attempt.ts'

/** One attempt at a delivery. */
export interface Attempt extends Answer {
  /** When it began, in ms by the sender's clock. */
  at: number
}

export interface RetryPlan {
  /** The waits before the retries, each from the failure before it. */
  delaysMs: readonly number[]
  clock: SenderClock
  /** Ends the waits and retries. */
  signal: AbortSignal
  onAttempt?: ((attempt: Attempt) => void | Promise<void>) | undefined
}

/** A 2xx is a success if its whole reply arrived. */
export function isSuccess(answer: Answer): boolean {
  return answer.error === null && answer.status !== null && answer.status >= 200 && answer.status < 300
}

/** Attempts until one succeeds, the delays are used up, or the signal aborts. Returns all attempts made. */
export async function deliverWithRetries(
  attempt: () => Promise<Answer>,
  plan: RetryPlan,
): Promise<Attempt[]> {
  const { delaysMs, clock, signal, onAttempt } = plan
  const attempts: Attempt[] = []
  for (const delayMs of [...delaysMs, null]) {
    const at = clock.now()
    const answer = await attempt()
    const made = { at, ...answer }
    attempts.push(made)
    await onAttempt?.(made) // what it rejects with is the caller's, as what it throws
    if (isSuccess(answer) || delayMs === null) break
    if (!(await waited(delayMs, clock, signal))) break
  }
  return attempts
}

/** False if the signal ended the wait early. */
async function waited(delayMs: number, clock: SenderClock, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  try {
    await clock.sleep(delayMs, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return !signal.aborted
}

import { isRefusal, type RefusalCode } from '../contracts/errors.ts'

/** Refusals that another attempt does not mend. */
const final: ReadonlySet<RefusalCode> = new Set(['stale_event', 'invalid_payload'])

/**
 * Waits for the events of one delivery, which is acknowledged only where all are held. Whatever becomes of one, the others are taken on. Of
 * several failures one is told that another attempt may mend, so that the sender makes it.
 */
export async function allTogether(steps: readonly Promise<void>[]): Promise<void> {
  if (steps.length === 1) return steps[0]
  const ends = await Promise.allSettled(steps)
  const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
  if (reasons.length > 0) throw reasons.find((reason) => !isFinal(reason)) ?? reasons[0]
}

function isFinal(reason: unknown): boolean {
  return isRefusal(reason) && final.has(reason.code)
}

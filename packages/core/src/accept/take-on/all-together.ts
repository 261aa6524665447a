import { isRefusal, type Refusal, type RefusalCode } from '../../contracts/errors.ts'

/** Takes an event on. Rejects where it can't. */
export type Step = () => Promise<void>

/** Refusals that a retry would meet again. */
const final: ReadonlySet<RefusalCode> = new Set(['stale_event', 'invalid_payload'])

/**
 * Takes the events of one delivery on. If one is refused, the others are still taken on. A refusal that a retry would meet again is left
 * out where there are other events, since the sender can only send all of them again.
 *
 * @param turns of which each is all that the delivery has of one event: these are taken in turn.
 *
 * @returns why events were left out.
 * @throws what a retry may succeed with, so that the sender retries; or why nothing of the delivery was taken on.
 */
export async function allTogether(turns: readonly (readonly Step[])[]): Promise<readonly Refusal[]> {
  const ends = (await Promise.all(turns.map(inTurn))).flat()
  const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
  const leftOut = reasons.filter(isFinal)
  if (leftOut.length < reasons.length) throw reasons.find((reason) => !isFinal(reason))
  if (leftOut.length > 0 && leftOut.length === ends.length) throw leftOut[0]
  return leftOut
}

/** An event that is twice in one body is a duplicate. It is not a second attempt at an event that has just failed. */
async function inTurn(steps: readonly Step[]): Promise<PromiseSettledResult<void>[]> {
  const ends: PromiseSettledResult<void>[] = []
  for (const step of steps) {
    const [end] = await Promise.allSettled([step()])
    ends.push(end)
    if (end.status === 'rejected' && !isFinal(end.reason)) break
  }
  return ends
}

function isFinal(reason: unknown): reason is Refusal {
  return isRefusal(reason) && final.has(reason.code)
}

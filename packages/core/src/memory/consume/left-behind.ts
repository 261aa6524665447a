import type { ConsumeOptions } from '../../contracts/inbox/handling.ts'
import type { Kept } from '../kept/kept-events.ts'
import type { EventStates } from './event-states.ts'

/** Added to `handlerTimeout`: how long a turn may be silent until its request is assumed to have ended. */
const graceMs = 1_000

/**
 * Where requests end early, timers and turns end with them. Each new request calls this: it makes pending what earlier requests left behind, which
 * are events whose retry is due, and those being handled in a request that has ended.
 */
export function takeUpWhatWasLeft(
  events: Iterable<Kept>,
  states: EventStates,
  { source, handlerTimeout = Number.POSITIVE_INFINITY, logger }: ConsumeOptions,
  now: number,
): void {
  for (const kept of events) {
    const { state, dueAt, turnAt, event } = kept
    if (event.source !== source) continue
    if (state === 'scheduled' && now >= (dueAt as number)) states.becomeDue(kept)
    if (state !== 'active' || now < turnAt + handlerTimeout + graceMs) continue
    const { key, type } = event
    logger.warn({ key, type }, 'a request ended before the handlers of its event did: they run again')
    kept.taker = undefined
    kept.interruptions += 1
    states.makePending(kept)
  }
}

import type { Clock } from '../../contracts/clock.ts'
import type { Attempt, ConsumeOptions, Legacy, Verdict } from '../../contracts/inbox/handling.ts'
import type { Kept } from '../kept/kept-events.ts'
import type { EventStates } from './event-states.ts'
import type { ConsumerEvents, MemoryConsumer } from './memory-consumer.ts'

/** How long an event is delayed whose handler was aborted but still runs. */
const postponedMs = 1_000

type Replacement = Extract<Verdict, { outcome: 'replace' }>

/** The events of one consumer: what is recorded when a turn begins, and what its verdict does to the event. */
export class Turns implements ConsumerEvents {
  readonly #states: EventStates
  readonly #options: ConsumeOptions
  readonly #clock: Required<Clock>
  readonly #putInPlace: (replacement: Replacement) => void

  constructor(
    states: EventStates,
    options: ConsumeOptions,
    clock: Required<Clock>,
    putInPlace: (replacement: Replacement) => void,
  ) {
    this.#states = states
    this.#options = options
    this.#clock = clock
    this.#putInPlace = putInPlace
  }

  begin(kept: Kept): Attempt {
    const now = this.#clock.elapsed()
    kept.state = 'active'
    kept.taker = this
    kept.turnAt = now
    const { event, attempt, progress, interruptions } = kept
    const newest = event.orderKey === undefined ? undefined : this.#states.lines.newestOf(kept, now)
    return {
      event,
      newest,
      attempt,
      progress,
      interruptions,
      interruptedAlone: 0,
      wasInterrupted: interruptions > 0,
      now,
      checkpoint: (progress, legacy) => {
        if (kept.taker !== this) return
        kept.progress = progress
        this.#leave(kept, legacy)
        kept.turnAt = this.#clock.elapsed()
      },
    }
  }

  end(kept: Kept, verdict: Verdict): void {
    if (kept.taker !== this) return // another request has taken it
    kept.taker = undefined
    kept.interruptions = 0
    this.#conclude(kept, verdict)
    this.#states.limitParked(this.#options)
  }

  #leave(kept: Kept, legacy: Legacy | undefined): void {
    if (legacy === undefined || kept.event.orderKey === undefined) return
    this.#states.lines.remember(kept, legacy.newest, this.#clock.elapsed() + legacy.rememberMs)
  }

  #conclude(kept: Kept, verdict: Verdict): void {
    const states = this.#states
    if ('legacy' in verdict) this.#leave(kept, verdict.legacy)
    if (verdict.outcome === 'done' && verdict.keepMs)
      states.keepHandled(kept, verdict.progress, verdict.keepMs)
    else if (verdict.outcome === 'done' || verdict.outcome === 'replace') states.drop(kept)
    if (verdict.outcome === 'replace') this.#putInPlace(verdict)
    if (verdict.outcome === 'dead') states.bury(kept, verdict.progress, verdict.failures)
    if (verdict.outcome === 'park') {
      kept.progress = verdict.progress
      states.park(kept)
    }
    if (verdict.outcome === 'retry') {
      kept.progress = verdict.progress
      kept.failures = verdict.failures
      if (verdict.attemptUsed) kept.attempt += 1
      if (verdict.untilWanted) states.scheduleUntilWanted(kept, verdict.delayMs)
      else states.schedule(kept, verdict.delayMs)
    }
  }

  inTurn(kept: Kept): Kept {
    return kept.event.orderKey === undefined ? kept : this.#states.lines.begin(kept)
  }

  passOver(kept: Kept, others: 'park' | 'drop'): void {
    if (others === 'drop') {
      this.#states.drop(kept)
      this.#options.report({ event: kept.event, outcome: 'dropped' })
    } else {
      this.#states.park(kept)
      if (kept.state === 'parked') this.#options.report({ event: kept.event, outcome: 'parked' })
    }
    this.#states.limitParked(this.#options)
  }

  postpone(kept: Kept): void {
    this.#states.schedule(kept, postponedMs)
  }

  unpark(types: ReadonlySet<string> | 'all'): readonly Kept[] {
    this.#states.limitParked(this.#options)
    return this.#states.unpark(this.#options.source, types)
  }

  stopped(consumer: MemoryConsumer, left: readonly Kept[]): void {
    this.#states.consumers.delete(consumer)
    for (const kept of left) this.#states.makePending(kept)
  }
}

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

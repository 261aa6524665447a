import type { Clock } from '../contracts/clock.ts'
import type { ConsumeOptions } from '../contracts/inbox/handling.ts'
import {
  type Failure,
  type Progress,
  type RedriveOptions,
  redrivenProgress,
} from '../contracts/inbox/progress.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'
import { Fifo } from './fifo.ts'
import { getOrMake } from './get-or-make.ts'
import type { Kept, KeptEvents } from './kept-events.ts'
import type { MemoryConsumer } from './memory-consumer.ts'
import { ParkedEvents } from './parked-events.ts'
import { Shelf } from './shelf.ts'

/** Brings kept events from one state to the next, and gives what is due to consumers. */
export class EventStates {
  readonly parked = new ParkedEvents()
  /** Consumers that may be called at any time. Empty where a consumer ends with its request. */
  readonly consumers = new Set<MemoryConsumer>()
  readonly endsWithRequest = timersEndWithRequest()
  readonly #kept: KeptEvents
  readonly #clock: Required<Clock>
  readonly #dead = new Shelf()
  readonly #dueBySource = new Map<string, Fifo<Kept>>()

  constructor(kept: KeptEvents, clock: Required<Clock>) {
    this.#kept = kept
    this.#clock = clock
  }

  dueOf(source: string): Fifo<Kept> {
    return getOrMake(this.#dueBySource, source, () => new Fifo<Kept>())
  }

  makePending(kept: Kept): void {
    kept.state = 'pending'
    kept.dueAt = null
    const { source } = kept.event
    this.dueOf(source).add(kept)
    for (const consumer of this.consumers) if (consumer.source === source) consumer.takeSoon()
  }

  schedule(kept: Kept, delayMs: number): void {
    kept.state = 'scheduled'
    kept.dueAt = this.#clock.elapsed() + delayMs
    if (!this.endsWithRequest) kept.cancelRetry = this.#clock.after(delayMs, () => this.becomeDue(kept))
  }

  /** As `schedule`, unless a consumer is there that has a handler for it, or until there is one. */
  scheduleUntilWanted(kept: Kept, delayMs: number): void {
    if (this.#handOver(kept)) return
    this.schedule(kept, delayMs)
    this.parked.addScheduled(kept)
  }

  /** The time of a scheduled one has come. */
  becomeDue(kept: Kept): void {
    this.parked.remove(kept)
    this.makePending(kept)
  }

  bury(kept: Kept, progress: Progress, failures: readonly Failure[]): void {
    kept.state = 'dead'
    kept.progress = progress
    kept.failures = failures
    this.#dead.add(kept, this.#clock.elapsed())
  }

  redrive(kept: Kept, options: RedriveOptions | undefined): void {
    this.#dead.remove(kept)
    kept.attempt = 1
    kept.progress = redrivenProgress(kept.progress, options)
    kept.failures = []
    this.makePending(kept)
  }

  /** Parks an event, unless a consumer is there that has a handler for it. */
  park(kept: Kept): void {
    if (this.#handOver(kept)) return
    kept.state = 'parked'
    this.parked.add(kept, this.#clock.elapsed())
  }

  /** Takes out what waits for a handler of these types. The caller runs it. */
  unpark(source: string, types: ReadonlySet<string> | 'all'): readonly Kept[] {
    const wanted = this.parked.take(source, types)
    for (const kept of wanted) {
      kept.cancelRetry()
      kept.state = 'pending'
      kept.dueAt = null
    }
    return wanted
  }

  /** For good: its turn has ended, or it waits. */
  drop(kept: Kept): void {
    this.#dead.remove(kept)
    if (kept.state !== 'active') this.parked.remove(kept)
    this.#kept.remove(kept)
  }

  /** Drops one that waits, whatever for. */
  discard(kept: Kept): void {
    this.dueOf(kept.event.source).remove(kept)
    for (const consumer of this.consumers) consumer.remove(kept)
    this.drop(kept)
  }

  dropDeadSince(since: number): void {
    for (;;) {
      const kept = this.#dead.surplus(since, Number.POSITIVE_INFINITY)
      if (kept === undefined) return
      this.drop(kept)
    }
  }

  limitParked({ source, parking, report }: ConsumeOptions): void {
    const since = this.#clock.elapsed() - parking.keepMs
    for (;;) {
      const kept = this.parked.surplus(source, since, parking.maxBytes)
      if (kept === undefined) return
      this.drop(kept)
      report({ event: kept.event, outcome: 'expired' })
    }
  }

  /** Gives an event to a consumer that has a handler for it. False where there is none. */
  #handOver(kept: Kept): boolean {
    const { event } = kept
    for (const consumer of this.consumers) {
      if (consumer.source !== event.source || !consumer.wants(event)) continue
      kept.state = 'pending'
      consumer.hand(kept)
      return true
    }
    return false
  }
}

import { Fifo } from '../../collections/fifo.ts'
import { getOrMake } from '../../collections/get-or-make.ts'
import type { Clock } from '../../contracts/clock.ts'
import type { ConsumeOptions } from '../../contracts/inbox/handling.ts'
import {
  type Failure,
  type Progress,
  type RedriveOptions,
  type ReplayOptions,
  redrivenProgress,
  replayedProgress,
} from '../../contracts/inbox/progress.ts'
import { timersEndWithRequest } from '../../time/timers-end-with-request.ts'
import { HandledEvents, ParkedEvents, Shelf } from '../kept/events-at-rest.ts'
import type { Kept, KeptEvents } from '../kept/kept-events.ts'
import { OrderLines } from '../kept/order-lines.ts'
import type { MemoryConsumer } from './memory-consumer.ts'

/** Moves kept events from one state to the next, and gives due events to consumers. */
export class EventStates {
  readonly parked = new ParkedEvents()
  readonly handled = new HandledEvents()
  readonly lines = new OrderLines()
  /** Consumers that may be called at any time. Empty where a consumer ends with its request. */
  readonly consumers = new Set<MemoryConsumer>()
  readonly endsWithRequest = timersEndWithRequest()
  readonly #kept: KeptEvents
  readonly #clock: Required<Clock>
  readonly #dead = new Shelf()
  readonly #dueBySource = new Map<string, Fifo<Kept>>()
  readonly #drop = (kept: Kept) => this.drop(kept)

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
    const { source, orderKey } = kept.event
    if (orderKey !== undefined && !this.lines.enter(kept)) return
    this.dueOf(source).add(kept)
    for (const consumer of this.consumers) if (consumer.source === source) consumer.takeSoon()
  }

  /** What is due at once needs no timer: its consumers would seem idle until that fires. */
  schedule(kept: Kept, delayMs: number): void {
    if (delayMs === 0) {
      this.becomeDue(kept)
      return
    }
    kept.state = 'scheduled'
    kept.dueAt = this.#clock.elapsed() + delayMs
    if (!this.endsWithRequest) kept.cancelRetry = this.#clock.after(delayMs, () => this.becomeDue(kept))
  }

  /** As `schedule`. But if a consumer has a handler for it, or as soon as one has, the event is due. */
  scheduleUntilWanted(kept: Kept, delayMs: number): void {
    if (this.#handOver(kept)) return
    this.parked.addScheduled(kept)
    this.schedule(kept, delayMs)
  }

  /** Called when the time of a scheduled event has come. */
  becomeDue(kept: Kept): void {
    this.parked.remove(kept)
    this.makePending(kept)
  }

  keepHandled(kept: Kept, progress: Progress, keepMs: number): void {
    kept.state = 'handled'
    kept.progress = progress
    kept.failures = []
    this.handled.add(kept, this.#clock.elapsed() + keepMs)
    this.#leaveLine(kept)
  }

  bury(kept: Kept, progress: Progress, failures: readonly Failure[]): void {
    kept.state = 'dead'
    kept.progress = progress
    kept.failures = failures
    this.#dead.add(kept, this.#clock.elapsed())
    this.#leaveLine(kept)
  }

  redrive(kept: Kept, options: RedriveOptions | undefined): void {
    this.#dead.remove(kept)
    kept.attempt = 1
    kept.progress = redrivenProgress(kept.progress, options)
    kept.failures = []
    this.makePending(kept)
  }

  /** False where the same replay has had the event before. */
  replay(kept: Kept, options: ReplayOptions): boolean {
    const progress = replayedProgress(kept.progress, options)
    if (progress === undefined) return false
    this.handled.remove(kept)
    kept.attempt = 1
    kept.progress = progress
    this.makePending(kept)
    return true
  }

  /** Parks an event, unless a consumer has a handler for it. */
  park(kept: Kept): void {
    this.#leaveLine(kept)
    if (this.#handOver(kept)) return
    kept.state = 'parked'
    this.parked.add(kept, this.#clock.elapsed())
  }

  /**
   * Removes waiting events whose type now has a handler. The caller runs those that it is given. The others are due for whoever comes first: they wait
   * in the line of their order key, or the caller may end before it has room for them.
   */
  unpark(source: string, types: ReadonlySet<string> | 'all'): readonly Kept[] {
    const wanted = this.parked.take(source, types)
    const isForAll = ({ event }: Kept) => event.orderKey !== undefined || this.endsWithRequest
    for (const kept of wanted) {
      kept.cancelRetry()
      kept.state = 'pending'
      kept.dueAt = null
      if (isForAll(kept)) this.makePending(kept)
    }
    return wanted.filter((kept) => !isForAll(kept))
  }

  /** Deletes an event. Its turn has ended, or it waits. */
  drop(kept: Kept): void {
    this.#dead.remove(kept)
    this.handled.remove(kept)
    if (kept.state !== 'active') this.parked.remove(kept)
    this.#kept.remove(kept)
    this.#leaveLine(kept)
  }

  /** Drops a waiting event, whatever it waits for. */
  discard(kept: Kept): void {
    this.dueOf(kept.event.source).remove(kept)
    for (const consumer of this.consumers) consumer.remove(kept)
    this.drop(kept)
  }

  dropDeadSince(since: number): void {
    this.#dead.dropSurplus(since, Number.POSITIVE_INFINITY, this.#drop)
  }

  /** Drops handled events whose time is over. */
  dropHandled(now: number): void {
    this.handled.dropEnded(now, this.#drop)
  }

  /** Drops handled events, the oldest first, as long as there is too much. */
  makeRoom(isTooMuch: () => boolean): void {
    this.handled.dropOldest(isTooMuch, this.#drop)
  }

  limitParked({ source, parking, report }: ConsumeOptions): void {
    if (this.parked.size === 0) return
    const since = this.#clock.elapsed() - parking.keepMs
    this.parked.dropSurplus(source, since, parking.maxBytes, (kept) => {
      this.drop(kept)
      report({ event: kept.event, outcome: 'expired' })
    })
  }

  /** Makes the next event of its order key due. */
  #leaveLine(kept: Kept): void {
    if (kept.event.orderKey === undefined) return
    const next = this.lines.leave(kept)
    if (next) this.makePending(next)
  }

  /** Gives an event to a consumer that has a handler for it, or to the line of its order key. False where there is no such consumer. */
  #handOver(kept: Kept): boolean {
    const { event } = kept
    for (const consumer of this.consumers) {
      if (consumer.source !== event.source || !consumer.wants(event)) continue
      kept.state = 'pending'
      if (event.orderKey === undefined) consumer.hand(kept)
      else this.makePending(kept)
      return true
    }
    return false
  }
}

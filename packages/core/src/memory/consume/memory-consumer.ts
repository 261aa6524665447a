import { Fifo } from '../../collections/fifo.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type {
  Attempt,
  ConsumeOptions,
  Consumer,
  Verdict,
  Wanted,
  Work,
} from '../../contracts/inbox/handling.ts'
import { contextOfNow } from '../../time/async-context.ts'
import { soon } from '../../time/soon.ts'
import type { Kept } from '../kept/kept-events.ts'

/** What a consumer asks of the inbox about its events. */
export interface ConsumerEvents {
  begin(kept: Kept): Attempt
  end(kept: Kept, verdict: Verdict): void
  /** The due event itself, or the one of its order key whose turn it is. */
  inTurn(kept: Kept): Kept
  /** No handler of this process wants it. */
  passOver(kept: Kept, others: 'park' | 'drop'): void
  /** Its handler was aborted but still runs. */
  postpone(kept: Kept): void
  /** Takes parked events of these types. */
  unpark(types: ReadonlySet<string> | 'all'): readonly Kept[]
  /** @param left due events that only this consumer was given. */
  stopped(consumer: MemoryConsumer, left: readonly Kept[]): void
}

/** Handlers that wait for nothing would keep all else from the event loop, deliveries too, until nothing is due. This many take some 20 ms. */
const mostInARow = 500

/** Takes due events from a queue, up to `concurrency` at once. */
export class MemoryConsumer implements Consumer {
  readonly #work: Work
  /** Takings come about in requests of the application, with which their events have nothing to do. */
  readonly #inContext = contextOfNow()
  readonly #options: ConsumeOptions
  readonly #due: Fifo<Kept>
  /** Due events for which no other consumer has a handler. */
  readonly #own = new Fifo<Kept>()
  readonly #turns: ConsumerEvents
  /** Those that had a handler when it was last woken. More may have one since. */
  #types: ReadonlySet<string> | 'all' = new Set()
  #active = 0
  #woken = false
  /** How many turns have ended since it last let others go first. */
  #inARow = 0
  #whenIdle: (() => void)[] = []
  #stopping: Promise<void> | undefined
  #stopped = false

  constructor(work: Work, options: ConsumeOptions, due: Fifo<Kept>, turns: ConsumerEvents) {
    this.#work = work
    this.#options = options
    this.#due = due
    this.#turns = turns
  }

  get source(): string {
    return this.#options.source
  }

  wake(): void {
    if (this.#stopped) return
    const { types } = this.#options.wanted()
    this.#types = types === 'all' ? types : new Set(types)
    for (const kept of this.#turns.unpark(this.#types)) this.#own.add(kept)
    this.takeSoon()
  }

  /** Whether a handler is registered for an event. */
  wants({ type, unreadable }: EventRecord): boolean {
    const { types } = this.#options.wanted()
    return types === 'all' || unreadable === true || types.includes(type)
  }

  /** Gives it a due event that no other consumer wants. */
  hand(kept: Kept): void {
    this.#own.add(kept)
    this.takeSoon()
  }

  /** Takes a due event back. */
  remove(kept: Kept): void {
    this.#own.remove(kept)
  }

  /** Says that something became due. */
  takeSoon(): void {
    if (this.#woken || this.#stopped) return
    this.#woken = true
    soon(() => {
      this.#woken = false
      this.#inARow = 0
      this.#takeDue()
    })
  }

  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  stop(): Promise<void> {
    this.#stopping ??= this.idle().then(() => {
      this.#stopped = true
      this.#turns.stopped(this, this.#own.takeAll())
    })
    return this.#stopping
  }

  #isIdle(): boolean {
    if (this.#active > 0) return false
    return this.#stopped || this.#due.size + this.#own.size === 0 || this.#isPaused
  }

  get #isPaused(): boolean {
    return this.#options.isPaused?.() === true
  }

  #takeDue(): void {
    if (this.#stopped) return
    while (this.#active < this.#options.concurrency && !this.#isPaused) {
      const due = this.#own.take() ?? this.#due.take()
      if (due === undefined) break
      const kept = this.#turns.inTurn(due)
      if (!this.#wants(kept)) continue
      this.#active += 1
      this.#run(kept)
    }
    if (this.#isIdle()) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  /** False where the event has left this turn. */
  #wants(kept: Kept): boolean {
    const { event } = kept
    const fate = this.#fateOf(event)
    if (fate !== 'hand-out') this.#turns.passOver(kept, fate)
    else if (this.#options.running().has(event.key)) this.#turns.postpone(kept)
    else return true
    return false
  }

  /** What is passed over goes to a consumer that `wants` it. If that were this one, it would pass it over again and again. */
  #fateOf(event: EventRecord): Wanted['others'] {
    const isWanted = this.#types === 'all' || this.#types.has(event.type) || event.orderKey !== undefined
    return isWanted || this.wants(event) ? 'hand-out' : this.#options.wanted().others
  }

  #run(kept: Kept): void {
    void this.#inContext(this.#work, this.#turns.begin(kept)).then((verdict) => {
      this.#turns.end(kept, verdict)
      this.#active -= 1
      this.#inARow += 1
      if (this.#inARow < mostInARow) this.#takeDue()
      else this.takeSoon()
    })
  }
}

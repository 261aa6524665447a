import type { Clock } from '../contracts/clock.ts'
import type { ConsumeOptions, Consumer, Verdict, Work } from '../contracts/handling.ts'
import type { Progress } from '../contracts/progress.ts'
import { Backoff } from './backoff.ts'
import type { EventStore, TakenEvent, TakeRequest, Taking } from './event-store.ts'
import { type HeldEvent, HeldEvents } from './held-events.ts'

export interface PollingOptions {
  readonly clock: Required<Clock>
  /** Milliseconds that a lease lasts. It is renewed three times in that. */
  readonly leaseMs: number
  /** The longest pause between two takings. What is put by another process is found after so long at the latest, unless `wake` is called. */
  readonly pollMs: number
}

/** How long a store has, once nothing is under work any more, to be told so before `stop` resolves without it. */
const farewellMs = 5_000

/**
 * Takes events from a store, up to `concurrency` at once, and tells it what became of them. The consumer of every inbox whose store outlives
 * the process.
 */
export class PollingConsumer implements Consumer {
  readonly #work: Work
  readonly #options: ConsumeOptions
  readonly #store: EventStore
  readonly #polling: PollingOptions
  readonly #held: HeldEvents
  readonly #takingTrouble: Backoff
  /** Turns whose handlers run. */
  #working = 0
  /** Verdicts that the store did not take at the first try. */
  #untold = 0
  #taking = false
  /** Something became due while a taking was under way. */
  #wokenMeanwhile = false
  /** An event waits to be run alone: nothing else is begun before it. */
  #aloneIsDue = false
  #runsAlone = false
  /** The last taking found nothing, and left nothing behind. */
  #nothingDue = false
  #cancelPoll = () => {}
  #whenIdle: (() => void)[] = []
  #stopping: Promise<void> | undefined

  constructor(work: Work, options: ConsumeOptions, store: EventStore, polling: PollingOptions) {
    this.#work = work
    this.#options = options
    this.#store = store
    this.#polling = polling
    this.#held = new HeldEvents(store, polling)
    this.#takingTrouble = new Backoff(options.logger, 'the inbox can not be asked for work', {
      source: options.source,
    })
    this.wake()
  }

  get source(): string {
    return this.#options.source
  }

  /** Says that something may be due. */
  wake(): void {
    if (this.#stopping) return
    if (this.#taking) this.#wokenMeanwhile = true
    else if (this.#free() > 0) void this.#take()
  }

  idle(): Promise<void> {
    const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    this.#nothingDue = false
    this.wake()
    this.#settle()
    return idle
  }

  /** What is due stays in the store, for the next start or another process. */
  stop(): Promise<void> {
    if (!this.#stopping) {
      this.#cancelPoll()
      this.#stopping = new Promise((resolve) => this.#whenIdle.push(resolve))
      this.#settle()
    }
    return this.#stopping
  }

  #free(): number {
    if (this.#stopping || this.#runsAlone) return 0
    if (this.#aloneIsDue) return this.#held.size === 0 ? 1 : 0
    return Math.max(0, this.#options.concurrency - this.#working - this.#untold)
  }

  #ask(): TakeRequest {
    const { source, wanted, parking, running } = this.#options
    return {
      source,
      limit: this.#free(),
      alone: this.#aloneIsDue,
      leaseMs: this.#polling.leaseMs,
      wanted: wanted(),
      parking,
      running: this.#held.keysWith(running()),
    }
  }

  async #take(): Promise<void> {
    this.#taking = true
    this.#wokenMeanwhile = false
    this.#cancelPoll()
    try {
      await this.#held.renewIfLate() // what is held comes before what could be taken
      let request: TakeRequest | undefined
      const taking = await this.#store.take(() => {
        request = this.#ask()
        return request
      })
      this.#takingTrouble.isOver()
      if (request) this.#begin(taking, request)
    } catch (error) {
      this.#nothingDue = false
      this.#pollIn(this.#takingTrouble.pauseAfter(error))
    } finally {
      this.#taking = false
    }
    if (this.#wokenMeanwhile) this.wake()
    this.#settle()
  }

  #begin({ events, now, nextDueMs, aloneIsDue, reports }: Taking, { limit, alone }: TakeRequest): void {
    for (const report of reports) this.#options.report(report)
    const triedAlone = alone && limit > 0
    this.#runsAlone = triedAlone && events.length > 0
    this.#aloneIsDue = triedAlone ? false : aloneIsDue
    for (const event of events) void this.#turn(event, now)
    const isMoreDue = triedAlone || this.#aloneIsDue || nextDueMs === 0
    this.#nothingDue = limit > 0 && events.length === 0 && !isMoreDue
    if (isMoreDue && (events.length > 0 || triedAlone || this.#aloneIsDue)) this.#wokenMeanwhile = true
    else this.#pollIn(nextDueMs ?? this.#polling.pollMs)
  }

  async #turn(taken: TakenEvent, now: number): Promise<void> {
    const held = this.#held.hold(taken)
    const isAlone = this.#runsAlone
    this.#working += 1
    const verdict = await this.#verdictOn(held, now)
    this.#working -= 1
    const concluded = this.#conclude(held, verdict)
    this.wake() // after the verdict, so that a store can take both in one step
    await concluded
    this.#held.letGo(held)
    if (isAlone) this.#runsAlone = false
    if (isAlone || this.#aloneIsDue) this.wake()
    this.#settle()
  }

  async #verdictOn({ taken, lost }: HeldEvent, now: number): Promise<Verdict> {
    if (this.#stopping) return untouched(taken)
    const { token: _, ...turn } = taken
    const checkpoint = (progress: Progress) => this.#held.checkpoint({ taken, lost }, progress)
    return this.#work({ ...turn, now, signal: lost.signal, checkpoint })
  }

  /** Keeps trying for as long as nobody else holds the event: a verdict that comes late costs nothing, one that is lost repeats the effect. */
  async #conclude({ taken, lost }: HeldEvent, verdict: Verdict): Promise<void> {
    const { logger } = this.#options
    const about = { key: taken.event.key, outcome: verdict.outcome }
    const trouble = new Backoff(logger, 'the inbox can not be told how handling went', about)
    let tries = 0
    for (let farewellLeftMs = farewellMs; farewellLeftMs > 0 && !lost.signal.aborted; ) {
      try {
        const wasHeld = await this.#store.conclude(taken, verdict)
        if (!wasHeld)
          logger.warn(about, 'another process has taken the event: what became of this turn is void')
        trouble.isOver()
        break
      } catch (error) {
        if (++tries === 1) this.#untold += 1
        const pauseMs = trouble.pauseAfter(error)
        if (this.#stopping) farewellLeftMs -= pauseMs
        await new Promise<void>((resolve) => this.#polling.clock.after(pauseMs, resolve))
      }
    }
    if (tries > 0) this.#untold -= 1
  }

  #pollIn(delayMs: number): void {
    this.#cancelPoll()
    if (this.#stopping) return
    const { clock, pollMs } = this.#polling
    this.#cancelPoll = clock.after(Math.min(Math.max(delayMs, 0), pollMs), () => this.wake(), {
      background: true,
    })
  }

  #settle(): void {
    if (this.#held.size > 0 || this.#taking || !(this.#stopping || this.#nothingDue)) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}

/** The verdict on an event that was taken while `stop` was called. */
function untouched({ progress }: TakenEvent): Verdict {
  return { outcome: 'retry', delayMs: 0, progress, failures: [], attemptUsed: false, keepInterruptions: true }
}

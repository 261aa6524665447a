import type { Clock } from '../../contracts/clock.ts'
import {
  type ConsumeOptions,
  type Consumer,
  type Legacy,
  untouched,
  type Verdict,
  type Work,
} from '../../contracts/inbox/handling.ts'
import type { Progress } from '../../contracts/inbox/progress.ts'
import { contextOfNow } from '../../time/async-context.ts'
import { soon } from '../../time/soon.ts'
import { Backoff } from '../backoff.ts'
import type { EventStore, TakeRequest, Taking } from '../event-store.ts'
import { type HeldEvent, HeldEvents } from './held-events.ts'
import { PollTimer } from './poll-timer.ts'
import { Solitude } from './solitude.ts'
import { VerdictTeller } from './verdict-teller.ts'

/** How often a store is asked, and how long leases last. */
export interface PollingOptions {
  /** The store's own time. */
  readonly clock: Required<Clock>
  /** Length of a lease in milliseconds. It is renewed three times in that time. */
  readonly leaseMs: number
  /** The longest pause between two takings. An event that another process puts is found after this time at the latest, unless `wake` is called. */
  readonly pollMs: number
  /** Called once the consumer has stopped, so that an inbox can forget it. */
  onStopped?(): void
}

/** How long `stop` keeps trying to store verdicts once no handler runs any more. After that it resolves without them. */
const farewellMs = 5_000

/** The pause after a taking that got nothing although something is due: its row is locked, or another process has just taken it. */
const emptyHandedMs = 10

/** Takes events from a store, up to `concurrency` at once, and stores their verdicts. It is the consumer of every inbox whose store outlives the process. */
export class PollingConsumer implements Consumer {
  readonly #work: Work
  /** It is often woken in requests of the application, with which what it takes has nothing to do. */
  readonly #inContext = contextOfNow()
  readonly #options: ConsumeOptions
  readonly #store: EventStore
  readonly #polling: PollingOptions
  readonly #held: HeldEvents
  readonly #solitude: Solitude
  readonly #takingTrouble: Backoff
  readonly #teller: VerdictTeller
  readonly #timer: PollTimer
  /** Turns whose handlers run or are about to run. */
  #working = 0
  #taking = false
  /** How many events the current taking may bring. */
  #asked = 0
  /** Something became due during a taking. */
  #wokenMeanwhile = false
  /** An event waits to run alone. Nothing else begins before it. */
  #aloneIsDue = false
  /** The event that runs alone. */
  #alone: HeldEvent | undefined
  /** The last taking found nothing, and left nothing behind. */
  #nothingDue = false
  #whenIdle: (() => void)[] = []
  #stopping: Promise<void> | undefined
  #cancelFarewell: (() => void) | undefined

  constructor(work: Work, options: ConsumeOptions, store: EventStore, polling: PollingOptions) {
    this.#work = work
    this.#options = options
    this.#store = store
    this.#polling = polling
    this.#held = new HeldEvents(store, polling)
    const isBusy = () => this.#unsettled + this.#asked > 0
    this.#solitude = new Solitude({
      get isBusy() {
        return isBusy()
      },
      wake: () => this.wake(),
    })
    this.#takingTrouble = new Backoff(options.logger, 'the inbox can not be asked for work', {
      source: options.source,
    })
    this.#teller = new VerdictTeller({
      store,
      clock: polling.clock,
      logger: options.logger,
      putAside: (held) => this.#putAside(held),
    })
    this.#timer = new PollTimer(polling, () => this.wake())
    this.wake()
  }

  /** The source whose events it takes. */
  get source(): string {
    return this.#options.source
  }

  /** Says that something may be due. The store is asked before this returns, so that the taking can join a write in progress. */
  wake(): void {
    if (this.#stopping || this.#timer.backsOff) return
    if (this.#taking) this.#wokenMeanwhile = true
    else if (this.#free() > 0) void this.#inContext(() => this.#take())
    else this.#timer.pollIn(this.#polling.pollMs) // whoever is in the way may not say when it ends
  }

  idle(): Promise<void> {
    const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    this.#nothingDue = false
    this.wake()
    this.#settle()
    return idle
  }

  /** Events that are due stay in the store, for the next start or another process. */
  stop(): Promise<void> {
    if (!this.#stopping) {
      this.#timer.stop()
      this.#stopping = new Promise((resolve) => this.#whenIdle.push(resolve))
      if (!this.#alone) this.#solitude.leave()
      this.#expectFarewell()
      this.#settle()
    }
    return this.#stopping
  }

  /** Events whose handlers run, or whose verdicts are being stored. Not those whose verdict the store does not take: nobody knows how long that lasts. */
  get #unsettled(): number {
    return this.#held.size - this.#teller.untold
  }

  #free(): number {
    if (this.#stopping || this.#isPaused) {
      if (!this.#alone) this.#solitude.leave() // nobody knows how long a pause lasts, and others would wait for it
      return 0
    }
    if (this.#aloneIsDue) return this.#isAlone() ? 1 : 0
    if (!this.#solitude.isUndisturbed) return 0
    return Math.max(0, this.#options.concurrency - this.#working - this.#teller.untold)
  }

  get #isPaused(): boolean {
    return this.#options.isPaused?.() === true
  }

  #isAlone(): boolean {
    return this.#solitude.enter() && this.#unsettled === 0 && this.#options.running().size === 0
  }

  #ask(): TakeRequest {
    const { source, wanted, parking, running } = this.#options
    this.#asked = this.#free()
    return {
      source,
      limit: this.#asked,
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
    this.#timer.cancel()
    try {
      if (this.#held.isLate) await this.#held.renew() // what is held comes before what could be taken
      let request!: TakeRequest
      const taking = await this.#store.take(() => {
        request = this.#ask()
        return request
      })
      this.#takingTrouble.isOver()
      this.#begin(taking, request)
    } catch (error) {
      this.#nothingDue = false
      this.#solitude.leave()
      this.#timer.backOff(this.#takingTrouble.pauseAfter(error))
    } finally {
      this.#taking = false
      this.#asked = 0
    }
    if (this.#wokenMeanwhile) this.wake()
    this.#settle()
  }

  #begin(taking: Taking, request: TakeRequest): void {
    const { events, now, reports, aloneIsDue } = taking
    for (const report of reports) this.#options.report(report)
    const triedAlone = request.alone && request.limit > 0
    this.#aloneIsDue = triedAlone ? false : aloneIsDue
    this.#working += events.length
    const held = events.map((event) => this.#held.hold(event))
    this.#alone = triedAlone ? held[0] : undefined
    soon(() => {
      for (const one of held) void this.#turn(one, now) // the reply to what was put goes first
    })
    this.#asked = 0
    if (!this.#alone && !this.#aloneIsDue) this.#solitude.leave()
    this.#planNext(taking, request, triedAlone)
  }

  #planNext({ events, nextDueMs, reports }: Taking, { limit }: TakeRequest, triedAlone: boolean): void {
    const isMoreDue = triedAlone || this.#aloneIsDue || nextDueMs === 0
    const gotNone = events.length === 0 && reports.length === 0
    this.#nothingDue = limit > 0 && events.length === 0 && !isMoreDue
    if (isMoreDue && gotNone && !this.#aloneIsDue) this.#timer.pollIn(emptyHandedMs)
    else if (isMoreDue) this.#wokenMeanwhile = true
    else this.#timer.pollIn(nextDueMs ?? this.#polling.pollMs)
  }

  async #turn(held: HeldEvent, now: number): Promise<void> {
    const verdict = await this.#verdictOn(held, now)
    this.#working -= 1
    this.#expectFarewell()
    const told = this.#teller.tell(held, verdict)
    this.wake() // after the verdict, so that a store can take both in one step
    const wasUntold = await told
    if (wasUntold) this.wake() // it was in the way of takings
    this.#held.letGo(held)
    const wasAlone = this.#endSolitude(held)
    const isSoonDue = this.#isSoonDue(held, verdict)
    if (isSoonDue) this.#nothingDue = false
    if (wasAlone || this.#aloneIsDue || isSoonDue) this.wake()
    this.#settle()
  }

  /** False where it is not the event that runs alone, or no longer is. */
  #endSolitude(held: HeldEvent): boolean {
    if (this.#alone !== held) return false
    this.#alone = undefined
    this.#solitude.leave()
    return true
  }

  /** The store does not take a verdict, but its handlers have ended. An event that has to run alone, and those that wait for it, need not wait for the store. */
  #putAside(held: HeldEvent): void {
    this.#endSolitude(held)
    this.wake()
    this.#settle()
  }

  /** A taking that was in progress when it was released has left it out, or what is next in the line of its order key. */
  #isSoonDue({ taken }: HeldEvent, verdict: Verdict): boolean {
    if (verdict.outcome === 'retry') return verdict.delayMs < this.#polling.pollMs
    const isOfLine = taken.event.orderKey !== undefined && !this.#store.takesAfterVerdicts
    return isOfLine || verdict.outcome === 'replace'
  }

  async #verdictOn({ taken, loss }: HeldEvent, now: number): Promise<Verdict> {
    if (this.#stopping) return untouched(taken) // it was taken while `stop` was called
    const { token: _, ...turn } = taken
    const checkpoint = (progress: Progress, legacy?: Legacy) =>
      this.#held.checkpoint({ taken, loss }, progress, legacy)
    return this.#work({ now, ...turn, signal: loss, checkpoint })
  }

  /** A store that is gone, or does not answer, must not keep a process from exiting. */
  #expectFarewell(): void {
    if (!this.#stopping || this.#working > 0 || this.#cancelFarewell) return
    this.#cancelFarewell = this.#polling.clock.after(farewellMs, () => {
      this.#teller.hasGivenUp = true
      const about = { source: this.#options.source, events: this.#held.size }
      if (this.#held.size > 0)
        this.#options.logger.error(
          about,
          'stopped without telling the inbox how handling ended: these events will be handled again',
        )
      this.#settle()
    })
  }

  #settle(): void {
    if (this.#unsettled === 0) this.#solitude.rest()
    const isDone =
      this.#held.size === 0 && !this.#taking && (this.#stopping || this.#nothingDue || this.#isPaused)
    if (!isDone && !this.#teller.hasGivenUp) return
    this.#cancelFarewell?.()
    if (this.#stopping) {
      this.#solitude.moveOut()
      this.#polling.onStopped?.()
    }
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}

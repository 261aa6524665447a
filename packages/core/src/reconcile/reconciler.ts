import type { PlaceInOrder } from '../accept/identity/placed-event.ts'
import type { TakeOn } from '../accept/take-on/put-event.ts'
import type { CancelTimer, Clock } from '../contracts/clock.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import { bindLogger, type Logger } from '../contracts/logger.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import type { ReconcileCounts, ReconcileOptions } from '../contracts/reconcile/reconcile.ts'
import type { ListedThing, Source } from '../contracts/reconcile/source.ts'
import { memoryNotes } from '../memory/memory-notes.ts'
import type { Redaction } from '../redact/redaction.ts'
import { Questions } from './asking.ts'
import { type Bounds, checkedBounds } from './bounds.ts'
import { Lead } from './lead.ts'
import { ListRound } from './list-round.ts'
import { spanNow } from './memory-span.ts'
import { OverError } from './over-error.ts'
import { isRecent, noCounts, PassTally } from './pass-tally.ts'
import { KeptPlace, type Place } from './place.ts'
import { ListReading, readList } from './read-list.ts'
import { SettledThings } from './settled-things.ts'
import { takeListed } from './take-listed.ts'
import { aborted, within } from './within.ts'

/** What is asked for. */
interface Looked {
  readonly subject: string
  readonly tenant?: string | undefined
  /** That it stands in. Left out, all are asked. */
  readonly list?: string | undefined
}

interface Look {
  /** Undefined where the provider knows no such thing. */
  readonly thing?: ListedThing
  /** It has ended, and its event was taken on, now or before. */
  readonly hasEnded?: boolean
  /** It has ended, and its delivery is being handled just now. */
  readonly isHeld?: boolean
}

export interface ReconcilerOptions {
  readonly provider: Provider
  /** Of the receiver. */
  readonly name: string
  readonly inbox: Inbox
  readonly reconcile: Source
  readonly dedupeWindow: number
  readonly clock: Required<Clock>
  readonly logger: Logger
  /** What nobody is to see of events. */
  readonly redact: Redaction
}

/** What a pass needs of the receiver. */
export interface ReconcilerTools {
  readonly put: TakeOn
  readonly observe: Observe
  /** Of a receiver that has events handled in order. */
  readonly placeInOrder?: PlaceInOrder | undefined
}

/** By which part of it the wait between two passes is moved, at random. */
const jitter = 0.1
/** The first pass begins so soon. */
const firstPassMs = 2_000
/** Compares what a provider lists with what was taken on: by a schedule, and when it is asked to. */
export class Reconciler {
  readonly questions: Questions
  readonly #options: ReconcilerOptions
  readonly #tools: ReconcilerTools
  readonly #place: KeptPlace
  readonly #lead: Lead
  readonly #settled = new SettledThings()
  readonly #over = new AbortController()
  readonly #startedAt: number
  #cancelTimer: CancelTimer | undefined
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(options: ReconcilerOptions, tools: ReconcilerTools) {
    const { reconcile, clock, inbox, name, provider } = options
    this.#options = options
    this.#tools = tools
    this.#startedAt = options.clock.now()
    const logger = bindLogger(options.logger, { source: name, provider: provider.name })
    this.questions = new Questions(reconcile, clock, logger)
    const notes = inbox.notes ?? memoryNotes(() => clock.elapsed())
    this.#place = new KeptPlace(notes, name)
    this.#lead = new Lead(notes, this.#place.name, reconcile.every, clock)
  }

  /** Begins to make passes by its schedule, in the background. */
  start(): void {
    if (this.#cancelTimer || this.#over.signal.aborted) return
    const { reconcile, logger, name } = this.#options
    const perHour = Math.round(3_600_000 / reconcile.every)
    logger.info(
      { source: name, provider: reconcile.provider, every: reconcile.every, share: reconcile.share },
      `what ended is asked for every ${reconcile.every / 1000} s: ${perHour} ${perHour === 1 ? 'request' : 'requests'} an hour for each list, as many for which lists there are where that is asked, and one more for each further page down to the oldest that goes on`,
    )
    this.#schedule(Math.min(firstPassMs, reconcile.every) * Math.random())
  }

  /** Ends the pass that is under way, and waits for it. */
  async stop(): Promise<void> {
    this.#over.abort()
    this.#cancelTimer?.()
    await this.#underWay
  }

  /** A pass where one is due by the schedule: no process has begun one for so long. */
  async passIfDue(options: ReconcileOptions): Promise<ReconcileCounts | undefined> {
    return (await this.#untilDueMs()) > 0 ? undefined : this.pass(options)
  }

  async #untilDueMs(): Promise<number> {
    const { clock, reconcile } = this.#options
    const place = await this.#place.read()
    const sinceMs = clock.now() - (place?.beganAt ?? Number.NEGATIVE_INFINITY)
    return sinceMs < 0 ? 0 : reconcile.every * (1 - jitter) - sinceMs
  }

  /** One pass over all lists, now; after one that is under way in this process. Nothing is done where another process is at it. */
  pass(options: ReconcileOptions): Promise<ReconcileCounts> {
    const bounds = checkedBounds(options)
    const before = this.#underWay
    const { maxMs, signal } = bounds
    const pass = within(maxMs, [signal, this.#over.signal], this.#options.clock, async (over) => {
      await Promise.race([before, aborted(over.signal)])
      return over.signal.aborted ? { ...noCounts, more: true } : this.#passWithin(over, bounds)
    })
    this.#underWay = Promise.all([before, pass.catch(() => {})])
    return pass
  }

  async #passWithin(over: AbortController, bounds: Bounds): Promise<ReconcileCounts> {
    try {
      if (!(await this.#lead.take(() => over.abort()))) return { ...noCounts, more: true }
      return await this.#passLeading(over.signal, bounds)
    } finally {
      await this.#lead.resign().catch(() => {}) // it ends by itself
    }
  }

  /**
   * Asks for one thing, and takes its event on where it has ended. Needs no lead.
   *
   * @throws what asking throws, or that there was no answer in the time; {OverError} when the receiver is stopped, or the signal aborted.
   */
  look(looked: Looked, { maxMs, signal }: Pick<Bounds, 'maxMs' | 'signal'>): Promise<Look> {
    const signals = [signal, this.#over.signal]
    return within(maxMs, signals, this.#options.clock, async (over) => {
      try {
        return await this.#lookWithin(looked, over.signal)
      } catch (error) {
        const isOutOfTime = error instanceof OverError && !signals.some((one) => one?.aborted)
        throw isOutOfTime ? new Error(`the provider has not answered within ${maxMs} ms`) : error
      }
    })
  }

  async #lookWithin({ subject, tenant, list }: Looked, over: AbortSignal): Promise<Look> {
    const { reconcile, dedupeWindow, clock } = this.#options
    const lists =
      list === undefined ? await this.questions.ask((asking) => reconcile.lists(asking), over) : [list]
    for (const one of lists) {
      const thing = await this.questions.ask((asking) => reconcile.find(one, subject, asking), over)
      if (thing === undefined || thing.isOther || thing.tenant !== tenant) continue
      if (!thing.hasEnded) return { thing }
      const now = clock.now()
      const memory = spanNow((await this.#place.read())?.memory, dedupeWindow, now)
      if (!isRecent(thing, now, memory)) return { thing, hasEnded: true }
      const taking = { ...this.#options, ...this.#tools, questions: this.questions }
      const taken = await takeListed(thing, over, taking)
      return { thing, hasEnded: taken !== 'in_progress', isHeld: taken === 'in_progress' }
    }
    return {}
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer = this.#options.clock.after(
      delayMs,
      async () => {
        const soonestMs = await this.#passOfSchedule()
        const spreadMs = this.#options.reconcile.every * 2 * jitter * Math.random()
        if (!this.#over.signal.aborted) this.#schedule(soonestMs + spreadMs)
      },
      { background: true },
    )
  }

  /** In how long the next one is due. Where another process has begun one lately, that counts, and not this look at it. */
  async #passOfSchedule(): Promise<number> {
    const { reconcile, logger, name } = this.#options
    try {
      const untilDueMs = await this.#untilDueMs()
      if (untilDueMs > 0) return untilDueMs
      await this.pass({ maxMs: Number.POSITIVE_INFINITY })
    } catch (err) {
      if (!this.#over.signal.aborted) logger.error({ err, source: name }, 'reconciling failed')
    }
    return reconcile.every * (1 - jitter)
  }

  async #passLeading(
    over: AbortSignal,
    { dryRun, from }: Omit<Bounds, 'maxMs' | 'signal'>,
  ): Promise<ReconcileCounts> {
    const { clock, reconcile, dedupeWindow, name, provider } = this.#options
    const beganAt = clock.now()
    const callsBefore = this.questions.calls
    const isOfSchedule = !dryRun && from === undefined // another may pass over what is to be found
    const place = await this.#currentPlace(isOfSchedule)
    const { since } = place
    const memory = spanNow(place.memory, dedupeWindow, beganAt)
    const taking = { ...this.#options, ...this.#tools, questions: this.questions, settled: this.#settled }
    const tally = new PassTally({ ...taking, since: from?.getTime() ?? since, memory, dryRun, over })
    const oldest = beganAt - (reconcile.lookBack ?? dedupeWindow)
    const round = new ListRound(isOfSchedule ? place : { floors: from ? {} : place.floors }, oldest)
    const wereListed = await this.#readLists(round, tally, over)
    const counts = { ...tally.counts, calls: this.questions.calls - callsBefore }
    if (isOfSchedule && wereListed && this.#lead.isHeld)
      await this.#place.write({
        ...{ since, memory, ...round.outcome },
        beganAt: this.#over.signal.aborted ? place.beganAt : beganAt, // cut off, it is due again
      })
    const durationMs = clock.now() - beganAt
    tally.tell()
    this.#tools.observe('compared', () => ({ provider: provider.name, source: name, durationMs, ...counts }))
    return counts
  }

  /** False where it is not known which lists there are. */
  async #readLists(round: ListRound, tally: PassTally, over: AbortSignal): Promise<boolean> {
    const lists = await this.#tryLists(over)
    if (lists === undefined) tally.isIncomplete = true
    const tools = { questions: this.questions, over, settle: (thing: ListedThing) => tally.settle(thing) }
    for (const { list, start } of round.turns(lists ?? [])) {
      const reading = new ListReading(start, tools)
      const found = await this.#tryList(list, reading, tally, over)
      if (found !== undefined) round.ended(list, found)
      else if (over.aborted) round.interrupted(list, reading.unfinished)
    }
    return lists !== undefined
  }

  /** The very first is written down at once: whatever becomes of this process, nothing that ends from now on is missed. */
  async #currentPlace(isToBeKept: boolean): Promise<Place> {
    const place = await this.#place.read()
    const from = this.#options.reconcile.from?.getTime()
    if (place && from !== undefined && from < place.since)
      return { ...place, since: from, floors: {}, found: {}, unfinished: undefined } // what ended between was passed over
    if (place) return place
    const first = { since: from ?? this.#startedAt, beganAt: 0, floors: {} }
    if (isToBeKept) await this.#place.write(first)
    return first
  }

  async #tryLists(over: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      return await this.questions.ask((asking) => this.#options.reconcile.lists(asking), over)
    } catch (err) {
      this.#tellOfFailure(err, undefined)
      return undefined
    }
  }

  /** The next floor of a list. Undefined where it was not read to its end: what it has is asked for again. */
  async #tryList(
    list: string,
    reading: ListReading,
    tally: PassTally,
    over: AbortSignal,
  ): Promise<number | undefined> {
    try {
      return await readList(this.#options.reconcile, list, reading, { questions: this.questions, over })
    } catch (err) {
      tally.isIncomplete = true
      this.#tellOfFailure(err, list)
      return undefined
    }
  }

  #tellOfFailure(err: unknown, list: string | undefined): void {
    if (err instanceof OverError) return
    const { logger, name, provider } = this.#options
    logger.error(
      { err, source: name, provider: provider.name, list },
      'the provider could not be asked for what has ended: it is asked again with the next pass',
    )
  }
}

import type { PlaceInOrder } from '../accept/identity/placed-event.ts'
import type { TakeOn } from '../accept/take-on/put-event.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import { bindLogger, type Logger } from '../contracts/logger.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import type { ReconcileCounts, ReconcileOptions } from '../contracts/reconcile/reconcile.ts'
import type { ListedThing, Source } from '../contracts/reconcile/source.ts'
import { memoryNotes } from '../memory/memory-notes.ts'
import type { Redaction } from '../redact/redaction.ts'
import { notesInTime, settledWithin } from '../time/deadlines.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'
import { Questions } from './ask/asking.ts'
import { aborted, OverError, within } from './ask/within.ts'
import { type Bounds, checkedBounds } from './bounds.ts'
import { listNames } from './lists/list-names.ts'
import { ListRound } from './lists/list-round.ts'
import { type MemorySpan, spanNow } from './lists/memory-span.ts'
import { KeptPlace, type Place, placeNow } from './lists/place.ts'
import { ListReading, readList } from './lists/read-list.ts'
import { Lead, leadLeaseMs } from './schedule/lead.ts'
import { PassSchedule } from './schedule/pass-schedule.ts'
import { type Look, type Looked, lookUp } from './things/look-up.ts'
import { noCounts, PassTally } from './things/pass-tally.ts'
import { SettledThings } from './things/settled-things.ts'

const farewellMs = 5_000

export interface ReconcilerOptions {
  readonly provider: Provider
  /** Name of the receiver. */
  readonly name: string
  readonly inbox: Inbox
  readonly reconcile: Source
  readonly dedupeWindow: number
  readonly clock: Required<Clock>
  readonly logger: Logger
  /** Paths of values in events that nobody may see. */
  readonly redact: Redaction
}

/** What a pass needs of the receiver. */
export interface ReconcilerTools {
  readonly put: TakeOn
  readonly observe: Observe
  /** Gives events their place, for a receiver that handles them in order. */
  readonly placeInOrder?: PlaceInOrder | undefined
}

/** Compares what a provider lists with what was taken on: on a schedule, and on request. */
export class Reconciler {
  readonly questions: Questions
  readonly #options: ReconcilerOptions
  readonly #tools: ReconcilerTools
  readonly #place: KeptPlace
  readonly #lead: Lead
  readonly #schedule: PassSchedule
  readonly #settled = new SettledThings()
  readonly #over = new AbortController()
  readonly #startedAt: number
  #underWay: Promise<unknown> = Promise.resolve()
  /** The elapsed time by which the pass under way has ended, if its request and its timers have not ended before. */
  #lostAt = Number.NEGATIVE_INFINITY

  constructor(options: ReconcilerOptions, tools: ReconcilerTools) {
    const { reconcile, clock, inbox, name, provider } = options
    this.#options = options
    this.#tools = tools
    this.#startedAt = options.clock.now()
    const logger = bindLogger(options.logger, { source: name, provider: provider.name })
    this.questions = new Questions(reconcile, clock, logger)
    const leaseMs = leadLeaseMs(reconcile.every)
    const notes = notesInTime(inbox.notes ?? memoryNotes(() => clock.elapsed()), (2 * leaseMs) / 3, clock)
    this.#place = new KeptPlace(notes, name)
    this.#lead = new Lead(notes, this.#place.name, leaseMs, clock)
    this.#schedule = new PassSchedule({
      every: reconcile.every,
      clock,
      lastBeganAt: async () => (await this.#place.read())?.beganAt,
      pass: () => this.pass({ maxMs: Number.POSITIVE_INFINITY }),
      onFailure: (err) => options.logger.error({ err, source: name }, 'reconciling failed'),
    })
  }

  /** Begins to make passes on its schedule, in the background. */
  start(): void {
    if (!this.#schedule.begin()) return
    const { reconcile, logger, name } = this.#options
    const perHour = Math.round(3_600_000 / reconcile.every)
    logger.info(
      { source: name, provider: reconcile.provider, every: reconcile.every, share: reconcile.share },
      `reconciling every ${reconcile.every / 1000} s: ${perHour} ${perHour === 1 ? 'request' : 'requests'} an hour for each list, as many for the names of the lists if they are asked for, and one more for each further page back to the oldest thing that has not ended`,
    )
  }

  /** Ends the current pass, and waits for it, for at most 5 s: the inbox may not answer. */
  async stop(): Promise<void> {
    this.#over.abort()
    this.#schedule.stop()
    const onTimeout = () => new Error('the inbox does not answer')
    await settledWithin(this.#underWay, farewellMs, this.#options.clock, { onTimeout }).catch(() => {}) // the next pass continues
  }

  /** Makes a pass if one is due: no process has begun one for long enough. */
  async passIfDue(options: ReconcileOptions): Promise<ReconcileCounts | undefined> {
    return (await this.#schedule.untilDueMs()) > 0 ? undefined : this.pass(options)
  }

  /** Makes one pass over all lists: now, or after the one that runs in this process. Does nothing while another process makes one. */
  pass(options: ReconcileOptions): Promise<ReconcileCounts> {
    const bounds = checkedBounds(options)
    const { clock } = this.#options
    const { maxMs, signal } = bounds
    const begin = () => {
      this.#lostAt = clock.elapsed() + maxMs + farewellMs
    }
    const isLost = timersEndWithRequest() && clock.elapsed() >= this.#lostAt
    const before = isLost ? Promise.resolve() : this.#underWay
    if (isLost) begin()
    const pass = within(maxMs, [signal, this.#over.signal], clock, async (over) => {
      await Promise.race([before, aborted(over.signal)])
      if (over.signal.aborted) return { ...noCounts, more: true }
      begin()
      return this.#passWithin(over, bounds)
    })
    this.#underWay = Promise.all([before, pass.catch(() => {})]).then(() => {}) // else it would hold what each pass has answered
    return pass
  }

  async #passWithin(over: AbortController, bounds: Bounds): Promise<ReconcileCounts> {
    try {
      if (!(await this.#lead.take(() => over.abort()))) return { ...noCounts, more: true }
      return await this.#passLeading(over.signal, bounds)
    } finally {
      await this.#lead.resign().catch(() => {}) // the lead expires
    }
  }

  /**
   * Asks for one thing, and takes its event on where it has ended. It does not need the lead.
   *
   * @throws what asking throws, or that there was no answer in the time; {OverError} when the receiver is stopped, or the signal aborted.
   */
  look(looked: Looked, { maxMs, signal }: Pick<Bounds, 'maxMs' | 'signal'>): Promise<Look> {
    const signals = [signal, this.#over.signal]
    const tools = {
      ...this.#options,
      ...this.#tools,
      questions: this.questions,
      memory: () => this.#memory(),
    }
    return within(maxMs, signals, this.#options.clock, async (over) => {
      try {
        return await lookUp(looked, over.signal, tools)
      } catch (error) {
        const isOutOfTime = error instanceof OverError && !signals.some((one) => one?.aborted)
        throw isOutOfTime ? new Error(`the provider has not answered within ${maxMs} ms`) : error
      }
    })
  }

  async #memory(): Promise<MemorySpan> {
    const { dedupeWindow, clock } = this.#options
    return spanNow((await this.#place.read())?.memory, dedupeWindow, clock.now())
  }

  async #passLeading(
    over: AbortSignal,
    { dryRun, from }: Omit<Bounds, 'maxMs' | 'signal'>,
  ): Promise<ReconcileCounts> {
    const { clock, reconcile, dedupeWindow, name, provider } = this.#options
    const beganAt = clock.now()
    const callsBefore = this.questions.calls
    const isOfSchedule = !dryRun && from === undefined // any other pass may leave things out
    const place = await this.#currentPlace(isOfSchedule)
    const { since } = place
    const memory = spanNow(place.memory, dedupeWindow, beganAt)
    const taking = { ...this.#options, ...this.#tools, questions: this.questions, settled: this.#settled }
    const tally = new PassTally({ ...taking, since: from?.getTime() ?? since, memory, dryRun, over })
    const oldest = beganAt - (reconcile.lookBack ?? dedupeWindow)
    const round = new ListRound(isOfSchedule ? place : { floors: from ? {} : place.floors }, oldest, beganAt)
    const wereListed = await this.#readLists(round, tally, over)
    const counts = { ...tally.counts, calls: this.questions.calls - callsBefore }
    if (isOfSchedule && wereListed && this.#lead.isHeld)
      await this.#place.write({
        ...{ since, memory, ...round.outcome },
        beganAt: this.#over.signal.aborted ? place.beganAt : beganAt, // a pass that was cut off is due again
      })
    const durationMs = clock.now() - beganAt
    tally.tell()
    this.#tools.observe('compared', () => ({ provider: provider.name, source: name, durationMs, ...counts }))
    return counts
  }

  /** False where the provider did not say which lists there are. */
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

  /** The very first place is stored at once. Whatever happens to this process, nothing that ends from now on is missed. */
  async #currentPlace(isToBeKept: boolean): Promise<Place> {
    const { reconcile, clock, dedupeWindow } = this.#options
    const kept = await this.#place.read()
    const from = reconcile.from?.getTime()
    if (kept) return placeNow(kept, { now: clock.now(), startedAt: this.#startedAt, from })
    const memory = { windowMs: dedupeWindow } // it may be long until a pass can list anything
    const first = { since: from ?? this.#startedAt, beganAt: 0, floors: {}, memory }
    if (isToBeKept) await this.#place.write(first)
    return first
  }

  async #tryLists(over: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      return await listNames(this.#options.reconcile, this.questions, over)
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

  /** A pass may be shorter than all attempts at a question. That its time is over is only told where the provider had failed to answer. */
  #tellOfFailure(error: unknown, list: string | undefined): void {
    const err = error instanceof OverError ? error.cause : error
    if (err === undefined) return
    const { logger, name, provider } = this.#options
    logger.error(
      { err, source: name, provider: provider.name, list },
      'the provider could not be asked for what has ended: it is asked again with the next pass',
    )
  }
}

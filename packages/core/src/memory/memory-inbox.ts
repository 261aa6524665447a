import type { Clock } from '../contracts/clock.ts'
import { ConfigurationError, InboxClosedError, InboxFullError } from '../contracts/errors.ts'
import type { EventRecord } from '../contracts/event-record.ts'
import type { Attempt, ConsumeOptions, Consumer, Verdict, Work } from '../contracts/handling.ts'
import type {
  Burial,
  ClaimOptions,
  ClaimResult,
  Counts,
  EventPage,
  Inbox,
  KeptEvent,
  Lease,
  ListFilter,
  PutOptions,
  PutResult,
} from '../contracts/inbox.ts'
import { noProgress, type Progress, type RedriveOptions, redrivenProgress } from '../contracts/progress.ts'
import { completeClock } from '../time/system-clock.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'
import { Claims } from './claims.ts'
import { Fifo } from './fifo.ts'
import { getOrMake } from './get-or-make.ts'
import { namesOf } from './happenings.ts'
import { type Kept, KeptEvents } from './kept-events.ts'
import { KnownEvents } from './known-events.ts'
import { MemoryConsumer } from './memory-consumer.ts'
import { ParkedEvents } from './parked-events.ts'
import { Shelf } from './shelf.ts'

/** On top of `handlerTimeout`: how long a turn may say nothing until its request is taken to have ended. */
const graceMs = 1_000

/** How long an event is put off whose handler was aborted and runs on. */
const postponedMs = 1_000

export interface MemoryInboxOptions {
  /**
   * How many ids may be remembered or claimed at once. When it is reached, new events are refused (503) rather than old
   * ids forgotten. Defaults to 1,000,000.
   */
  maxIds?: number
  /**
   * How many bytes of bodies may be kept at once, dead letters included; beyond that, 503. What is parked has a limit of its own, the receiver's
   * `maxParkedBytes`. Defaults to 256 MiB.
   */
  maxBytes?: number
  /** Milliseconds after which a dead letter is deleted. Defaults to `Infinity`. */
  keepDeadFor?: number
  /** Defaults to the system's. */
  clock?: Clock
}

/**
 * An inbox in this process's memory, for development, tests, and events that may be lost with the process. It is also the
 * reference implementation of `Inbox`: the shortest text that keeps its contract.
 *
 * @throws {ConfigurationError} if a limit is not a whole number of 1 or more.
 */
export function memoryInbox(options: MemoryInboxOptions = {}): Inbox {
  return new MemoryInbox(options)
}

/** Counted in a place of its own in the process: bundlers load this module more than once, and no two stores may share a name. */
const place = Symbol.for('@hookport/core.memory-stores')
const stores = globalThis as { [place]?: number }

function nextStore(): string {
  stores[place] = (stores[place] ?? 0) + 1
  return `memory:${stores[place]}`
}

class MemoryInbox implements Inbox {
  readonly name = 'memory'
  readonly durable = false
  readonly store = nextStore()
  readonly #clock: Required<Clock>
  readonly #maxIds: number
  readonly #maxBytes: number
  readonly #keepDeadFor: number
  readonly #kept = new KeptEvents()
  readonly #known = new KnownEvents(this.#kept)
  readonly #claims = new Claims()
  readonly #dead = new Shelf()
  readonly #parked = new ParkedEvents()
  readonly #dueBySource = new Map<string, Fifo<Kept>>()
  readonly #consumers = new Set<MemoryConsumer>()
  readonly #endsWithRequest = timersEndWithRequest()
  /** What a request that ended early would leave behind: events under work and scheduled ones. Kept only where requests end early. */
  readonly #unsettled = new Set<Kept>()
  #closing: Promise<void> | undefined

  constructor({
    maxIds = 1_000_000,
    maxBytes = 256 * 1024 * 1024,
    keepDeadFor = Number.POSITIVE_INFINITY,
    clock,
  }: MemoryInboxOptions) {
    this.#maxIds = wholeNumber('maxIds', maxIds)
    this.#maxBytes = wholeNumber('maxBytes', maxBytes)
    this.#keepDeadFor = keepDeadFor > 0 ? keepDeadFor : wholeNumber('keepDeadFor', keepDeadFor)
    this.#clock = completeClock(clock)
  }

  put(event: EventRecord, { rememberMs, failure }: PutOptions): PutResult {
    const now = this.#now()
    const known = this.#known.find(event, now)
    if (known) return known
    const retryAfterMs = event.origin === 'reconciled' ? this.#claims.remainingMs(namesOf(event), now) : 0
    if (retryAfterMs > 0) return { outcome: 'in_progress', retryAfterMs }
    if (!this.#claims.has(event.key, now)) this.#assertRoomForId()
    this.#assertRoomForBody(event)
    const progress = this.#claims.revoke(event.key, now) ?? noProgress
    this.#known.remember(event, now + rememberMs)
    const kept = this.#kept.add(event, { progress })
    if (failure) this.#bury(kept, progress, [failure])
    else this.#makePending(kept)
    return { outcome: 'accepted' }
  }

  claim(event: EventRecord, options: ClaimOptions): ClaimResult {
    const now = this.#now()
    const known = this.#known.find(event, now)
    if (known) return known
    if (!this.#claims.has(event.key, now)) this.#assertRoomForId()
    return this.#claims.claim(event, options, now)
  }

  renew(lease: Lease, leaseMs: number): boolean {
    return this.#claims.renew(lease, leaseMs, this.#now())
  }

  release(lease: Lease, progress: Progress, attemptUsed: boolean): boolean {
    return this.#claims.release(lease, progress, attemptUsed, this.#now())
  }

  confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): boolean {
    const now = this.#now()
    if (!this.#claims.end(lease, now)) return false
    this.#known.remember(event, now + rememberMs)
    return true
  }

  bury(lease: Lease, event: EventRecord, { progress, failures, ...options }: Burial): boolean {
    if (!this.confirm(lease, event, options)) return false
    this.#bury(this.#kept.add(event, { attempt: lease.attempt }), progress, failures)
    return true
  }

  park(lease: Lease, event: EventRecord, { progress, failures, ...options }: Burial): boolean {
    if (!this.confirm(lease, event, options)) return false
    this.#park(this.#kept.add(event, { attempt: lease.attempt, progress, failures }))
    return true
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    const { source } = options
    const consumer: MemoryConsumer = new MemoryConsumer(work, options, this.#dueOf(source), {
      begin: (kept) => this.#beginTurn(kept, consumer),
      end: (kept, verdict) => {
        if (kept.taker !== consumer) return // it was taken up by another request
        this.#endTurn(kept, verdict)
        this.#limitParked(options)
      },
      passOver: (kept, options, others) => this.#passOver(kept, options, others),
      postpone: (kept) => this.#schedule(kept, postponedMs),
      unpark: (types) => {
        this.#limitParked(options)
        return this.#unpark(source, types)
      },
      stopped: () => this.#consumers.delete(consumer),
    })
    if (this.#endsWithRequest) this.#takeUpWhatWasLeft(options)
    else this.#consumers.add(consumer)
    consumer.wake()
    return consumer
  }

  counts(filter: { source?: string; tenant?: string } = {}): Counts {
    this.#now()
    return this.#kept.count(filter)
  }

  list(filter: ListFilter = {}): EventPage {
    return this.#kept.list(filter, this.#clock.now() - this.#now())
  }

  get(key: string): KeptEvent | undefined {
    return this.#kept.describe(key, this.#clock.now() - this.#now())
  }

  redrive(key: string, options?: RedriveOptions): boolean {
    this.#assertOpen()
    const kept = this.#kept.find(key)
    if (kept?.state !== 'dead') return false
    this.#dead.remove(kept)
    kept.attempt = 1
    kept.progress = redrivenProgress(kept.progress, options)
    kept.failures = []
    this.#makePending(kept)
    return true
  }

  discard(key: string): boolean {
    this.#assertOpen()
    const kept = this.#kept.find(key)
    if (kept === undefined || kept.state === 'active') return false
    this.#dueOf(kept.event.source).remove(kept)
    for (const consumer of this.#consumers) consumer.remove(kept)
    this.#drop(kept)
    return true
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#consumers].map((consumer) => consumer.stop())).then(() =>
      this.#kept.cancelRetries(),
    )
    return this.#closing
  }

  #assertOpen(): void {
    if (!this.#closing) return
    throw new InboxClosedError(
      'the memory inbox was closed, by close() or as its last receiver was stopped: make a new one',
    )
  }

  /** The inbox's time. All in here goes by elapsed time, so that setting the clock forgets and delays nothing. */
  #now(): number {
    this.#assertOpen()
    const now = this.#clock.elapsed()
    this.#claims.prune(now)
    const tooOld = () => this.#dead.surplus(now - this.#keepDeadFor, Number.POSITIVE_INFINITY)
    for (let kept = tooOld(); kept; kept = tooOld()) this.#drop(kept)
    return now
  }

  /** What is parked counts into no limit but that of its own: it causes no refusal. */
  #assertRoomForId(): void {
    if (this.#known.size + this.#claims.size - this.#parked.size >= this.#maxIds) {
      throw new InboxFullError(
        `the memory inbox remembers ${this.#maxIds} ids, its maxIds: raise it, shorten dedupeWindow, or use a durable inbox`,
      )
    }
  }

  #assertRoomForBody(event: EventRecord): void {
    const bytes = this.#kept.bytes - this.#parked.bytes
    if (bytes + event.rawBody.length > this.#maxBytes) {
      throw new InboxFullError(
        `the memory inbox keeps ${bytes} bytes, its maxBytes are ${this.#maxBytes}: are handlers too slow, or do dead letters pile up?`,
      )
    }
  }

  #dueOf(source: string): Fifo<Kept> {
    return getOrMake(this.#dueBySource, source, () => new Fifo<Kept>())
  }

  /**
   * Where requests end early, each has a consumer of its own, and timers are lost with it: events that are to be tried again, and those under
   * work in a request that has ended.
   */
  #takeUpWhatWasLeft({ source, handlerTimeout = Number.POSITIVE_INFINITY, logger }: ConsumeOptions): void {
    const now = this.#clock.elapsed()
    for (const kept of this.#unsettled) {
      const { state, dueAt, turnAt, event } = kept
      if (event.source !== source) continue
      if (state === 'scheduled' && now >= (dueAt as number)) this.#becomeDue(kept)
      if (state !== 'active' || now < turnAt + handlerTimeout + graceMs) continue
      const { key, type } = event
      logger.warn({ key, type }, 'a request ended before the handlers of its event did: they run again')
      kept.taker = undefined
      kept.interruptions += 1
      this.#makePending(kept)
    }
  }

  #makePending(kept: Kept): void {
    kept.state = 'pending'
    this.#unsettled.delete(kept)
    kept.dueAt = null
    const { source } = kept.event
    this.#dueOf(source).add(kept)
    for (const consumer of this.#consumers) if (consumer.source === source) consumer.takeSoon()
  }

  #schedule(kept: Kept, delayMs: number): void {
    kept.state = 'scheduled'
    kept.dueAt = this.#clock.elapsed() + delayMs
    if (this.#endsWithRequest) this.#unsettled.add(kept)
    else kept.cancelRetry = this.#clock.after(delayMs, () => this.#becomeDue(kept))
  }

  #becomeDue(kept: Kept): void {
    this.#parked.remove(kept)
    this.#makePending(kept)
  }

  #bury(kept: Kept, progress: Progress, failures: Kept['failures']): void {
    kept.state = 'dead'
    this.#unsettled.delete(kept)
    kept.progress = progress
    kept.failures = failures
    this.#dead.add(kept, this.#clock.elapsed())
  }

  /** Parks an event, unless a consumer is there that has a handler for it. */
  #park(kept: Kept): void {
    this.#unsettled.delete(kept)
    if (this.#handOver(kept)) return
    kept.state = 'parked'
    this.#parked.add(kept, this.#clock.elapsed())
  }

  /** As `#schedule`, unless a consumer is there that has a handler for it, or until there is one. */
  #scheduleUntilWanted(kept: Kept, delayMs: number): void {
    this.#unsettled.delete(kept)
    if (this.#handOver(kept)) return
    this.#schedule(kept, delayMs)
    this.#parked.addScheduled(kept)
  }

  /** Gives an event to a consumer that has a handler for it. False where there is none. */
  #handOver(kept: Kept): boolean {
    const { event } = kept
    const taker = [...this.#consumers].find((one) => one.source === event.source && one.wants(event))
    if (taker === undefined) return false
    kept.state = 'pending'
    taker.hand(kept)
    return true
  }

  #unpark(source: string, types: ReadonlySet<string> | 'all'): readonly Kept[] {
    const wanted = this.#parked.take(source, types)
    for (const kept of wanted) {
      kept.cancelRetry()
      this.#unsettled.delete(kept)
      kept.state = 'pending'
      kept.dueAt = null
    }
    return wanted
  }

  #drop(kept: Kept): void {
    this.#unsettled.delete(kept)
    this.#dead.remove(kept)
    if (kept.state !== 'active') this.#parked.remove(kept)
    this.#kept.remove(kept)
  }

  #passOver(kept: Kept, options: ConsumeOptions, others: 'park' | 'drop'): void {
    if (others === 'drop') this.#drop(kept)
    else this.#park(kept)
    if (kept.state !== 'pending' || others === 'drop')
      options.report({ event: kept.event, outcome: others === 'drop' ? 'dropped' : 'parked' })
    this.#limitParked(options)
  }

  #limitParked({ source, parking, report }: ConsumeOptions): void {
    const surplus = () =>
      this.#parked.surplus(source, this.#clock.elapsed() - parking.keepMs, parking.maxBytes)
    for (let kept = surplus(); kept; kept = surplus()) {
      this.#drop(kept)
      report({ event: kept.event, outcome: 'expired' })
    }
  }

  /** Never refused for want of room: it is no larger than what it takes the place of. */
  #putInPlace({ event, rememberMs }: Extract<Verdict, { outcome: 'replace' }>): void {
    const now = this.#clock.elapsed()
    if (this.#known.find(event, now)) return
    this.#known.remember(event, now + rememberMs)
    this.#makePending(this.#kept.add(event, { progress: this.#claims.revoke(event.key, now) ?? noProgress }))
  }

  #beginTurn(kept: Kept, taker: MemoryConsumer): Attempt {
    const now = this.#clock.elapsed()
    kept.state = 'active'
    kept.taker = taker
    kept.turnAt = now
    if (this.#endsWithRequest) this.#unsettled.add(kept)
    const { event, attempt, progress, interruptions } = kept
    return {
      event,
      attempt,
      progress,
      interruptions,
      interruptedAlone: 0,
      wasInterrupted: interruptions > 0,
      now,
      checkpoint: (progress) => {
        if (kept.taker !== taker) return
        kept.progress = progress
        kept.turnAt = this.#clock.elapsed()
      },
    }
  }

  #endTurn(kept: Kept, verdict: Verdict): void {
    kept.taker = undefined
    kept.interruptions = 0
    if (verdict.outcome === 'done' || verdict.outcome === 'replace') this.#drop(kept)
    if (verdict.outcome === 'replace') this.#putInPlace(verdict)
    if (verdict.outcome === 'dead') this.#bury(kept, verdict.progress, verdict.failures)
    if (verdict.outcome === 'park') {
      kept.progress = verdict.progress
      this.#park(kept)
    }
    if (verdict.outcome === 'retry') {
      kept.progress = verdict.progress
      kept.failures = verdict.failures
      if (verdict.attemptUsed) kept.attempt += 1
      if (verdict.untilWanted) this.#scheduleUntilWanted(kept, verdict.delayMs)
      else this.#schedule(kept, verdict.delayMs)
    }
  }
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new ConfigurationError(`memoryInbox: ${name} is ${value}; it must be a whole number of 1 or more`)
}

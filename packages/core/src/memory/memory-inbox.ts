import type { Clock } from '../contracts/clock.ts'
import { ConfigurationError, InboxClosedError, InboxFullError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import type { EventRecord } from '../contracts/inbox/event-record.ts'
import type { ConsumeOptions, Consumer, Verdict, Work } from '../contracts/inbox/handling.ts'
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
} from '../contracts/inbox/inbox.ts'
import {
  noProgress,
  type Progress,
  type RedriveOptions,
  type ReplayOptions,
} from '../contracts/inbox/progress.ts'
import { assertCountsFilter, assertListFilter } from '../inbox-kit/assert-filter.ts'
import { assertOptions } from '../options/option-table.ts'
import { completeClock } from '../time/system-clock.ts'
import { EventStates } from './consume/event-states.ts'
import { MemoryConsumer } from './consume/memory-consumer.ts'
import { Turns, takeUpWhatWasLeft } from './consume/turns.ts'
import { Claims } from './ids/claims.ts'
import { KnownEvents, namesOf } from './ids/known-events.ts'
import { KeptEvents } from './kept/kept-events.ts'
import { memoryNotes } from './memory-notes.ts'

/** The limits of a memory inbox. */
export interface MemoryInboxOptions {
  /** How many ids may be remembered or claimed at once. At this limit new events are refused (503), so that no id is forgotten early. Defaults to 1,000,000. */
  maxIds?: number
  /**
   * How many bytes of bodies may be kept at once, dead letters included. Beyond that, events are refused (503). Parked events have a limit of their
   * own, the receiver's `maxParkedBytes`. Handled events are deleted to make room. Defaults to 256 MiB.
   */
  maxBytes?: number
  /** Milliseconds after which a dead letter is deleted. Defaults to `Infinity`. */
  keepDeadFor?: number
  /** Defaults to the system's. */
  clock?: Clock
}

const known: Record<keyof MemoryInboxOptions, true> = {
  maxIds: true,
  maxBytes: true,
  keepDeadFor: true,
  clock: true,
}

/**
 * An inbox in this process's memory, for development, tests, and events that may be lost with the process. It is also the reference implementation of
 * `Inbox`, the shortest one that fulfils the contract.
 *
 * @throws {ConfigurationError} for an unknown option, or if a limit is not a whole number of 1 or more.
 */
export function memoryInbox(options: MemoryInboxOptions = {}): Inbox {
  assertOptions(options, known, 'memoryInbox')
  return new MemoryInbox(options)
}

/** The counter is shared by the whole process, as bundlers load this module more than once, and no two stores may share a name. */
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
  readonly notes = memoryNotes(() => (this.#isClosed ? this.#now() : this.#clock.elapsed()))
  readonly #clock: Required<Clock>
  readonly #maxIds: number
  readonly #maxBytes: number
  readonly #keepDeadFor: number
  readonly #kept = new KeptEvents()
  readonly #known = new KnownEvents(this.#kept)
  readonly #claims = new Claims()
  readonly #states: EventStates
  #closing: Promise<void> | undefined
  /** Until then consumers finish what is due, and read in the notes what is paused. */
  #isClosed = false

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
    this.#states = new EventStates(this.#kept, this.#clock)
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
    if (failure) this.#states.bury(kept, progress, [failure])
    else this.#states.makePending(kept)
    return { outcome: 'accepted' }
  }

  claim(event: EventRecord, options: ClaimOptions): ClaimResult {
    const now = this.#now()
    const known = this.#known.find(event, now)
    if (known) return known
    if (!this.#claims.has(event.key, now)) this.#assertRoomForId()
    this.#assertRoomForBody(event) // it may become a dead letter
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
    this.#states.bury(this.#kept.add(event, { attempt: lease.attempt }), progress, failures)
    return true
  }

  park(lease: Lease, event: EventRecord, { progress, failures, ...options }: Burial): boolean {
    if (!this.confirm(lease, event, options)) return false
    this.#states.park(this.#kept.add(event, { attempt: lease.attempt, progress, failures }))
    return true
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    const states = this.#states
    const turns = new Turns(states, options, this.#clock, (replacement) => this.#putInPlace(replacement))
    const consumer = new MemoryConsumer(work, options, states.dueOf(options.source), turns)
    if (states.endsWithRequest) takeUpWhatWasLeft(this.#kept.all, states, options, this.#clock.elapsed())
    else states.consumers.add(consumer)
    consumer.wake()
    return consumer
  }

  knows(names: readonly string[]): boolean {
    const now = this.#now()
    return names.some((name) => this.#known.knows(name, now))
  }

  counts(filter: { source?: string; tenant?: string } = {}): Counts {
    assertCountsFilter(filter)
    this.#now()
    return this.#kept.count(filter)
  }

  list(filter: ListFilter = {}): EventPage {
    assertListFilter(filter, (cursor) => /^\d+$/.test(cursor))
    return this.#kept.list(filter, this.#clock.now() - this.#now())
  }

  get(key: string): KeptEvent | undefined {
    return this.#kept.describe(key, this.#clock.now() - this.#now())
  }

  redrive(key: string, options?: RedriveOptions): boolean {
    this.#assertOpen()
    const kept = this.#kept.find(key)
    if (kept?.state !== 'dead') return false
    this.#states.redrive(kept, options)
    return true
  }

  replay(key: string, options: ReplayOptions): boolean {
    this.#assertOpen()
    const kept = this.#kept.find(key)
    return kept?.state === 'handled' && this.#states.replay(kept, options)
  }

  discard(key: string): boolean {
    this.#assertOpen()
    const kept = this.#kept.find(key)
    if (kept === undefined || kept.state === 'active') return false
    this.#states.discard(kept)
    return true
  }

  close(): Promise<void> {
    this.#closing ??= this.#stop()
    return this.#closing
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#states.consumers].map((consumer) => consumer.stop()))
    for (const kept of this.#kept.all) kept.cancelRetry()
    this.#isClosed = true
  }

  #assertOpen(): void {
    if (!this.#closing) return
    throw new InboxClosedError(
      'the memory inbox was closed, by close() or because its last receiver was stopped: create a new one',
    )
  }

  /** The inbox's time. It is elapsed time, so that setting the clock makes it forget and delay nothing. */
  #now(): number {
    this.#assertOpen()
    const now = this.#clock.elapsed()
    this.#claims.prune(now)
    this.#states.dropDeadSince(now - this.#keepDeadFor)
    this.#states.dropHandled(now)
    this.#states.lines.prune(now)
    return now
  }

  /** Parked events have a limit of their own. They count toward no other limit, so they cause no refusal. */
  #assertRoomForId(): void {
    if (this.#known.size + this.#claims.size - this.#states.parked.size >= this.#maxIds) {
      throw new InboxFullError(
        `the memory inbox remembers ${this.#maxIds} ids, which is its maxIds: raise maxIds, shorten dedupeWindow, or use a durable inbox`,
      )
    }
  }

  /** Deletes handled events to make room. */
  #assertRoomForBody(event: EventRecord): void {
    const isTooMuch = () =>
      this.#kept.bytes - this.#states.parked.bytes + event.rawBody.length > this.#maxBytes
    if (isTooMuch()) this.#states.makeRoom(isTooMuch)
    if (isTooMuch()) {
      const bytes = this.#kept.bytes - this.#states.parked.bytes
      throw new InboxFullError(
        `the memory inbox keeps ${bytes} bytes, and its maxBytes is ${this.#maxBytes}: are handlers too slow, or do dead letters pile up?`,
      )
    }
  }

  /** Never refused because the inbox is full: it is no larger than the event that it replaces. */
  #putInPlace({ event, rememberMs }: Extract<Verdict, { outcome: 'replace' }>): void {
    const now = this.#clock.elapsed()
    if (this.#known.find(event, now)) return
    this.#known.remember(event, now + rememberMs)
    this.#states.makePending(
      this.#kept.add(event, { progress: this.#claims.revoke(event.key, now) ?? noProgress }),
    )
  }
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new ConfigurationError(
    `memoryInbox: ${name} is ${foundValue(value)}; it must be a whole number of 1 or more`,
  )
}

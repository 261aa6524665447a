import type { Clock } from '../contracts/clock.ts'
import { ConfigurationError, InboxClosedError, InboxFullError } from '../contracts/errors.ts'
import type {
  Attempt,
  ClaimOptions,
  ClaimResult,
  ConsumeOptions,
  Consumer,
  Counts,
  EventPage,
  EventRecord,
  Failure,
  Inbox,
  KeptEvent,
  Lease,
  ListFilter,
  Progress,
  PutOptions,
  PutResult,
  Verdict,
  Work,
} from '../contracts/inbox.ts'
import { noProgress } from '../contracts/inbox.ts'
import { completeClock } from '../time/system-clock.ts'
import { ExpiringMap } from './expiring-map.ts'
import { Fifo } from './fifo.ts'
import { type Kept, KeptEvents } from './kept-events.ts'
import { MemoryConsumer } from './memory-consumer.ts'
import { RememberedIds } from './remembered-ids.ts'

export interface MemoryInboxOptions {
  /**
   * How many ids may be remembered or claimed at once. When it is reached, new events are refused (503) rather than old
   * ids forgotten. Defaults to 1,000,000.
   */
  maxIds?: number
  /** How many bytes of bodies may be kept at once, dead letters included; beyond that, 503. Defaults to 256 MiB. */
  maxBytes?: number
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

interface Claim {
  readonly until: number
  readonly token: string
  readonly attempt: number
  readonly progress: Progress
  /** 0 once released. */
  readonly leaseUntil: number
}

class MemoryInbox implements Inbox {
  readonly name = 'memory'
  readonly durable = false
  readonly #clock: Required<Clock>
  readonly #maxIds: number
  readonly #maxBytes: number
  readonly #remembered = new RememberedIds()
  readonly #claims = new ExpiringMap<Claim>()
  readonly #kept = new KeptEvents()
  readonly #dueByProvider = new Map<string, Fifo<Kept>>()
  readonly #consumers = new Set<MemoryConsumer>()
  #lastToken = 0
  #closing: Promise<void> | undefined

  constructor({ maxIds = 1_000_000, maxBytes = 256 * 1024 * 1024, clock }: MemoryInboxOptions) {
    this.#maxIds = wholeNumber('maxIds', maxIds)
    this.#maxBytes = wholeNumber('maxBytes', maxBytes)
    this.#clock = completeClock(clock)
  }

  put(event: EventRecord, { rememberMs }: PutOptions): PutResult {
    const now = this.#clock.now()
    const known = this.#findTakenOn(event, now)
    if (known) return known
    const claim = this.#claims.get(event.key, now)
    if (!claim) this.#assertRoomForId()
    this.#assertRoomForBody(event)
    this.#claims.delete(event.key)
    this.#remembered.remember(event.key, event.fingerprint, now + rememberMs)
    this.#makePending(this.#kept.add(event, { progress: claim?.progress ?? noProgress }))
    return { outcome: 'accepted' }
  }

  claim(event: EventRecord, { rememberMs, leaseMs }: ClaimOptions): ClaimResult {
    const now = this.#clock.now()
    const known = this.#findTakenOn(event, now)
    if (known) return known
    const before = this.#claims.get(event.key, now)
    if (before && now < before.leaseUntil)
      return { outcome: 'in_progress', retryAfterMs: before.leaseUntil - now }
    if (!before) {
      this.#assertRoomForId()
      this.#assertRoomForBody(event)
    }
    const { attempt, progress } = before ?? { attempt: 1, progress: noProgress }
    const token = String(++this.#lastToken)
    this.#claims.set(event.key, {
      until: now + Math.max(rememberMs, leaseMs),
      token,
      attempt,
      progress,
      leaseUntil: now + leaseMs,
    })
    return { outcome: 'claimed', lease: { key: event.key, token, attempt, progress } }
  }

  renew(lease: Lease, leaseMs: number): boolean {
    const claim = this.#heldClaim(lease)
    if (!claim) return false
    const leaseUntil = this.#clock.now() + leaseMs
    this.#claims.set(lease.key, { ...claim, leaseUntil, until: Math.max(claim.until, leaseUntil) })
    return true
  }

  release(lease: Lease, progress: Progress, attemptUsed: boolean): boolean {
    const claim = this.#heldClaim(lease)
    if (!claim) return false
    const attempt = lease.attempt + (attemptUsed ? 1 : 0)
    this.#claims.set(lease.key, { ...claim, leaseUntil: 0, progress, attempt })
    return true
  }

  confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): boolean {
    if (!this.#heldClaim(lease)) return false
    this.#claims.delete(lease.key)
    this.#remembered.remember(event.key, event.fingerprint, this.#clock.now() + rememberMs)
    return true
  }

  bury(
    lease: Lease,
    event: EventRecord,
    { progress, failures, rememberMs }: { progress: Progress; failures: readonly Failure[] } & PutOptions,
  ): boolean {
    if (!this.confirm(lease, event, { rememberMs })) return false
    this.#kept.add(event, { state: 'dead', attempt: lease.attempt, progress, failures })
    return true
  }

  consume(work: Work, { provider, concurrency }: ConsumeOptions): Consumer {
    this.#assertOpen()
    const consumer = new MemoryConsumer(work, concurrency, this.#dueOf(provider), {
      begin: (kept) => this.#beginTurn(kept),
      end: (kept, verdict) => this.#endTurn(kept, verdict),
      stopped: () => this.#consumers.delete(consumer),
    })
    this.#consumers.add(consumer)
    consumer.wake()
    return consumer
  }

  counts({ provider }: { provider?: string } = {}): Counts {
    this.#assertOpen()
    return this.#kept.count(provider)
  }

  list(filter: ListFilter = {}): EventPage {
    this.#assertOpen()
    return this.#kept.list(filter)
  }

  get(key: string): KeptEvent | undefined {
    this.#assertOpen()
    return this.#kept.describe(key)
  }

  redrive(key: string): boolean {
    this.#assertOpen()
    const kept = this.#kept.find(key)
    if (kept?.state !== 'dead') return false
    kept.attempt = 1
    kept.progress = { completed: kept.progress.completed, abandoned: [] }
    kept.failures = []
    this.#makePending(kept)
    return true
  }

  discard(key: string): boolean {
    this.#assertOpen()
    const kept = this.#kept.find(key)
    if (kept === undefined || kept.state === 'active') return false
    this.#dueOf(kept.event.provider).remove(kept)
    this.#kept.remove(kept)
    return true
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#consumers].map((consumer) => consumer.stop())).then(() =>
      this.#kept.cancelRetries(),
    )
    return this.#closing
  }

  #assertOpen(): void {
    if (this.#closing) throw new InboxClosedError('the memory inbox was closed')
  }

  #findTakenOn(event: EventRecord, now: number): { outcome: 'duplicate'; conflict: boolean } | undefined {
    this.#assertOpen()
    this.#remembered.prune(now)
    this.#claims.prune(now)
    const known = this.#kept.find(event.key)?.event.fingerprint ?? this.#remembered.find(event.key, now)
    return known === undefined ? undefined : { outcome: 'duplicate', conflict: known !== event.fingerprint }
  }

  #assertRoomForId(): void {
    if (this.#remembered.size + this.#claims.size >= this.#maxIds) {
      throw new InboxFullError(
        `the memory inbox remembers ${this.#maxIds} ids, its maxIds: raise it, shorten dedupeWindow, or use a durable inbox`,
      )
    }
  }

  #assertRoomForBody(event: EventRecord): void {
    if (this.#kept.bytes + event.rawBody.length > this.#maxBytes) {
      throw new InboxFullError(
        `the memory inbox keeps ${this.#kept.bytes} bytes, its maxBytes are ${this.#maxBytes}: are handlers too slow, or do dead letters pile up?`,
      )
    }
  }

  #heldClaim(lease: Lease): Claim | undefined {
    this.#assertOpen()
    const now = this.#clock.now()
    const claim = this.#claims.get(lease.key, now)
    return claim?.token === lease.token && now < claim.leaseUntil ? claim : undefined
  }

  #dueOf(provider: string): Fifo<Kept> {
    let due = this.#dueByProvider.get(provider)
    if (due === undefined) {
      due = new Fifo<Kept>()
      this.#dueByProvider.set(provider, due)
    }
    return due
  }

  #makePending(kept: Kept): void {
    kept.state = 'pending'
    kept.dueAt = null
    this.#dueOf(kept.event.provider).add(kept)
    for (const consumer of this.#consumers) consumer.wake()
  }

  #beginTurn(kept: Kept): Attempt {
    kept.state = 'active'
    return {
      event: kept.event,
      attempt: kept.attempt,
      interruptions: 0,
      progress: kept.progress,
      checkpoint: (progress) => {
        kept.progress = progress
      },
    }
  }

  #endTurn(kept: Kept, verdict: Verdict): void {
    if (verdict.outcome === 'done') {
      this.#kept.remove(kept)
      return
    }
    kept.progress = verdict.progress
    kept.failures = verdict.failures
    if (verdict.outcome === 'dead') {
      kept.state = 'dead'
      return
    }
    if (verdict.countsAsAttempt) kept.attempt += 1
    kept.state = 'scheduled'
    kept.dueAt = this.#clock.now() + verdict.delayMs
    kept.cancelRetry = this.#clock.after(verdict.delayMs, () => this.#makePending(kept))
  }
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new ConfigurationError(`memoryInbox: ${name} is ${value}; it must be a whole number of 1 or more`)
}

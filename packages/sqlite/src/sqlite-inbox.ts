import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import {
  type ClaimOptions,
  type ClaimResult,
  type ConsumeOptions,
  type Consumer,
  type Counts,
  type EventPage,
  type EventRecord,
  type Failure,
  type Inbox,
  InboxClosedError,
  InboxFullError,
  type KeptEvent,
  type Lease,
  type ListFilter,
  type Progress,
  type PutOptions,
  type PutResult,
  type Work,
} from '@hookport/core'
import { type Claim, Claims } from './claims.ts'
import { FileSpace } from './file-space.ts'
import { GroupCommit } from './group-commit.ts'
import { Housekeeping } from './housekeeping.ts'
import { KeptEvents } from './kept-events.ts'
import { LeasedEvents } from './leased-events.ts'
import { openDatabase } from './open-database.ts'
import { RememberedIds } from './remembered-ids.ts'
import { SqliteConsumer } from './sqlite-consumer.ts'
import { type ResolvedOptions, resolveOptions, type SqliteInboxOptions } from './sqlite-inbox-options.ts'

/**
 * An inbox in one file, durable without a server, for the processes of one machine.
 *
 * @throws {ConfigurationError} for an unusable option.
 * @throws {SqliteFileError} if the file can't be used; `problem` says why, the message what to do.
 */
export function sqliteInbox(options: SqliteInboxOptions): Inbox {
  const resolved = resolveOptions(options)
  return new SqliteInbox(openDatabase(resolved), resolved)
}

const noProgress: Progress = { completed: [], abandoned: [] }

export class SqliteInbox implements Inbox {
  readonly name = 'sqlite'
  readonly durable = true
  readonly #options: ResolvedOptions
  readonly #database: DatabaseSync
  readonly #commits: GroupCommit
  readonly #ids: RememberedIds
  readonly #claims: Claims
  readonly #kept: KeptEvents
  readonly #leases: LeasedEvents
  readonly #space: FileSpace
  readonly #housekeeping: Housekeeping
  readonly #consumers = new Set<SqliteConsumer>()
  #closing: Promise<void> | undefined

  constructor(database: DatabaseSync, options: ResolvedOptions) {
    this.#options = options
    this.#database = database
    this.#commits = new GroupCommit(database)
    this.#ids = new RememberedIds(database)
    this.#claims = new Claims(database)
    this.#kept = new KeptEvents(database)
    this.#leases = new LeasedEvents(database, this.#kept)
    this.#space = new FileSpace(database)
    this.#housekeeping = new Housekeeping({
      database,
      commits: this.#commits,
      ids: this.#ids,
      claims: this.#claims,
      kept: this.#kept,
      clock: options.clock,
      keepDeadFor: options.keepDeadFor,
    })
  }

  put(event: EventRecord, { rememberMs }: PutOptions): Promise<PutResult> {
    return this.#write((now) => {
      const known = this.#findTakenOn(event, now)
      if (known) return known
      this.#assertRoomFor(event)
      const claim = this.#claims.find(event.key, now)
      if (claim) this.#claims.delete(event.key)
      this.#ids.remember(event.key, event.fingerprint, now + rememberMs)
      this.#kept.addPending(event, claim?.progress ?? noProgress, now)
      this.#wake(event.provider)
      return { outcome: 'accepted' }
    }, event.rawBody.length)
  }

  claim(event: EventRecord, { rememberMs, leaseMs }: ClaimOptions): Promise<ClaimResult> {
    return this.#write((now) => {
      const known = this.#findTakenOn(event, now)
      if (known) return known
      const before = this.#claims.find(event.key, now)
      if (before && now < before.leaseUntil)
        return { outcome: 'in_progress', retryAfterMs: before.leaseUntil - now }
      if (!before) this.#assertRoomFor(event)
      const { attempt, progress } = before ?? { attempt: 1, progress: noProgress }
      const token = randomUUID()
      const until = now + Math.max(rememberMs, leaseMs)
      this.#claims.save(event.key, { token, attempt, progress, leaseUntil: now + leaseMs, until })
      return { outcome: 'claimed', lease: { key: event.key, token, attempt, progress } }
    })
  }

  renew(lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#writeHeld(lease, (claim, now) => {
      const leaseUntil = now + leaseMs
      this.#claims.save(lease.key, { ...claim, leaseUntil, until: Math.max(claim.until, leaseUntil) })
    })
  }

  release(lease: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    return this.#writeHeld(lease, (claim) => {
      const attempt = lease.attempt + (attemptUsed ? 1 : 0)
      this.#claims.save(lease.key, { ...claim, leaseUntil: 0, progress, attempt })
    })
  }

  confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    return this.#writeHeld(lease, (_, now) => this.#turnIntoId(event, now + rememberMs))
  }

  bury(
    lease: Lease,
    event: EventRecord,
    { progress, failures, rememberMs }: { progress: Progress; failures: readonly Failure[] } & PutOptions,
  ): Promise<boolean> {
    return this.#writeHeld(lease, (_, now) => {
      this.#turnIntoId(event, now + rememberMs)
      this.#kept.addDead(event, lease.attempt, progress, failures, now)
    })
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    const consumer = new SqliteConsumer(work, options, {
      leases: this.#leases,
      commits: this.#commits,
      clock: this.#options.clock,
      leaseMs: this.#options.leaseMs,
      pollMs: this.#options.pollMs,
      onPoll: () => this.#housekeeping.tick(),
    })
    this.#consumers.add(consumer)
    return consumer
  }

  async counts({ provider }: { provider?: string } = {}): Promise<Counts> {
    this.#assertOpen()
    return this.#kept.count(provider, this.#options.clock.now())
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    this.#assertOpen()
    return this.#kept.list(filter, this.#options.clock.now())
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    this.#assertOpen()
    return this.#kept.describe(key, this.#options.clock.now())
  }

  async redrive(key: string): Promise<boolean> {
    const provider = await this.#write((now) => this.#kept.redrive(key, now))
    if (provider !== undefined) this.#wake(provider)
    return provider !== undefined
  }

  discard(key: string): Promise<boolean> {
    return this.#write((now) => this.#kept.discard(key, now))
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    this.#housekeeping.close()
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()))
    await this.#commits.drained()
    this.#database.close()
  }

  /** Runs in a transaction that others share; `now` is the time at which it is written. */
  async #write<Result>(write: (now: number) => Result, bytes?: number): Promise<Result> {
    this.#assertOpen()
    const { clock } = this.#options
    const result = await this.#commits.run(() => write(clock.now()), bytes)
    this.#housekeeping.tick()
    return result
  }

  /** As `#write`, if the lease is not lost. */
  #writeHeld(lease: Lease, write: (claim: Claim, now: number) => void): Promise<boolean> {
    return this.#write((now) => {
      const claim = this.#claims.find(lease.key, now)
      const isHeld = claim?.token === lease.token && now < claim.leaseUntil
      if (isHeld) write(claim, now)
      return isHeld
    })
  }

  #findTakenOn(event: EventRecord, now: number): { outcome: 'duplicate'; conflict: boolean } | undefined {
    const fingerprint = this.#kept.find(event.key) ?? this.#ids.find(event.key, now)
    if (fingerprint === undefined) return undefined
    return { outcome: 'duplicate', conflict: fingerprint !== event.fingerprint }
  }

  #turnIntoId({ key, fingerprint }: EventRecord, until: number): void {
    this.#claims.delete(key)
    this.#ids.remember(key, fingerprint, until)
  }

  #wake(provider: string): void {
    for (const consumer of this.#consumers) if (consumer.provider === provider) consumer.wake()
  }

  #assertRoomFor({ rawBody }: EventRecord): void {
    const { maxBytes, path } = this.#options
    if (maxBytes === Number.POSITIVE_INFINITY) return
    const usedBytes = this.#space.usedBytes
    if (usedBytes + rawBody.length <= maxBytes) return
    throw new InboxFullError(
      `${path} has ${usedBytes} bytes in use, the maxBytes of its sqlite inbox are ${maxBytes}: are handlers too slow, or do dead letters pile up?`,
    )
  }

  #assertOpen(): void {
    if (this.#closing) throw new InboxClosedError('the sqlite inbox was closed')
  }
}

import { randomUUID } from 'node:crypto'
import {
  type Burial,
  type ClaimOptions,
  type ClaimResult,
  type ConsumeOptions,
  type Consumer,
  type Counts,
  type EventPage,
  type EventRecord,
  type Inbox,
  InboxClosedError,
  InboxFullError,
  type KeptEvent,
  type Lease,
  type ListFilter,
  type Notes,
  noProgress,
  type Progress,
  type PutOptions,
  type PutResult,
  type RedriveOptions,
  type ReplayOptions,
  type Work,
} from '@hookport/core'
import { PollingConsumer } from '@hookport/core/inbox-kit'
import { SqliteStore } from './consume/sqlite-store.ts'
import type { Moment } from './file/file-time.ts'
import { type Claim, leaseLeftMs } from './ids/claims.ts'
import { HeldFile } from './open/held-file.ts'
import { Housekeeping } from './open/housekeeping.ts'
import { type OpenFile, openFile } from './open/open-file.ts'
import { type ResolvedOptions, resolveOptions, type SqliteInboxOptions } from './sqlite-inbox-options.ts'

/** An inbox in one file. */
export interface SqliteInbox extends Inbox {
  /**
   * Writes a complete copy of the current state. It blocks the event loop while it writes: some seconds for a gigabyte.
   *
   * @param path of a file that does not exist yet.
   */
  backup(path: string): Promise<void>
}

/**
 * An inbox in one file, durable without a server, for the processes of one machine.
 *
 * @throws {ConfigurationError} for an unusable option.
 * @throws {SqliteFileError} if the file can't be used; `problem` says why, the message what to do.
 */
export function sqliteInbox(options: SqliteInboxOptions): SqliteInbox {
  const resolved = resolveOptions(options)
  return new InboxInFile(new HeldFile((waitMs) => openFile({ ...resolved, waitMs })), resolved)
}

/** How many handled events are deleted at once to make room. */
const mostGivingWay = 64

export class InboxInFile implements SqliteInbox {
  readonly name = 'sqlite'
  readonly durable = true
  readonly store: string
  readonly notes: Notes = {
    read: async (name) => this.#read((file) => file.notes.read(name)),
    list: async (prefix) => this.#read((file) => file.notes.list(prefix)),
    write: (...note) => this.#write((file) => file.notes.write(...note)),
    lead: (...lead) => this.#write((file, now) => file.notes.lead(...lead, now)),
    resign: (...lead) => this.#write((file) => file.notes.resign(...lead)),
  }
  readonly #options: ResolvedOptions
  readonly #file: HeldFile
  readonly #housekeeping: Housekeeping
  readonly #consumers = new Set<PollingConsumer>()
  #closing: Promise<void> | undefined

  constructor(file: HeldFile, options: ResolvedOptions) {
    this.#options = options
    this.#file = file
    this.store = this.#file.realPath
    this.#housekeeping = new Housekeeping({
      write: (write) => this.#file.write(write),
      elapsed: () => options.clock.elapsed(),
      keepDeadFor: options.keepDeadFor,
    })
  }

  put(event: EventRecord, { rememberMs, failure }: PutOptions): Promise<PutResult> {
    return this.#write((file, now) => {
      const retryAfterMs = event.origin === 'reconciled' ? this.#leaseLeftMs(event, file, now) : 0
      if (retryAfterMs > 0) return { outcome: 'in_progress', retryAfterMs }
      if (this.#isBounded && !file.ids.find(event, now.steady)) this.#assertRoomFor(event, file)
      const sequence = file.kept.nextSequence()
      const until = now.steady + rememberMs
      const known = file.ids.takeOn(event, until, sequence, now.steady)
      if (known) return known
      const progress = file.claims.revoke(event.key, now) ?? noProgress
      if (failure) file.kept.add(sequence, event, { rest: 'dead', progress, failures: [failure] }, now)
      else file.kept.addPending(sequence, event, progress, now)
      if (!failure) this.#wake(event.source)
      return { outcome: 'accepted' }
    }, event.rawBody.length)
  }

  claim(event: EventRecord, { rememberMs, leaseMs }: ClaimOptions): Promise<ClaimResult> {
    return this.#write((file, now) => {
      const known = file.ids.find(event, now.steady)
      if (known) return known
      const before = file.claims.find(event.key, now)
      const leftMs = before ? leaseLeftMs(before, now) : 0
      if (leftMs > 0) return { outcome: 'in_progress', retryAfterMs: leftMs }
      if (!before) this.#assertRoomFor(event, file)
      const { attempt, progress } = before ?? { attempt: 1, progress: noProgress }
      const token = randomUUID()
      const leaseUntil = now.elapsed + leaseMs
      const forgottenAt = now.steady + Math.max(rememberMs, leaseMs)
      file.claims.save(event.key, { token, attempt, progress, leaseUntil, leaseMs, forgottenAt })
      file.aliases.remember(event)
      return { outcome: 'claimed', lease: { key: event.key, token, attempt, progress } }
    })
  }

  renew(lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#writeHeld(lease, (file, claim, now) => {
      const leaseUntil = now.elapsed + leaseMs
      const forgottenAt = Math.max(claim.forgottenAt, now.steady + leaseMs)
      file.claims.save(lease.key, { ...claim, leaseUntil, leaseMs, forgottenAt })
    })
  }

  release(lease: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    return this.#writeHeld(lease, (file, claim) => {
      const attempt = lease.attempt + (attemptUsed ? 1 : 0)
      file.claims.save(lease.key, { ...claim, leaseUntil: 0, progress, attempt })
    })
  }

  confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    return this.#writeHeld(lease, (file, _, now) => {
      file.claims.delete(event.key)
      file.ids.remember(event, now.steady + rememberMs)
    })
  }

  bury(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    return this.#layToRest(lease, event, burial, 'dead')
  }

  park(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    return this.#layToRest(lease, event, burial, 'parked')
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    this.#file.logTo(options.logger)
    const { clock, leaseMs, pollMs } = this.#options
    const store = new SqliteStore(this.#file, () => this.#housekeeping.tick())
    const onStopped = () => this.#consumers.delete(consumer)
    const polling = { clock, leaseMs, pollMs, onStopped }
    const consumer: PollingConsumer = new PollingConsumer(work, options, store, polling)
    this.#consumers.add(consumer)
    return consumer
  }

  async knows(names: readonly string[]): Promise<boolean> {
    return this.#read((file) => {
      const now = file.time.now().steady
      return names.some((name) => file.aliases.knows(name, now))
    })
  }

  async counts(filter: { source?: string; tenant?: string } = {}): Promise<Counts> {
    return this.#read((file) => file.operated.count(filter, file.time.now()))
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    return this.#read((file) => file.operated.list(filter, file.time.now()))
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    return this.#read((file) => file.operated.describe(key, file.time.now()))
  }

  async redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    return this.#write((file, now) => {
      const source = file.operated.redrive(key, now, options)
      if (source !== undefined) this.#wake(source)
      return source !== undefined
    })
  }

  async replay(key: string, options: ReplayOptions): Promise<boolean> {
    return this.#write((file, now) => {
      const source = file.operated.replay(key, now, options)
      if (source !== undefined) this.#wake(source)
      return source !== undefined
    })
  }

  discard(key: string): Promise<boolean> {
    return this.#write((file, now) => file.operated.discard(key, now))
  }

  async backup(path: string): Promise<void> {
    this.#read((file) => file.copyTo(path))
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    this.#housekeeping.close()
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()))
    await this.#file.close()
  }

  #read<Result>(look: (file: OpenFile) => Result): Result {
    this.#assertOpen()
    return this.#file.read(look)
  }

  /** Runs in a transaction shared with others; `now` is when it began. */
  #write<Result>(write: (file: OpenFile, now: Moment) => Result, bytes?: number): Promise<Result> {
    if (this.#closing) return Promise.reject(closed())
    const written = this.#file.write(write, bytes)
    this.#housekeeping.tick()
    return written
  }

  /** As `#write`, if the lease is not lost. */
  #writeHeld(lease: Lease, write: (file: OpenFile, claim: Claim, now: Moment) => void): Promise<boolean> {
    return this.#write((file, now) => {
      const claim = file.claims.find(lease.key, now)
      if (claim?.token !== lease.token || leaseLeftMs(claim, now) <= 0) return false
      write(file, claim, now)
      return true
    })
  }

  #layToRest(
    lease: Lease,
    event: EventRecord,
    { progress, failures, rememberMs }: Burial,
    rest: 'dead' | 'parked',
  ): Promise<boolean> {
    return this.#writeHeld(lease, (file, _, now) => {
      const sequence = file.kept.nextSequence()
      file.claims.delete(event.key)
      const until = now.steady + rememberMs
      const known = file.ids.takeOn(event, until, sequence, now.steady)
      if (known) return // it was reconciled in the meantime, and is kept or handled under its other name
      file.kept.add(sequence, event, { rest, attempt: lease.attempt, progress, failures }, now)
      if (rest === 'parked') this.#wake(event.source)
    })
  }

  /** How long a claim on a reconciled event still runs; 0 where the event was taken on already. */
  #leaseLeftMs(event: EventRecord, file: OpenFile, now: Moment): number {
    const leftMs = file.claims.leaseLeftMs(event, now)
    return leftMs > 0 && file.ids.find(event, now.steady) ? 0 : leftMs
  }

  #wake(source: string): void {
    for (const consumer of this.#consumers) if (consumer.source === source) consumer.wake()
  }

  get #isBounded(): boolean {
    return this.#options.maxBytes !== Number.POSITIVE_INFINITY
  }

  /** Parked events have a limit of their own, and cause no refusal. Handled events are deleted to make room, the oldest first. */
  #assertRoomFor({ rawBody }: EventRecord, { space, parkedTotals, kept }: OpenFile): void {
    if (!this.#isBounded) return
    const { maxBytes, path } = this.#options
    const hasRoom = () =>
      space.usedBytes + rawBody.length <= maxBytes ||
      space.usedBytes - parkedTotals.usedBytes + rawBody.length <= maxBytes
    do if (hasRoom()) return
    while (kept.forgetHandled(Number.POSITIVE_INFINITY, mostGivingWay) > 0)
    const { usedBytes } = space
    throw new InboxFullError(
      `${path} has ${usedBytes} bytes in use, and the maxBytes of its sqlite inbox is ${maxBytes}: are handlers too slow, or do dead letters pile up?`,
    )
  }

  #assertOpen(): void {
    if (this.#closing) throw closed()
  }
}

function closed(): InboxClosedError {
  return new InboxClosedError(
    'the sqlite inbox was closed, by close() or because its last receiver was stopped: create a new one',
  )
}

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
  type KeptEvent,
  type Lease,
  type ListFilter,
  type Notes,
  type Progress,
  type PutOptions,
  type PutResult,
  type RedriveOptions,
  type ReplayOptions,
  type Work,
} from '@hookport/core'
import { assertCountsFilter, assertListFilter, PollingConsumer } from '@hookport/core/inbox-kit'
import { SqliteStore } from './consume/sqlite-store.ts'
import type { Moment } from './file/file-time.ts'
import { findRisks } from './file/find-risks.ts'
import type { Claim } from './ids/claims.ts'
import { isCursor } from './kept/event-list.ts'
import { HeldFile } from './open/held-file.ts'
import { Housekeeping } from './open/housekeeping.ts'
import { type OpenFile, openFile } from './open/open-file.ts'
import { type ResolvedOptions, resolveOptions, type SqliteInboxOptions } from './sqlite-inbox-options.ts'
import {
  claimEvent,
  confirmClaim,
  heldClaim,
  layToRest,
  releaseClaim,
  renewClaim,
} from './take-on/claim-event.ts'
import { putEvent } from './take-on/put-event.ts'
import { RoomInFile } from './take-on/room-in-file.ts'

/** How long what a sender waits for stands in line. Together with the write this is less than `acceptTimeout`, 3 s by default. */
const senderWaitsMs = 2_500

type HeldWrite = (file: OpenFile, claim: Claim, now: Moment) => void

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
  readonly #room: RoomInFile
  readonly #consumers = new Set<PollingConsumer>()
  #closing: Promise<void> | undefined

  constructor(file: HeldFile, options: ResolvedOptions) {
    this.#options = options
    this.#file = file
    this.store = this.#file.realPath
    this.#room = new RoomInFile(options)
    this.#housekeeping = new Housekeeping({
      write: (write) => this.#file.write(write),
      elapsed: () => options.clock.elapsed(),
      keepDeadFor: options.keepDeadFor,
    })
  }

  put(event: EventRecord, options: PutOptions): Promise<PutResult> {
    const write = (file: OpenFile, now: Moment) => {
      const result = putEvent(file, now, this.#room, event, options)
      if (result.outcome === 'accepted' && !options.failure) this.#wake(event.source)
      return result
    }
    return this.#write(write, event.rawBody.length, senderWaitsMs)
  }

  claim(event: EventRecord, options: ClaimOptions): Promise<ClaimResult> {
    const write = (file: OpenFile, now: Moment) => claimEvent(file, now, this.#room, event, options)
    return this.#write(write, 0, senderWaitsMs)
  }

  renew(lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#writeHeld(lease, (file, claim, now) => renewClaim(file, now, lease, claim, leaseMs))
  }

  release(lease: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    return this.#writeHeld(lease, (file, claim) => releaseClaim(file, lease, claim, progress, attemptUsed))
  }

  confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    return this.#writeHeld(lease, (file, _, now) => confirmClaim(file, now, event, rememberMs))
  }

  bury(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    const write: HeldWrite = (file, _, now) => void layToRest(file, now, lease, event, burial, 'dead')
    return this.#writeHeld(lease, write, event.rawBody.length)
  }

  park(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    const write: HeldWrite = (file, _, now) => {
      if (layToRest(file, now, lease, event, burial, 'parked')) this.#wake(event.source)
    }
    return this.#writeHeld(lease, write, event.rawBody.length)
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
    assertCountsFilter(filter)
    return this.#read((file) => file.operated.count(filter, file.time.now()))
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    assertListFilter(filter, isCursor)
    return this.#read((file) => file.operated.list(filter, file.time.now()))
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    return this.#read((file) => file.operated.describe(key, file.time.now()))
  }

  async redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    return this.#write((file, now) => {
      const source = file.operated.redrive(key, now, options)
      this.#wake(source)
      return source !== undefined
    })
  }

  async replay(key: string, options: ReplayOptions): Promise<boolean> {
    return this.#write((file, now) => {
      const source = file.operated.replay(key, now, options)
      this.#wake(source)
      return source !== undefined
    })
  }

  discard(key: string): Promise<boolean> {
    return this.#write((file, now) => {
      const row = file.operated.discard(key, now)
      if (row && row.orderKey !== null) this.#wake(row.source)
      return row !== undefined
    })
  }

  async backup(path: string): Promise<void> {
    this.#read((file) => file.copyTo(path))
  }

  async findRisks(): Promise<readonly string[]> {
    return this.#read((file) => findRisks(file.realPath))
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
  #write<Result>(
    write: (file: OpenFile, now: Moment) => Result,
    bytes?: number,
    mostWaitMs?: number,
  ): Promise<Result> {
    if (this.#closing) return refused()
    const written = this.#file.write(write, bytes, mostWaitMs)
    this.#housekeeping.tick()
    return written
  }

  /** As `#write`, if the lease is not lost. */
  #writeHeld(lease: Lease, write: HeldWrite, bytes?: number): Promise<boolean> {
    return this.#write((file, now) => {
      const claim = heldClaim(file, now, lease)
      if (claim === undefined) return false
      write(file, claim, now)
      return true
    }, bytes)
  }

  #wake(source: string | undefined): void {
    for (const consumer of this.#consumers) if (consumer.source === source) consumer.wake()
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

/** A promise of the language itself. zone.js reports one of its own as unhandled where it is rejected before anything looks at it. */
async function refused(): Promise<never> {
  throw closed()
}

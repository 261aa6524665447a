import {
  type Burial,
  type ClaimOptions,
  type ClaimResult,
  ConfigurationError,
  type ConsumeOptions,
  type Consumer,
  type Counts,
  completeClock,
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
import {
  assertCountsFilter,
  assertListFilter,
  notesWhileOpen,
  PollingConsumer,
} from '@hookport/core/inbox-kit'
import { Claims } from './claims/claims.ts'
import { layToRest } from './claims/lay-to-rest.ts'
import { Connections } from './connection/connections.ts'
import { Database } from './connection/database.ts'
import { WakeChannel } from './connection/wake-channel.ts'
import { Pace } from './consume/pace.ts'
import { PostgresStore } from './consume/postgres-store.ts'
import { KeptEvents } from './events/kept-events.ts'
import { findRisks } from './find-risks.ts'
import { Housekeeping } from './housekeeping.ts'
import { Layout } from './layout/layout.ts'
import { notesIn } from './notes.ts'
import { addressOf, clientBeside, type OwnClient, readClient } from './pool.ts'
import { type PostgresInboxOptions, type ResolvedOptions, resolveOptions } from './postgres-inbox-options.ts'
import { knows } from './put/knows.ts'
import { Puts } from './put/puts.ts'
import { storedStatements } from './stored-statements.ts'

/**
 * An inbox in a Postgres database, for any number of processes. It creates its tables when it is first used.
 *
 * @throws {ConfigurationError} for a missing pool, an unknown option, or a value that can't work.
 */
export function postgresInbox(options: PostgresInboxOptions): Inbox {
  return new PostgresInbox(resolveOptions(options))
}

class PostgresInbox implements Inbox {
  readonly name = 'postgres'
  readonly durable = true
  readonly store: string
  readonly notes: Notes
  readonly #options: ResolvedOptions
  readonly #database: Database
  readonly #puts: Puts
  readonly #claims: Claims
  readonly #kept: KeptEvents
  readonly #housekeeping: Housekeeping
  readonly #channel: WakeChannel | undefined
  readonly #consumers = new Set<PollingConsumer>()
  #closing: Promise<void> | undefined

  constructor(options: ResolvedOptions) {
    const { pool, schema, application, keepDeadFor } = options
    this.#options = options
    this.store = `${addressOf(pool)} ${schema}`
    const layout = new Layout(schema, application)
    this.#database = new Database(new Connections(pool), layout, storedStatements(layout))
    this.#puts = new Puts(this.#database)
    this.#claims = new Claims(this.#database)
    this.notes = notesWhileOpen(notesIn(this.#database), () => this.#assertOpen())
    this.#kept = new KeptEvents(this.#database)
    this.#housekeeping = new Housekeeping(this.#database, keepDeadFor)
    this.#channel = channelOf(this.#database, options)
  }

  async put(event: EventRecord, options: PutOptions): Promise<PutResult> {
    this.#assertOpen()
    const result = await this.#puts.put(event, options)
    if (result.outcome === 'accepted' && !options.failure) this.#wake(event.source)
    this.#housekeeping.tick()
    return result
  }

  async claim(event: EventRecord, options: ClaimOptions): Promise<ClaimResult> {
    this.#assertOpen()
    const result = await this.#claims.claim(event, options)
    this.#housekeeping.tick()
    return result
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    this.#assertOpen()
    return this.#claims.renew(lease, leaseMs)
  }

  async confirm(lease: Lease, event: EventRecord, options: PutOptions): Promise<boolean> {
    this.#assertOpen()
    return this.#claims.confirm(lease, event, options)
  }

  async release(lease: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    this.#assertOpen()
    return this.#claims.release(lease, progress, attemptUsed)
  }

  async bury(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    this.#assertOpen()
    return layToRest(this.#database, lease, event, burial, 'dead')
  }

  async park(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    this.#assertOpen()
    const wasHeld = await layToRest(this.#database, lease, event, burial, 'parked')
    if (wasHeld) this.#wake(event.source)
    return wasHeld
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    const { leaseMs, pollMs } = this.#options
    const pace = new Pace(pollMs)
    const tidy = () => this.#housekeeping.tick()
    const store = new PostgresStore(this.#database, options.source, this.#puts, pace, tidy)
    const polling = {
      clock: completeClock(),
      leaseMs,
      get pollMs() {
        return pace.ms
      },
      onStopped: () => this.#consumers.delete(consumer),
    }
    const consumer: PollingConsumer = new PollingConsumer(work, options, store, polling)
    this.#consumers.add(consumer)
    this.#channel?.listen((source) => this.#wakeConsumers(source), options.logger)
    return consumer
  }

  async knows(names: readonly string[]): Promise<boolean> {
    this.#assertOpen()
    return knows(this.#database, names)
  }

  async counts(filter: { source?: string; tenant?: string } = {}): Promise<Counts> {
    assertCountsFilter(filter)
    this.#assertOpen()
    return this.#kept.count(filter)
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    assertListFilter(filter, (cursor) => /^\d{1,18}$/.test(cursor))
    this.#assertOpen()
    return this.#kept.list(filter)
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    this.#assertOpen()
    return this.#kept.get(key)
  }

  async redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    this.#assertOpen()
    const source = await this.#kept.redrive(key, options)
    if (source !== undefined) this.#wake(source)
    return source !== undefined
  }

  async replay(key: string, options: ReplayOptions): Promise<boolean> {
    this.#assertOpen()
    const source = await this.#kept.replay(key, options)
    if (source !== undefined) this.#wake(source)
    return source !== undefined
  }

  async discard(key: string): Promise<boolean> {
    this.#assertOpen()
    const lines = await this.#kept.discard(key)
    for (const { source } of lines ?? []) this.#wake(source)
    return lines !== undefined
  }

  async findRisks(): Promise<readonly string[]> {
    this.#assertOpen()
    return findRisks(this.#database)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The pool belongs to the application, and stays open. */
  async #close(): Promise<void> {
    this.#housekeeping.close()
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()))
    await Promise.all([this.#channel?.close(), this.#database.leave()])
  }

  #wake(source: string): void {
    this.#wakeConsumers(source)
    this.#channel?.tell(source)
  }

  #wakeConsumers(source: string): void {
    for (const consumer of this.#consumers) if (consumer.source === source) consumer.wake()
  }

  #assertOpen(): void {
    if (!this.#closing) return
    throw new InboxClosedError(
      'the postgres inbox was closed, by close() or because its last receiver was stopped: create a new one',
    )
  }
}

function channelOf(database: Database, { pool, listen }: ResolvedOptions): WakeChannel | undefined {
  if (listen === false) return undefined
  const address = listen === true ? undefined : listen
  const connect = () => clientBeside(pool, address)
  if (readClient(pool, address) === undefined)
    throw new ConfigurationError(
      'postgresInbox: listen needs a pool that exposes the class of its clients, as the pool of pg does',
    )
  return new WakeChannel(database, connect as () => OwnClient)
}

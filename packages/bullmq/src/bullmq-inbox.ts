import type {
  Burial,
  ClaimOptions,
  ClaimResult,
  ConsumeOptions,
  Consumer,
  Counts,
  EventPage,
  EventRecord,
  Inbox,
  KeptEvent,
  Lease,
  ListFilter,
  Logger,
  Notes,
  Progress,
  PutOptions,
  PutResult,
  RedriveOptions,
  ReplayOptions,
  Work,
} from '@hookport/core'
import { assertCountsFilter, assertListFilter, notesWhileOpen } from '@hookport/core/inbox-kit'
import type { Queue } from 'bullmq'
import { type BullmqInboxOptions, resolveOptions } from './bullmq-inbox-options.ts'
import { RedisConsumer } from './consume/redis-consumer.ts'
import { findRisks } from './find-risks.ts'
import { isCursor, KeptJobs } from './kept-jobs.ts'
import type { JobData } from './layout/job-data.ts'
import { Keys } from './layout/keys.ts'
import { makeLayout } from './layout/make-layout.ts'
import { notesIn } from './notes.ts'
import { Queues } from './queues.ts'
import { addressOf, openConnection } from './redis/connections.ts'
import { RedisLink } from './redis/redis-link.ts'
import { closedError } from './redis/trouble.ts'
import { RiskWatch } from './risk-watch.ts'
import { Claims } from './take-on/claims.ts'
import { Puts } from './take-on/puts.ts'

/** An inbox in Redis, with access to its BullMQ queues. */
export interface BullmqInbox extends Inbox {
  /** The BullMQ queue of one source, for a dashboard. It is closed with the inbox. */
  queue(source: string): Queue
}

/**
 * An inbox in Redis, for any number of processes. Events are jobs of BullMQ queues, which the inbox takes with its own scripts.
 *
 * @throws {ConfigurationError} for a missing connection, an unknown option, or a value that can't work.
 */
export function bullmqInbox(options: BullmqInboxOptions): BullmqInbox {
  return new RedisInbox(resolveOptions(options))
}

const emitWarning = (_: unknown, line: string): void => process.emitWarning(line)
const warningsOfProcess = { warn: emitWarning, error: emitWarning }

class RedisInbox implements BullmqInbox {
  readonly name = 'bullmq'
  readonly durable = true
  readonly store: string
  readonly notes: Notes
  readonly #options: Required<BullmqInboxOptions>
  readonly #keys: Keys
  readonly #accepting: RedisLink
  readonly #working: RedisLink
  readonly #puts: Puts
  readonly #claims: Claims
  readonly #kept: KeptJobs
  readonly #queues: Queues
  readonly #risks: RiskWatch
  readonly #consumers = new Set<Consumer>()
  /** Where lines about Redis go. Before there is a consumer they are warnings of the process. */
  #logger: Pick<Logger, 'warn' | 'error'> = warningsOfProcess
  #closing: Promise<void> | undefined

  constructor(options: Required<BullmqInboxOptions>) {
    const { connection, prefix, queueName, maxMemoryShare } = options
    this.#options = options
    this.store = `${addressOf(connection)} ${prefix} ${queueName}`
    this.#keys = new Keys(prefix, queueName)
    this.#accepting = this.#openLink('accept')
    this.#working = this.#openLink('work')
    this.#puts = new Puts(this.#accepting, this.#keys, maxMemoryShare, (source) => this.#sayEmptied(source))
    this.#claims = new Claims(this.#accepting, this.#keys, this.#puts.memory)
    this.notes = notesWhileOpen(notesIn(this.#working, this.#keys), () => this.#assertOpen())
    this.#kept = new KeptJobs(this.#accepting, this.#keys)
    this.#queues = new Queues(this.#accepting, this.#keys)
    this.#risks = new RiskWatch(() =>
      this.#accepting.ask((redis) => findRisks(redis, this.#keys, this.#options.application)),
    )
  }

  async put(event: EventRecord, options: PutOptions): Promise<PutResult> {
    this.#assertOpen()
    this.#risks.look(this.#logger) // a process that only accepts has no consumer that would
    return this.#puts.put(event, options)
  }

  async claim(event: EventRecord, options: ClaimOptions): Promise<ClaimResult> {
    this.#assertOpen()
    this.#risks.look(this.#logger)
    return this.#claims.claim(event, options)
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
    return this.#claims.bury(lease, event, burial)
  }

  async park(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    this.#assertOpen()
    return this.#claims.park(lease, event, burial)
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    this.#logger = options.logger
    const { leaseMs, keepDeadFor } = this.#options
    const links = { link: this.#working, blockingLink: this.#openLink('block') }
    const onStopped = () => this.#consumers.delete(consumer)
    const whenTaken = () => this.#risks.look(options.logger)
    const parts = { ...links, keys: this.#keys, leaseMs, keepDeadFor, whenTaken, onStopped }
    const consumer: Consumer = new RedisConsumer(work, options, parts)
    this.#consumers.add(consumer)
    return consumer
  }

  async knows(names: readonly string[]): Promise<boolean> {
    this.#assertOpen()
    return this.#kept.knows(names)
  }

  async counts(filter: { source?: string; tenant?: string } = {}): Promise<Counts> {
    assertCountsFilter(filter)
    this.#assertOpen()
    return this.#kept.counts(filter)
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    assertListFilter(filter, isCursor)
    this.#assertOpen()
    return this.#kept.list(filter)
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    this.#assertOpen()
    return this.#kept.get(key)
  }

  async redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    this.#assertOpen()
    return this.#kept.redrive(key, options)
  }

  async replay(key: string, options: ReplayOptions): Promise<boolean> {
    this.#assertOpen()
    return this.#kept.replay(key, options)
  }

  async discard(key: string): Promise<boolean> {
    this.#assertOpen()
    return this.#kept.discard(key)
  }

  queue(source: string): Queue<JobData> {
    this.#assertOpen()
    return this.#queues.of(source)
  }

  async findRisks(): Promise<readonly string[]> {
    this.#assertOpen()
    return this.#risks.find()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()))
    await this.#queues.close()
    await Promise.all([this.#accepting.close(), this.#working.close()])
  }

  #openLink(purpose: 'accept' | 'work' | 'block'): RedisLink {
    const { connection, application } = this.#options
    return new RedisLink(openConnection(connection, purpose), (link, found, hadOurs) => {
      if (hadOurs && found === 0) this.#sayGone()
      return makeLayout(link, found, this.#keys, application)
    })
  }

  /** It goes on, as what senders try again is better kept than refused. But nobody would notice that something is missing. */
  #sayGone(): void {
    const { prefix } = this.#keys
    this.#sayLost(
      `bullmqInbox: the data under ${prefix} is gone from Redis (by FLUSHALL, an eviction, a restart or a failover without it): events that were accepted and not handled yet are lost, and remembered ids are forgotten`,
    )
  }

  #sayEmptied(source: string): void {
    const queue = this.#keys.queue(source)
    this.#sayLost(
      `bullmqInbox: the queue ${queue} was emptied (by obliterate of BullMQ): events that were accepted and not handled yet are lost, and their ids are still remembered`,
    )
  }

  #sayLost(line: string): void {
    this.#logger.error({ prefix: this.#keys.prefix }, line)
  }

  #assertOpen(): void {
    if (this.#closing) throw closedError()
  }
}

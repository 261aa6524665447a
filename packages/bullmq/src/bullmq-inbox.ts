import {
  type ClaimOptions,
  type ClaimResult,
  ConfigurationError,
  type ConsumeOptions,
  type Consumer,
  type Counts,
  type EventPage,
  type EventRecord,
  type Failure,
  type Inbox,
  InboxClosedError,
  type KeptEvent,
  type Lease,
  type ListFilter,
  type Progress,
  type PutOptions,
  type PutResult,
  type Work,
} from '@hookport/core'
import type { Queue } from 'bullmq'
import { BullmqConsumer } from './bullmq-consumer.ts'
import { Claims } from './claims.ts'
import {
  type ConnectionOption,
  producerConnection,
  type RedisClient,
  workerConnection,
} from './connections.ts'
import { findRisks } from './find-risks.ts'
import type { JobData } from './job-data.ts'
import { Keys } from './keys.ts'
import { Puts } from './puts.ts'
import { Queues } from './queues.ts'
import { ScriptRunner } from './script-runner.ts'

export interface BullmqInboxOptions {
  /** Redis: a URL, options of ioredis, or an ioredis client, whose options are copied. The inbox makes connections of its own. */
  connection: ConnectionOption
  /** BullMQ's key prefix. For a Redis Cluster it needs a hash tag. Defaults to `{hookport}`. */
  prefix?: string
  /** Each provider has a BullMQ queue of this name, a hyphen and its own. Defaults to `webhooks`: `webhooks-sematryx`. */
  queueName?: string
  /**
   * Milliseconds that a worker's lock on an event lasts. It is renewed while handlers run; when a worker dies, its events are
   * handed out again after one to two times as long. Defaults to 30,000.
   */
  leaseMs?: number
}

/** An inbox in Redis, with access to the BullMQ queues that it consists of. */
export interface BullmqInbox extends Inbox {
  /** The BullMQ queue of one provider, for a dashboard. Closed with the inbox. */
  queue(provider: string): Queue
}

/**
 * An inbox in Redis, for any number of processes. BullMQ is its engine: retries in time, stalled jobs, dashboards.
 *
 * @throws {ConfigurationError} for a missing connection, or names that BullMQ can't use.
 */
export function bullmqInbox(options: BullmqInboxOptions): BullmqInbox {
  return new RedisInbox(checked(options))
}

class RedisInbox implements BullmqInbox {
  readonly name = 'bullmq'
  readonly durable = true
  readonly #options: Required<BullmqInboxOptions>
  readonly #keys: Keys
  readonly #connection: RedisClient
  readonly #runner: ScriptRunner
  readonly #puts: Puts
  readonly #claims: Claims
  readonly #queues: Queues
  readonly #consumers = new Set<Consumer>()
  #closing: Promise<void> | undefined

  constructor(options: Required<BullmqInboxOptions>) {
    this.#options = options
    this.#keys = new Keys(options.prefix, options.queueName)
    this.#connection = producerConnection(options.connection)
    this.#connection.on('error', () => {}) // commands reject; an event with no listener would end the process
    this.#runner = new ScriptRunner(this.#connection)
    this.#puts = new Puts(this.#runner, this.#keys)
    this.#claims = new Claims(this.#runner, this.#keys)
    this.#queues = new Queues(this.#connection, this.#keys)
  }

  async put(event: EventRecord, { rememberMs }: PutOptions): Promise<PutResult> {
    this.#assertOpen()
    return this.#puts.put(event, rememberMs)
  }

  async claim(event: EventRecord, options: ClaimOptions): Promise<ClaimResult> {
    this.#assertOpen()
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

  async bury(
    lease: Lease,
    event: EventRecord,
    burial: { progress: Progress; failures: readonly Failure[] } & PutOptions,
  ): Promise<boolean> {
    this.#assertOpen()
    return this.#claims.bury(lease, event, burial)
  }

  consume(work: Work, options: ConsumeOptions): Consumer {
    this.#assertOpen()
    const { provider } = options
    const consumer = new BullmqConsumer(work, {
      ...options,
      queueName: this.#keys.queue(provider),
      prefix: this.#keys.prefix,
      connection: workerConnection(this.#options.connection),
      leaseMs: this.#options.leaseMs,
      countPending: async () => (await this.counts({ provider })).pending,
    })
    this.#consumers.add(consumer)
    return consumer
  }

  async counts({ provider }: { provider?: string } = {}): Promise<Counts> {
    return (await this.#operate()).counts(provider)
  }

  async list(filter: ListFilter = {}): Promise<EventPage> {
    return (await this.#operate()).list(filter)
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    return (await this.#operate()).get(key)
  }

  async redrive(key: string): Promise<boolean> {
    return (await this.#operate()).redrive(key)
  }

  async discard(key: string): Promise<boolean> {
    return (await this.#operate()).discard(key)
  }

  queue(provider: string): Queue<JobData> {
    this.#assertOpen()
    return this.#queues.of(provider)
  }

  async findRisks(): Promise<readonly string[]> {
    await this.#runner.connect()
    return findRisks(this.#connection)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()))
    await this.#queues.close()
    if (this.#connection.status === 'ready') await this.#connection.quit().catch(() => {})
    this.#connection.disconnect()
  }

  async #operate(): Promise<Queues> {
    this.#assertOpen()
    await this.#runner.connect()
    return this.#queues
  }

  #assertOpen(): void {
    if (this.#closing) throw new InboxClosedError('the BullMQ inbox was closed')
  }
}

function checked(options: BullmqInboxOptions): Required<BullmqInboxOptions> {
  const { connection, prefix = '{hookport}', queueName = 'webhooks', leaseMs = 30_000 } = options
  if (!connection) {
    throw new ConfigurationError(
      'bullmqInbox: connection is missing; is the environment variable that should hold the URL of Redis set?',
    )
  }
  if (typeof connection !== 'string' && 'keyPrefix' in connection && connection.keyPrefix) {
    throw new ConfigurationError('bullmqInbox: BullMQ does not work with keyPrefix; use the option prefix')
  }
  if (queueName === '' || queueName.includes(':'))
    throw new ConfigurationError('bullmqInbox: queueName must not be empty or hold a colon')
  if (!(Number.isSafeInteger(leaseMs) && leaseMs >= 100)) {
    throw new ConfigurationError(
      `bullmqInbox: leaseMs is ${leaseMs}; it must be a whole number of 100 or more`,
    )
  }
  return { connection, prefix, queueName, leaseMs }
}

import { type ConsumeOptions, type Consumer, completeClock, type Wanted, type Work } from '@hookport/core'
import { PollingConsumer } from '@hookport/core/inbox-kit'
import type { Keys } from '../keys.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { MarkerWatch } from './marker-watch.ts'
import { RedisEvents, type TakingSeen } from './redis-events.ts'

export interface RedisConsumerParts {
  readonly keys: Keys
  /** For taking and telling. */
  readonly link: RedisLink
  /** For blocking. The consumer's own. */
  readonly blockingLink: RedisLink
  readonly leaseMs: number
  readonly keepDeadFor: number
  /** Called once it was stopped. */
  onStopped(): void
}

/** The longest pause between two takings, for when the marker has gone astray, or a job is parked that is handled here. */
const pollMs = 5_000

/** How long handlers have had time to be registered before others are told of them, and how often they are told. */
const firstAnnouncementMs = 5_000
const announcementMs = 300_000

/** Takes the jobs of one queue, each as soon as it becomes due. */
export class RedisConsumer implements Consumer {
  readonly #options: ConsumeOptions
  readonly #parts: RedisConsumerParts
  readonly #events: RedisEvents
  readonly #marker: MarkerWatch
  readonly #consumer: PollingConsumer
  readonly #known = new Set<string>()
  /** Whether the last taking found less than it asked for. */
  #isDry = false
  #announceAt = performance.now() + firstAnnouncementMs
  #stopping: Promise<void> | undefined

  constructor(work: Work, options: ConsumeOptions, parts: RedisConsumerParts) {
    const { keys, link, blockingLink, leaseMs, keepDeadFor, onStopped } = parts
    const { source } = options
    this.#options = options
    this.#parts = parts
    this.#events = new RedisEvents(link, keys, { source, keepDeadFor }, (seen) => this.#saw(seen))
    this.#marker = new MarkerWatch(blockingLink, keys.ofQueue(source, 'marker'), () => this.#markerFound())
    const polling = { clock: completeClock(), leaseMs, pollMs, onStopped }
    this.#consumer = new PollingConsumer(work, options, this.#events, polling)
  }

  wake(): void {
    this.#consumer.wake()
  }

  idle(): Promise<void> {
    return this.#consumer.idle()
  }

  stop(): Promise<void> {
    if (!this.#stopping) {
      this.#marker.stop()
      this.#stopping = this.#consumer.stop()
    }
    return this.#stopping
  }

  #saw({ request, taking }: TakingSeen): void {
    if (request.limit === 0) return
    this.#isDry = taking.events.length < request.limit && taking.nextDueMs !== 0
    if (this.#isDry) this.#marker.start()
    if (performance.now() >= this.#announceAt) void this.#announce(request.wanted)
  }

  #markerFound(): void {
    if (this.#isDry) this.#consumer.wake()
    else void this.#passOn()
  }

  /** No hand is free here: another process may have one. Where that fails, polling finds what is due. */
  async #passOn(): Promise<void> {
    const keys = this.#parts.keys.ofScripts(this.#options.source)
    const call = { script: 'passOn', keys, args: () => [], repeatable: true, read: () => undefined } as const
    await this.#parts.link.run(call).catch(() => {})
  }

  /** Two applications on one queue take each other's events, and can't be told apart but by what they handle. */
  async #announce({ types }: Wanted): Promise<void> {
    this.#announceAt = performance.now() + announcementMs
    const ours = describe(types)
    this.#known.add(ours)
    for (const theirs of await this.#events.announce(ours).catch(() => [])) {
      if (this.#known.has(theirs)) continue
      this.#known.add(theirs)
      this.#options.logger.warn(
        { source: this.#options.source, ours, theirs },
        'another process takes events of this source, and handles other types: unless a deploy is under way, two applications share one queue; give each a name of its own (bullmqInbox: application)',
      )
    }
  }
}

function describe(types: Wanted['types']): string {
  return types === 'all' ? 'any type' : types.toSorted().join(', ').slice(0, 1_000)
}

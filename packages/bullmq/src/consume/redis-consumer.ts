import { type ConsumeOptions, type Consumer, completeClock, type Wanted, type Work } from '@hookport/core'
import { PollingConsumer } from '@hookport/core/inbox-kit'
import type { Keys } from '../layout/keys.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { MarkerWatch } from './marker-watch.ts'
import { RedisEvents, type TakingSeen } from './redis-events.ts'

export interface RedisConsumerParts {
  readonly keys: Keys
  /** For takings and verdicts. */
  readonly link: RedisLink
  /** For blocking calls. Only this consumer uses it. */
  readonly blockingLink: RedisLink
  readonly leaseMs: number
  readonly keepDeadFor: number
  /** Called at every taking. */
  whenTaken(): void
  /** Called once the consumer has stopped. */
  onStopped(): void
}

/** The longest pause between two takings, for when the marker was lost, or a parked job can be handled here. */
const pollMs = 5_000

/** How long it is not able to wait at Redis before that is told, while takings succeed. A connection that was lost is made anew much earlier. */
const deafForMs = 2 * pollMs

/** Handlers have this long to be registered before other processes are told of them, and are told this often. */
const firstAnnouncementMs = 5_000
const announcementMs = 300_000

/** Takes the jobs of one queue, each as soon as it is due. */
export class RedisConsumer implements Consumer {
  readonly #options: ConsumeOptions
  readonly #parts: RedisConsumerParts
  readonly #events: RedisEvents
  readonly #marker: MarkerWatch
  readonly #consumer: PollingConsumer
  readonly #known = new Set<string>()
  /** Whether the last taking found less than it asked for. */
  #isDry = false
  /** Since when it is seen that it can't wait at Redis. Undefined where it can. */
  #deafSince: number | undefined
  #isDeafnessTold = false
  #announceAt = performance.now() + firstAnnouncementMs

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
    this.#marker.stop()
    return this.#consumer.stop()
  }

  #saw({ request, taking }: TakingSeen): void {
    this.#isDry = taking.events.length < request.limit && taking.nextDueMs !== 0
    if (this.#isDry) this.#marker.start()
    this.#watchMarker()
    this.#parts.whenTaken()
    if (performance.now() >= this.#announceAt) void this.#announce(request.wanted)
  }

  /** Handling goes on without it, so that nobody would notice why it is late. */
  #watchMarker(): void {
    const { trouble: err } = this.#marker
    const { source, logger } = this.#options
    const late = `a consumer can't wait at Redis for what is due, and looks every ${pollMs / 1000} s`
    if (err === undefined) {
      if (this.#isDeafnessTold) logger.warn({ source }, `${late}: this is over`)
      this.#deafSince = undefined
      this.#isDeafnessTold = false
      return
    }
    this.#deafSince ??= performance.now()
    if (this.#isDeafnessTold || performance.now() - this.#deafSince < deafForMs) return
    this.#isDeafnessTold = true
    logger.warn({ source, err }, late)
  }

  #markerFound(): void {
    if (this.#isDry) this.#consumer.wake()
    else void this.#passOn()
  }

  /** All hands are busy here, but another process may be free. If this fails, polling finds what is due. */
  async #passOn(): Promise<void> {
    const keys = this.#parts.keys.ofScripts(this.#options.source)
    const call = { script: 'passOn', keys, args: () => [], repeatable: true, read: () => undefined } as const
    await this.#parts.link.run(call).catch(() => {})
  }

  /** Two applications on one queue take each other's events. Only the types that they handle show it. */
  async #announce({ types }: Wanted): Promise<void> {
    this.#announceAt = performance.now() + announcementMs
    const ours = describe(types)
    this.#known.add(ours)
    for (const theirs of await this.#events.announce(ours).catch(() => [])) {
      if (this.#known.has(theirs)) continue
      this.#known.add(theirs)
      this.#options.logger.warn(
        { source: this.#options.source, ours, theirs },
        'another process takes events of this source but handles other types: unless a deploy is under way, two applications share one queue; give each a name of its own (bullmqInbox: application)',
      )
    }
  }
}

function describe(types: Wanted['types']): string {
  return types === 'all' ? 'any type' : types.toSorted().join(', ').slice(0, 1_000)
}

import type { Clock } from '../../contracts/clock.ts'
import { ConfigurationError, InboxClosedError } from '../../contracts/errors.ts'
import type { Consumer } from '../../contracts/inbox/handling.ts'
import type { Logger } from '../../contracts/logger.ts'
import type { DrainCounts, DrainOptions } from '../../contracts/receiver/drain.ts'
import { defaultMaxMs } from '../../options/pass-limits.ts'
import { outsideRequests } from '../../time/async-context.ts'
import { allEnded } from '../../time/awaitable.ts'
import { ownTimeout } from '../../time/soon.ts'
import type { Consume } from './consumers.ts'
import { drain } from './drain.ts'

/** After this many deliveries without a call of `idle()`, nobody seems to call it. */
const deliveriesUntilWarning = 10

export interface ConsumptionOptions {
  /** False where handling begins with `start()` alone. */
  readonly startsByItself: boolean
  /** Whether work that a request has begun ends with it: see `timersEndWithRequest`. */
  readonly endsWithRequest: boolean
  /** Whether `idle()` drains if nothing else handles events in this process. */
  readonly drainsWhenIdle: boolean
  readonly clock: Required<Clock>
  readonly logger: Logger
  /** Called when handling begins in this process. It goes on until the process ends. */
  onBegin(): void
  /** Called when handling ends in this process. Resolves once everything that ends with it has ended. */
  onStop(): Promise<void>
  /** What a drain does first. Answers whether it has left something that is due. */
  beforeDrain(bounds: Required<DrainOptions>): Promise<boolean>
  /** Whether an event may find a handler. */
  hasHandlers(): boolean
  /** Whether no further handler begins, as the receiver is being stopped. */
  isStopping(): boolean
}

/**
 * When a receiver begins and ceases to handle what its inbox holds.
 *
 * Where timers live as long as the process, one consumer does all of it. It begins in the next turn of the event loop after the first handler was
 * registered, or with the first delivery. Where timers end with their request, each `idle()` has a consumer of its own. So every handler runs within
 * a request that is kept alive for it, and the next request does what one has left undone. A drain always has a consumer of its own.
 */
export class Consumption {
  readonly #consume: Consume
  readonly #options: ConsumptionOptions
  /** `when-used`: by itself, once there is a handler. `soon`: there is one. */
  #starts: 'when-used' | 'soon' | 'when-asked'
  #consumer: Consumer | undefined
  /** The consumers of drains. */
  readonly #drains = new Set<Consumer>()
  #drainsWhenIdle: boolean
  /** How long such a drain may take. */
  #idleMs = defaultMaxMs
  #stopped = false
  #deliveriesSinceIdle = 0

  constructor(consume: Consume, options: ConsumptionOptions) {
    this.#consume = consume
    this.#options = options
    this.#drainsWhenIdle = options.drainsWhenIdle
    this.#starts = options.startsByItself ? 'when-used' : 'when-asked'
  }

  get hasBegun(): boolean {
    return this.#consumer !== undefined
  }

  /** Why this process handles nothing although it should. Undefined if all is well. */
  get whyNotConsuming(): string | undefined {
    if (this.#stopped) return 'another receiver of the same name has taken over in this process'
    const { startsByItself, endsWithRequest, hasHandlers } = this.#options
    if (endsWithRequest || this.#consumer !== undefined || this.#starts === 'soon' || !startsByItself)
      return undefined
    return hasHandlers()
      ? 'handling could not begin: the log says why'
      : 'no handler is registered, so nothing is handled here: register handlers in the module that makes the receiver'
  }

  /** Called when a handler was registered: it may want events that waited until now. */
  handlerAdded(): void {
    if (this.#consumer) this.#consumer.wake()
    else this.#startSoon()
    for (const drain of this.#drains) drain.wake() // last, as one that is over would keep what had waited until it has ended
  }

  /** Called with each delivery that is taken on. At this moment timers are allowed on every platform. */
  deliveryCame(): void {
    if (this.#options.endsWithRequest) this.#countDelivery()
    else this.#startIfDue()
  }

  start(): void {
    if (this.#options.endsWithRequest) this.#starts = 'soon'
    else this.#startNow()
  }

  async idle(): Promise<void> {
    this.#deliveriesSinceIdle = 0
    if (this.#isLeftToDrains) await this.drain({ maxMs: this.#idleMs })
    else if (this.#options.endsWithRequest) await this.#handleInThisRequest()
    else {
      this.#startIfDue()
      await this.#consumer?.idle()
    }
  }

  /**
   * Called when a route for drains was created: then this process does not only accept.
   *
   * @param maxMs the limit of the route. What is handled after a delivery takes no longer, as the platform's limit is most often that of both.
   */
  drainWhenIdle(maxMs = defaultMaxMs): void {
    this.#drainsWhenIdle = true
    this.#idleMs = Math.min(this.#idleMs, maxMs)
  }

  async drain(options: DrainOptions): Promise<DrainCounts> {
    if (this.#stopped)
      throw new InboxClosedError(
        'the receiver was stopped, or another of the same name has taken over: drain that one',
      )
    if (!this.#options.hasHandlers())
      throw new ConfigurationError(
        'drain found no handler, and would park every event that waits: register handlers in the module that makes the receiver, so that every process has them',
      )
    const { clock, isStopping, beforeDrain: first } = this.#options
    let own: Consumer | undefined
    const onBegin = (consumer: Consumer) => {
      own = consumer
      this.#drains.add(consumer)
    }
    const hasStopped = () => this.#stopped
    try {
      return await drain(options, { consume: this.#consume, clock, isStopping, hasStopped, first, onBegin })
    } finally {
      if (own) this.#drains.delete(own)
    }
  }

  async stop(): Promise<void> {
    try {
      if (this.#options.endsWithRequest) await this.#handleInThisRequest()
      else this.#startIfDue()
    } finally {
      this.#stopped = true
      const stopping = [this.#consumer, ...this.#drains].map(async (consumer) => consumer?.stop())
      await allEnded([...stopping, this.#options.onStop()])
    }
  }

  /** Whether only drains handle events here. */
  get #isLeftToDrains(): boolean {
    const { startsByItself, hasHandlers } = this.#options
    const isStarted = this.#consumer !== undefined || this.#starts === 'soon'
    return this.#drainsWhenIdle && !startsByItself && !isStarted && !this.#stopped && hasHandlers()
  }

  /** Starts by itself, if it should, once the code that registers handlers has finished. */
  #startSoon(): void {
    if (this.#starts !== 'when-used') return
    this.#starts = 'soon'
    if (!this.#options.endsWithRequest) ownTimeout(() => this.#startIfDue(), 0)
  }

  #countDelivery(): void {
    this.#deliveriesSinceIdle += 1
    if (this.#deliveriesSinceIdle !== deliveriesUntilWarning || this.#starts === 'when-asked') return
    this.#options.logger.warn(
      { fix: "pass the platform's context: webhooks.fetch(request, env, ctx)" },
      'events are waiting: on this platform handlers run only while a request is kept alive, and no request is',
    )
  }

  /** Called by timers and deliveries. They can't report a failure to anybody, so it is logged. */
  #startIfDue(): void {
    if (this.#starts !== 'soon') return
    try {
      this.#startNow()
    } catch (err) {
      this.#options.logger.error({ err }, "handling can't begin: this receiver handles no events")
    }
  }

  #startNow(): void {
    this.#starts = 'when-asked'
    if (this.#stopped || this.#consumer) return
    // A delivery may be what it begins with. Neither turns nor passes belong to the request that brought it.
    outsideRequests(() => {
      this.#consumer = this.#consume()
      this.#options.onBegin()
    })
  }

  async #handleInThisRequest(): Promise<void> {
    if (this.#starts !== 'soon' || this.#stopped) return
    const consumer = this.#consume()
    await consumer.idle()
    await consumer.stop()
  }
}

import type { Consumer } from '../contracts/inbox/handling.ts'
import type { Logger } from '../contracts/logger.ts'

/** So many deliveries in a row without `idle()`: nobody calls it. */
const deliveriesUntilWarning = 10

export interface ConsumptionOptions {
  /** False where handling begins with `start()` alone. */
  readonly startsByItself: boolean
  /** Whether what was begun in a request ends with it: see `timersEndWithRequest`. */
  readonly endsWithRequest: boolean
  readonly logger: Logger
}

/**
 * When a receiver begins and ceases to handle what its inbox holds.
 *
 * Where timers live as long as the process, one consumer does all of it. It begins in the next turn of the event loop after the first
 * handler was registered, or with the first delivery. Where timers end with their request, each `idle()` has a consumer of its own: so every
 * handler runs within a request that is kept alive for it, and what one request leaves undone the next takes up.
 */
export class Consumption {
  readonly #consume: () => Consumer
  readonly #options: ConsumptionOptions
  /** `when-used`: by itself, once there is a handler. `soon`: there is one. */
  #starts: 'when-used' | 'soon' | 'when-asked'
  #consumer: Consumer | undefined
  #stopped = false
  #deliveriesSinceIdle = 0

  constructor(consume: () => Consumer, options: ConsumptionOptions) {
    this.#consume = consume
    this.#options = options
    this.#starts = options.startsByItself ? 'when-used' : 'when-asked'
  }

  get hasBegun(): boolean {
    return this.#consumer !== undefined
  }

  /** A handler was registered: more may be wanted than before. */
  handlerAdded(): void {
    if (this.#consumer) this.#consumer.wake()
    else this.#startSoon()
  }

  /** A delivery has come, and with it a moment at which timers are allowed everywhere. */
  deliveryCame(): void {
    if (this.#options.endsWithRequest) this.#countDelivery()
    else this.#startIfDue()
  }

  start(): void {
    if (this.#stopped) return
    if (this.#options.endsWithRequest) this.#starts = 'soon'
    else this.#startNow()
  }

  async idle(): Promise<void> {
    this.#deliveriesSinceIdle = 0
    if (this.#options.endsWithRequest) return this.#handleInThisRequest()
    this.#startIfDue()
    await this.#consumer?.idle()
  }

  async stop(): Promise<void> {
    if (this.#options.endsWithRequest) await this.#handleInThisRequest()
    else this.#startIfDue()
    this.#stopped = true
    await this.#consumer?.stop()
  }

  /** Starts by itself, if it shall, once the code that registers handlers has run to its end. */
  #startSoon(): void {
    if (this.#starts !== 'when-used') return
    this.#starts = 'soon'
    if (!this.#options.endsWithRequest) setTimeout(() => this.#startIfDue(), 0)
  }

  #countDelivery(): void {
    this.#deliveriesSinceIdle += 1
    if (this.#deliveriesSinceIdle !== deliveriesUntilWarning || this.#starts === 'when-asked') return
    this.#options.logger.warn(
      { fix: 'hand the context of the platform over: webhooks.fetch(request, env, ctx)' },
      'events wait, as on this platform handlers run only while a request is kept alive, and none is',
    )
  }

  /** Called by timers and deliveries, which have nobody to tell of a failure: the log is told. */
  #startIfDue(): void {
    if (this.#starts !== 'soon') return
    try {
      this.#startNow()
    } catch (err) {
      this.#options.logger.error({ err }, 'handling can not begin: this receiver handles no events')
    }
  }

  #startNow(): void {
    this.#starts = 'when-asked'
    if (!this.#stopped) this.#consumer ??= this.#consume()
  }

  async #handleInThisRequest(): Promise<void> {
    if (this.#starts !== 'soon' || this.#stopped) return
    const consumer = this.#consume()
    await consumer.idle()
    await consumer.stop()
  }
}

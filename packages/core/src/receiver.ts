import { checkFreshness, rememberMs } from './check-freshness.ts'
import { checkRequest } from './check-request.ts'
import { guardedLogger } from './checked-logger.ts'
import { closestName } from './closest-name.ts'
import { Consumption } from './consumption.ts'
import { Deadlines } from './deadlines.ts'
import type { Delivery } from './delivery.ts'
import { Refusal } from './errors.ts'
import type { EventMap, EventOf } from './event.ts'
import { eventWork } from './event-work.ts'
import { type Handler, type HandlerOptions, type HandlerRegistration, Handlers } from './handlers.ts'
import { identifyEvent } from './identify-event.ts'
import type { EventRecord, Inbox, PutResult } from './inbox.ts'
import { enterInbox, leaveInbox } from './inbox-users.ts'
import { keepAlive } from './keep-alive.ts'
import { Limiter } from './limiter.ts'
import type { Logger } from './logger.ts'
import { type Observations, type Observe, observeWith } from './observers.ts'
import { type ReceiverOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { parsePayload } from './parse-payload.ts'
import { ParsedPayloads } from './parsed-payloads.ts'
import { type BodyLimits, checkBodySize, readBody } from './read-body.ts'
import { logRefusal, toRefusal } from './refusal-log.ts'
import { type Reply, received, toReply } from './reply.ts'
import { SelfTests, type SendProbe } from './self-test.ts'
import { type TakeOn, takeOnAtReceipt } from './take-on.ts'
import { takeOnAfterHandlers } from './take-on-after-handlers.ts'
import { UnderWay } from './under-way.ts'
import { readSignature, verifySignature } from './verify-signature.ts'
import { warnOfRisks } from './warn-of-risks.ts'

/** Receives the deliveries of one provider. Made by `createReceiver`. */
export interface Receiver<Events extends EventMap = EventMap> extends HandlerRegistration<Events> {
  /** Name of the provider. */
  readonly provider: string
  readonly inbox: Inbox
  /** Where it says what goes wrong. Its methods do not throw. For adapters. */
  readonly logger: Logger
  /** The event types that have a handler: those to register the webhook for. */
  readonly eventTypes: readonly string[]
  /** Answers one delivery. Never rejects. For adapters. */
  receive(delivery: Delivery): Promise<Reply>
  /**
   * Begins to handle what the inbox holds. With `consume: true` it is called by itself, one turn of the event loop after
   * the first handler was registered: register all of them at once. Without a handler nothing is handled, and events wait.
   */
  start(): this
  /** Resolves once nothing that is due is left to handle in this process. For platforms that freeze a process after its reply. */
  idle(): Promise<void>
  /**
   * Refuses new deliveries (503), waits for handlers that are running, and closes the inbox if no other receiver uses it. A
   * memory inbox first has everything handled that is due. Call it on SIGTERM. A second call returns the same promise.
   */
  stop(): Promise<void>
  /**
   * Checks at start that a delivery reaches this receiver byte for byte: sends a probe through the application, and waits for its
   * arrival. The probe never reaches the inbox or a handler. `send` is a URL, or a function, such as
   * `throughApp(app, path)` of `@hookport/core/node`.
   *
   * @throws {SelfTestError} naming the likely culprit.
   */
  selfTest(send: SendProbe | string | URL): Promise<void>
  /** Has a dead letter handled again. False if there is none of that key. */
  redrive(key: string): Promise<boolean>
}

/**
 * Makes a receiver for the deliveries of one provider.
 *
 * @throws {ConfigurationError} for an unknown option, a value that can't work, or a `dedupeWindow` shorter than the time
 * over which the provider retries.
 */
export function createReceiver<Events extends EventMap>(options: ReceiverOptions<Events>): Receiver<Events> {
  return new WebhookReceiver(resolveOptions(options))
}

class WebhookReceiver<Events extends EventMap> implements Receiver<Events> {
  readonly provider: string
  readonly inbox: Inbox
  readonly logger: Logger
  readonly #options: ResolvedOptions<Events>
  readonly #bodyLimits: BodyLimits
  readonly #handlers = new Handlers()
  readonly #observe: Observe
  readonly #takeOn: TakeOn
  readonly #underWay = new UnderWay()
  readonly #consumption: Consumption
  readonly #selfTests = new SelfTests()
  readonly #payloads = new ParsedPayloads()
  #stopping: Promise<void> | undefined

  constructor(options: ResolvedOptions<Events>) {
    const { provider, inbox, logger, observers, clock, concurrency, acknowledge, consume, retry } = options
    this.#options = options
    this.#bodyLimits = {
      maxBodyBytes: options.maxBodyBytes,
      bodyDeadlines: new Deadlines(options.bodyTimeout, clock),
    }
    this.provider = provider.name
    this.inbox = inbox
    this.logger = logger
    this.#observe = observeWith(observers, logger)
    const tools = {
      ...options,
      acceptDeadlines: new Deadlines(options.acceptTimeout, clock),
      handlerDeadlines: new Deadlines(options.handlerTimeout, clock),
      handlers: this.#handlers,
      payloads: this.#payloads,
      observe: this.#observe,
    }
    const work = eventWork({ ...tools, retriedBy: 'inbox' })
    const consumeOptions = { provider: provider.name, concurrency, logger }
    this.#consumption = new Consumption(() => inbox.consume(work, consumeOptions), consume)
    if (acknowledge === 'on-receipt') {
      this.#takeOn = takeOnAtReceipt(tools)
    } else {
      const patient = { ...retry, attempts: Number.POSITIVE_INFINITY }
      const awaited = eventWork({ ...tools, retry: patient, retriedBy: 'sender' })
      this.#takeOn = takeOnAfterHandlers({ ...tools, work: awaited, limiter: new Limiter(concurrency) })
    }
    warnOfRisks(options)
    enterInbox(inbox)
  }

  get eventTypes(): readonly string[] {
    return this.#handlers.types
  }

  async receive(delivery: Delivery): Promise<Reply> {
    const { provider, maxAge, dedupeWindow, clock } = this.#options
    try {
      this.#assertAccepting()
      checkRequest(delivery)
      if (this.#selfTests.recognise(delivery)) return await this.#takeProbe(delivery)
      const signature = readSignature(provider, delivery.headers)
      const body = await readBody(delivery, this.#bodyLimits)
      checkBodySize(body, this.#bodyLimits)
      const { rawBody, secretIndex } = await verifySignature(provider, signature, body, delivery)
      const payload = parsePayload(rawBody)
      const event = await identifyEvent(provider, payload, rawBody, delivery.headers, clock.now())
      const signedAt = signature.signedAt ?? event.createdAt
      checkFreshness(signedAt, event.receivedAt, Math.min(maxAge, signature.maxAge ?? maxAge))
      this.#payloads.keep(event, payload)
      const options = { rememberMs: rememberMs(signedAt, event.receivedAt, dedupeWindow) }
      this.#assertAccepting() // it may have been stopped while the body arrived
      const result = await this.#underWay.add(this.#takeOn(event, options))
      this.#reportTaken(event, result, secretIndex)
      return received
    } catch (error) {
      return this.#refuse(error, delivery.logger)
    }
  }

  onEvent<Type extends keyof Events & string>(
    type: Type | readonly Type[],
    handler: Handler<EventOf<Events, Type>>,
    options?: HandlerOptions,
  ): this {
    this.#warnOfMisspelling([type].flat())
    this.#handlers.add(type, handler as Handler, options)
    return this.#registered()
  }

  onAnyEvent(handler: Handler, options?: HandlerOptions): this {
    this.#handlers.addForAny(handler, options)
    return this.#registered()
  }

  onUnhandledEvent(handler: Handler, options?: HandlerOptions): this {
    this.#handlers.addForUnhandled(handler, options)
    return this.#registered()
  }

  start(): this {
    this.#consumption.start()
    return this
  }

  idle(): Promise<void> {
    return keepAlive(this.#consumption.idle())
  }

  stop(): Promise<void> {
    this.#stopping ??= keepAlive(this.#finish())
    return this.#stopping
  }

  selfTest(send: SendProbe | string | URL): Promise<void> {
    return this.#selfTests.run(
      typeof send === 'function' ? send : (probe) => fetch(send, { ...probe, redirect: 'manual' }),
    )
  }

  async redrive(key: string): Promise<boolean> {
    const redriven = await this.inbox.redrive(key)
    if (redriven) this.#observe('redriven', { key })
    return redriven
  }

  async #finish(): Promise<void> {
    await this.#underWay.settled()
    await this.#consumption.stop()
    await leaveInbox(this.inbox)
  }

  #registered(): this {
    if (this.#consumption.hasBegun) {
      this.#options.logger.warn(
        { provider: this.provider },
        'a handler was registered after handling had begun: events before it were handled without it. Register all handlers at once',
      )
    }
    this.#consumption.startSoon()
    return this
  }

  /** The type checker does not let these through; JavaScript does. */
  #warnOfMisspelling(types: readonly string[]): void {
    const { provider, logger } = this.#options
    for (const type of types) {
      const meant = provider.events.has(type) ? undefined : closestName(type, [...provider.events.keys()])
      if (meant)
        logger.warn({ provider: provider.name, type }, `no such event type is known; did you mean ${meant}?`)
    }
  }

  async #takeProbe(probe: Delivery): Promise<Reply> {
    await this.#selfTests.takeIn(probe, this.#bodyLimits)
    return received
  }

  #assertAccepting(): void {
    if (this.#stopping) throw new Refusal('unavailable', 'the receiver was stopped')
  }

  #reportTaken(
    { provider, id, type, key }: EventRecord,
    result: PutResult,
    secretIndex: number | undefined,
  ): void {
    const taken = { provider, id, type, key, secretIndex }
    if (result.outcome === 'accepted') this.#observe('accepted', taken)
    else this.#reportDuplicate(taken, result.conflict)
  }

  #reportDuplicate(taken: Observations['accepted'], conflict: boolean): void {
    if (conflict)
      this.#options.logger.warn({ ...taken }, 'an id came back with another body: taken for a duplicate')
    this.#observe('duplicate', { ...taken, conflict })
  }

  #refuse(error: unknown, requestLogger: Logger | undefined): Reply {
    const refusal = toRefusal(error)
    const reply = toReply(refusal)
    logRefusal(requestLogger ? guardedLogger(requestLogger) : this.logger, this.provider, refusal)
    const { code, message: reason } = refusal
    this.#observe('rejected', { provider: this.provider, code, status: reply.status, reason })
    return reply
  }
}

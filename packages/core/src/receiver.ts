import { checkFreshness, rememberMs } from './accept/check-freshness.ts'
import { checkRequest } from './accept/check-request.ts'
import { takeOnAfterHandlers } from './accept/claim-and-handle.ts'
import { identifyEvent } from './accept/identify-event.ts'
import { Limiter } from './accept/limiter.ts'
import { parsePayload } from './accept/parse-payload.ts'
import { type TakeOn, takeOnAtReceipt } from './accept/put-event.ts'
import { type BodyLimits, checkBodySize, readBody } from './accept/read-body.ts'
import { logRefusal, toRefusal } from './accept/refusal-log.ts'
import { received, toReply } from './accept/reply-table.ts'
import { UnderWay } from './accept/under-way.ts'
import { readSignature, verifySignature } from './accept/verify-signature.ts'
import type { Delivery } from './contracts/delivery.ts'
import { Refusal } from './contracts/errors.ts'
import type { EventMap, EventOf } from './contracts/event.ts'
import type { Handler, HandlerOptions } from './contracts/handler.ts'
import type { EventRecord, Inbox, PutResult } from './contracts/inbox.ts'
import type { Logger } from './contracts/logger.ts'
import type { Observations, Observe } from './contracts/observers.ts'
import type { SendProbe } from './contracts/probe.ts'
import type { Receiver } from './contracts/receiver.ts'
import type { Reply } from './contracts/reply.ts'
import { Consumption } from './handle/consumption.ts'
import { eventWork } from './handle/handle-event.ts'
import { Handlers } from './handle/handlers.ts'
import { ParsedPayloads } from './handle/parsed-payloads.ts'
import { SelfTests } from './self-test/self-test.ts'
import { guardedLogger } from './setup/checked-logger.ts'
import { closestName } from './setup/closest-name.ts'
import { enterInbox, leaveInbox } from './setup/inbox-users.ts'
import { observeWith } from './setup/observe-with.ts'
import { type ReceiverOptions, type ResolvedOptions, resolveOptions } from './setup/options.ts'
import { warnOfRisks } from './setup/warn-of-risks.ts'
import { Deadlines } from './time/deadlines.ts'
import { keepAlive } from './time/keep-alive.ts'

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
  readonly #selfTests: SelfTests
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
    this.#selfTests = new SelfTests(clock)
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

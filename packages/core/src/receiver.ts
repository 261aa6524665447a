import { allTogether, type Step } from './accept/all-together.ts'
import { answerChallenge, answerProbe } from './accept/answer-handshake.ts'
import { checkFreshness, rememberMs } from './accept/check-freshness.ts'
import { checkRequest } from './accept/check-request.ts'
import { takeOnAfterHandlers } from './accept/claim-and-handle.ts'
import { Limiter } from './accept/limiter.ts'
import { LineSampler, sampledLogger } from './accept/line-sampler.ts'
import { type TakenOn, type TakeOn, takeOnAtReceipt } from './accept/put-event.ts'
import { checkBodySize, readBody } from './accept/read-body.ts'
import {
  type EventReading,
  type ReadEvent,
  readAnew,
  readEvents,
  type UnreadableEvent,
} from './accept/read-event.ts'
import { logRefusal, toRefusal } from './accept/refusal-log.ts'
import { closing, received, toReply } from './accept/reply-table.ts'
import { UnderWay } from './accept/under-way.ts'
import { readSignature, type VerifiedBody, verifySignature } from './accept/verify-signature.ts'
import type { Delivery } from './contracts/delivery.ts'
import { Refusal } from './contracts/errors.ts'
import type { EventMap, EventOf } from './contracts/event.ts'
import type { EventRecord } from './contracts/event-record.ts'
import type { Handler, HandlerOptions } from './contracts/handler.ts'
import type { ConsumeOptions } from './contracts/handling.ts'
import type { Inbox, ListFilter, PutOptions } from './contracts/inbox.ts'
import type { Logger } from './contracts/logger.ts'
import type { Observations, Observe } from './contracts/observers.ts'
import type { SelfTestOptions, SendProbe } from './contracts/probe.ts'
import type { SignatureClaim } from './contracts/provider.ts'
import type { Receiver, RedriveFilter } from './contracts/receiver.ts'
import type { Reply } from './contracts/reply.ts'
import { Consumption } from './handle/consumption.ts'
import { eventWork, type HandlingTools } from './handle/handle-event.ts'
import { Handlers } from './handle/handlers.ts'
import { ParkLog } from './handle/park-log.ts'
import { ParsedPayloads } from './handle/parsed-payloads.ts'
import { RunningHandlers } from './handle/running-handlers.ts'
import { SelfTests } from './self-test/self-test.ts'
import { guardedLogger } from './setup/checked-logger.ts'
import { closestName } from './setup/closest-name.ts'
import { enterInbox, leaveInbox } from './setup/inbox-users.ts'
import { observeWith } from './setup/observe-with.ts'
import { type ReceiverOptions, type ResolvedOptions, resolveOptions } from './setup/options.ts'
import { holdSource } from './setup/sources.ts'
import { warnOfRisks } from './setup/warn-of-risks.ts'
import { keepAlive } from './time/keep-alive.ts'
import { timersEndWithRequest } from './time/timers-end-with-request.ts'

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
  readonly source: string
  readonly inbox: Inbox
  readonly logger: Logger
  readonly #options: ResolvedOptions<Events>
  readonly #handlers: Handlers
  readonly #sampler: LineSampler
  readonly #observe: Observe
  /** Acknowledges an event as soon as the inbox holds it. */
  readonly #put: TakeOn
  readonly #takeOn: TakeOn
  readonly #underWay = new UnderWay()
  readonly #consumption: Consumption
  readonly #selfTests: SelfTests
  readonly #payloads: ParsedPayloads
  readonly #leaveSource: () => void
  #stopping: Promise<void> | undefined

  constructor(options: ResolvedOptions<Events>) {
    const { provider, name, inbox, logger, clock, retry, handlerTimeout } = options
    this.#options = options
    this.#selfTests = new SelfTests(clock)
    this.#payloads = new ParsedPayloads(provider.readPayload)
    this.provider = provider.name
    this.source = name
    this.inbox = inbox
    this.#sampler = new LineSampler(logger, clock)
    this.logger = sampledLogger(logger, this.#sampler)
    this.#leaveSource = holdSource(inbox.store, name, {
      logger,
      giveUp: () =>
        this.#consumption.stop().catch((err) => logger.error({ err }, 'handling could not be stopped')),
    })
    this.#handlers = new Handlers(inbox.durable)
    this.#observe = observeWith(options.observers, logger)
    this.#put = takeOnAtReceipt(options)
    const about = { provider: provider.name, source: name }
    const parkLog = new ParkLog(logger, about, () => this.eventTypes)
    const running = new RunningHandlers(clock, handlerTimeout, logger)
    const tools: HandlingTools = {
      ...options,
      handlers: this.#handlers,
      payloads: this.#payloads,
      observe: this.#observe,
      parkLog,
      running,
      heedsWaits: true,
      isParkable: true,
      isStopping: () => inbox.durable && this.#stopping !== undefined,
      describe: ({ tenant, id, type, key }) => ({ ...about, tenant, id, type, key }),
      reread: (event) => readAnew(provider, event),
      put: this.#put,
    }
    this.#consumption = new Consumption(
      () => inbox.consume(eventWork(tools), consumeOptions(tools, options)),
      { startsByItself: options.consume, endsWithRequest: timersEndWithRequest(), logger },
    )
    if (options.acknowledge === 'on-receipt') {
      this.#takeOn = this.#put
    } else {
      const patient = { ...retry, attempts: Number.POSITIVE_INFINITY }
      this.#takeOn = takeOnAfterHandlers({
        ...options,
        work: eventWork({ ...tools, retry: patient, heedsWaits: false, isParkable: inbox.durable }),
        // A request that ends early gives nothing back there. Such a platform limits how many it runs at once itself.
        limiter: new Limiter(timersEndWithRequest() ? Number.POSITIVE_INFINITY : options.concurrency),
        running: () => running.keys,
      })
    }
    warnOfRisks(options)
    enterInbox(inbox)
  }

  get eventTypes(): readonly string[] {
    return this.#handlers.types
  }

  async receive(delivery: Delivery): Promise<Reply> {
    const { provider, clock } = this.#options
    try {
      this.#assertAccepting()
      this.#consumption.deliveryCame()
      const greeting = answerProbe(provider, delivery)
      if (greeting !== undefined) return await beforeBody(greeting, delivery)
      checkRequest(delivery)
      if (this.#selfTests.recognise(delivery)) return await this.#takeProbe(delivery)
      const signature = readSignature(provider, delivery)
      const body = await readBody(delivery, this.#options)
      checkBodySize(body, this.#options)
      const verified = await verifySignature(provider, signature, body, delivery, this.#options)
      const now = clock.now()
      const answer =
        provider.handshake.post && (await this.#answerChallenge(verified, signature, delivery, now))
      if (answer !== undefined) return answer
      const origin = { source: this.source, tenant: verified.tenant }
      const readings = await readEvents(provider, origin, verified, delivery, now)
      this.#assertAccepting() // it may have been stopped while the body arrived
      const leftOut = await allTogether(this.#turns(readings, signature, verified))
      for (const refusal of leftOut) await this.#tellOf(refusal, received.status, delivery.logger)
      return received
    } catch (error) {
      const refusal = toRefusal(error)
      const reply = toReply(refusal)
      await this.#tellOf(refusal, reply.status, delivery.logger)
      return await beforeBody(reply, delivery)
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

  selfTest(send: SendProbe | string | URL, options?: SelfTestOptions): Promise<void> {
    const sendProbe: SendProbe =
      typeof send === 'function' ? send : (probe) => fetch(send, { ...probe, redirect: 'manual' })
    return this.#selfTests.run(sendProbe, options)
  }

  async redrive(key: string): Promise<boolean> {
    const redriven = await this.inbox.redrive(key)
    if (redriven) this.#observe('redriven', { key })
    return redriven
  }

  async redriveAll(filter: RedriveFilter = {}): Promise<number> {
    const keys = await allKeys(this.inbox, { ...filter, source: this.source, state: 'dead' })
    let redriven = 0
    for (const key of keys) if (await this.redrive(key)) redriven += 1
    return redriven
  }

  async #finish(): Promise<void> {
    try {
      // What is not durable is finished first, and that under way belongs to it. Elsewhere no further handler begins from now on.
      if (!this.inbox.durable) await this.#underWay.settled()
      await Promise.all([this.#underWay.settled(), this.#consumption.stop()])
      await leaveInbox(this.inbox)
    } finally {
      this.#sampler.close()
      this.#leaveSource()
    }
  }

  #registered(): this {
    this.#consumption.handlerAdded()
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
    await this.#selfTests.takeIn(probe, this.#options)
    return received
  }

  #assertAccepting(): void {
    if (this.#stopping) throw new Refusal('unavailable', 'the receiver was stopped')
  }

  #answerChallenge(
    verified: VerifiedBody,
    signature: SignatureClaim,
    delivery: Delivery,
    now: number,
  ): Promise<Reply | undefined> {
    const assertFresh = (createdAt = new Date(now)) => this.#assertFresh(signature, createdAt.getTime(), now)
    return answerChallenge(this.#options.provider, { ...verified, assertFresh }, delivery)
  }

  /** The steps that take a delivery on: those of one event in turn, those of different events at once. */
  #turns(readings: readonly EventReading[], signature: SignatureClaim, verified: VerifiedBody): Step[][] {
    const turns = new Map<string, Step[]>()
    for (const reading of readings) {
      const { key } = reading.event
      const steps = turns.get(key) ?? []
      steps.push(() => this.#takeOnFresh(reading, signature, verified))
      turns.set(key, steps)
    }
    return [...turns.values()]
  }

  /** Refuses what was signed too long ago; where the signature holds no time, what says that it was made too long ago. */
  #assertFresh(
    { signedAt, maxAge = Number.POSITIVE_INFINITY }: SignatureClaim,
    createdAt: number,
    now: number,
  ) {
    checkFreshness(signedAt ?? createdAt, now, Math.min(this.#options.maxAge, maxAge))
  }

  /** Takes on an event of a delivery, if it is fresh. */
  async #takeOnFresh(
    reading: EventReading,
    signature: SignatureClaim,
    { secretIndex, waitedMs }: VerifiedBody,
  ): Promise<void> {
    const { dedupeWindow, acceptTimeout } = this.#options
    const withinMs = Math.max(0, acceptTimeout - waitedMs)
    const { event } = reading
    const signedAt = signature.signedAt ?? event.createdAt
    this.#assertFresh(signature, event.createdAt, event.receivedAt)
    const options = { rememberMs: rememberMs(signedAt, event.receivedAt, dedupeWindow) }
    const result = await this.#underWay.add(
      'payload' in reading
        ? this.#takeOnRead(reading, options, withinMs)
        : this.#holdUnreadable(reading, options, withinMs),
    )
    this.#reportTaken(event, result, secretIndex)
  }

  #takeOnRead({ event, payload }: ReadEvent, options: PutOptions, withinMs: number): Promise<TakenOn> {
    this.#payloads.keep(event, payload)
    return this.#takeOn(event, options, withinMs)
  }

  /** What is authentic is held, though it can't be read, as a dead letter that a later version may read. */
  async #holdUnreadable(
    { event, refusal }: UnreadableEvent,
    options: PutOptions,
    withinMs: number,
  ): Promise<TakenOn> {
    const { provider, acknowledge, clock } = this.#options
    const isHeld = provider.keys !== undefined && (acknowledge === 'on-receipt' || this.inbox.durable)
    if (!isHeld) throw refusal
    const failure = {
      handler: null,
      code: 'unreadable',
      message: refusal.message.slice(0, 4096),
      at: clock.now(),
    }
    const result = await this.#put(event, { ...options, failure }, withinMs)
    if (result.outcome === 'accepted') {
      const { id, key, type, tenant } = event
      const about = { provider: this.provider, source: this.source, tenant, id, type, key }
      this.logger.error(
        about,
        `${refusal.message}: it is kept as a dead letter, to be redriven once it can be read`,
      )
      this.#observe('dead', { ...about, attempt: 0, failures: [failure] })
    }
    return result
  }

  #reportTaken(
    { source, tenant, id, type, key }: EventRecord,
    result: TakenOn,
    secretIndex: number | undefined,
  ): void {
    const taken = { provider: this.provider, source, tenant, id, type, key, secretIndex }
    if (result.outcome === 'accepted') this.#observe('accepted', taken)
    else this.#reportDuplicate(taken, result.conflict)
  }

  #reportDuplicate(taken: Observations['accepted'], conflict: boolean): void {
    if (conflict) this.logger.warn({ ...taken }, 'an id came back with another body: taken for a duplicate')
    this.#observe('duplicate', { ...taken, conflict })
  }

  /** @param status that the sender is answered. */
  async #tellOf(refusal: Refusal, status: number, requestLogger: Logger | undefined): Promise<void> {
    const logger = requestLogger ? guardedLogger(requestLogger) : this.#options.logger
    const what = status === received.status ? 'an event of the delivery is left out' : 'delivery refused'
    await logRefusal(logger, this.#sampler, this.provider, refusal, what)
    const { code, message: reason } = refusal
    this.#observe('rejected', { provider: this.provider, code, status, reason })
  }
}

/** A reply that may be made before the body has come whole. It closes the connection then: the sender could send on without end. */
async function beforeBody(reply: Reply, delivery: Delivery): Promise<Reply> {
  return (await delivery.discardRest?.()) ? closing(reply) : reply
}

function consumeOptions(tools: HandlingTools, options: ResolvedOptions): ConsumeOptions {
  const { handlers, unhandled, running, observe, parkLog, describe } = tools
  const { name, concurrency, handlerTimeout, logger, keepParkedFor, maxParkedBytes } = options
  return {
    source: name,
    concurrency,
    handlerTimeout,
    logger,
    wanted: () => handlers.wanted(unhandled),
    parking: { keepMs: keepParkedFor, maxBytes: maxParkedBytes },
    running: () => running.keys,
    report({ event, outcome }) {
      observe(outcome === 'parked' ? 'parked' : 'unhandled', describe(event))
      if (outcome === 'parked') parkLog.parked(event.type)
      if (outcome === 'expired') parkLog.expired(event.type)
    },
  }
}

/** The keys of a whole list. Collected first: what is redriven leaves the list that it is found in. */
async function allKeys(inbox: Inbox, filter: ListFilter): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await inbox.list({ ...filter, limit: 500, ...(cursor !== undefined && { cursor }) })
    keys.push(...page.items.map(({ key }) => key))
    cursor = page.cursor
  } while (cursor !== undefined)
  return keys
}

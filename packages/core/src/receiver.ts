import { answerChallenge, answerProbe } from './accept/handshake/answer-handshake.ts'
import { readEvents } from './accept/identity/read-event.ts'
import { checkRequest } from './accept/request/check-request.ts'
import { checkBodySize, readBody } from './accept/request/read-body.ts'
import { checkFreshness } from './accept/take-on/check-freshness.ts'
import { Intake } from './accept/take-on/intake.ts'
import { UnderWay } from './accept/take-on/under-way.ts'
import { beforeBody } from './accept/tell/before-body.ts'
import { LineSampler, sampledLogger } from './accept/tell/line-sampler.ts'
import { logRefusal, toRefusal } from './accept/tell/refusal-log.ts'
import { received, toReply } from './accept/tell/reply-table.ts'
import { readSignature, type VerifiedBody, verifySignature } from './accept/verify/verify-signature.ts'
import { BeyondDeliveries } from './assembly/beyond-deliveries.ts'
import { consumptionOf } from './assembly/consumption-of.ts'
import { drainRoute } from './assembly/drain-route.ts'
import { handlingTools } from './assembly/handling-tools.ts'
import { OperatedReceiver } from './assembly/operated-receiver.ts'
import { takeOnAs } from './assembly/take-on.ts'
import type { Delivery } from './contracts/delivery.ts'
import { Refusal } from './contracts/errors.ts'
import type { EventMap, EventOf } from './contracts/event.ts'
import type { TraceContext } from './contracts/inbox/event-record.ts'
import type { Inbox } from './contracts/inbox/inbox.ts'
import type { Logger } from './contracts/logger.ts'
import type { SignatureClaim } from './contracts/provider/provider.ts'
import type {
  DrainCounts,
  DrainOptions,
  DrainRequest,
  DrainRouteOptions,
} from './contracts/receiver/drain.ts'
import type { Expectations, ExpectOptions, OverdueHandler } from './contracts/receiver/expect.ts'
import type { Handler, HandlerOptions } from './contracts/receiver/handler.ts'
import type { Health, HealthOptions } from './contracts/receiver/health.ts'
import type { Instrument } from './contracts/receiver/instrument.ts'
import type { Observe } from './contracts/receiver/observers.ts'
import type { SelfTestOptions, SendProbe } from './contracts/receiver/probe.ts'
import type { Receiver } from './contracts/receiver/receiver.ts'
import type { Reply } from './contracts/receiver/reply.ts'
import type { ReconcileCounts, ReconcileOptions } from './contracts/reconcile/reconcile.ts'
import type { Consumption } from './handle/consume/consumption.ts'
import { Handlers } from './handle/handlers.ts'
import { Operator } from './handle/operator.ts'
import type { PlaceEvent } from './handle/order/placing.ts'
import { warnOfRegistration } from './handle/warn-of-registration.ts'
import { HealthCheck } from './health/health-check.ts'
import { Instruments } from './observe/instruments.ts'
import { observeWith } from './observe/observe-with.ts'
import { SelfTests } from './self-test/self-test.ts'
import { guardedLogger } from './setup/checked-logger.ts'
import { enterInbox, leaveInbox } from './setup/inbox-users.ts'
import { type ReceiverOptions, type ResolvedOptions, resolveOptions } from './setup/options.ts'
import { holdSource } from './setup/sources.ts'
import { warnOfRisks } from './setup/warn-of-risks.ts'
import { holdTestBench } from './testing/test-bench.ts'
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

class WebhookReceiver<Events extends EventMap> extends OperatedReceiver implements Receiver<Events> {
  readonly provider: string
  readonly source: string
  readonly inbox: Inbox
  readonly logger: Logger
  readonly redact: readonly string[]
  readonly #options: ResolvedOptions<Events>
  readonly #handlers: Handlers
  readonly #sampler: LineSampler
  readonly #instruments: Instruments
  readonly #observe: Observe
  readonly #intake: Intake
  readonly #underWay = new UnderWay()
  readonly #consumption: Consumption
  readonly #beyond: BeyondDeliveries
  readonly #selfTests: SelfTests
  readonly #health: HealthCheck
  readonly #leaveSource: () => void
  readonly #placeInOrder: PlaceEvent | undefined
  protected readonly operator: Operator
  #stopping: Promise<void> | undefined

  constructor(options: ResolvedOptions<Events>) {
    super()
    const { provider, name, inbox, logger, clock } = options
    this.#options = options
    this.#selfTests = new SelfTests(clock)
    this.provider = provider.name
    this.source = name
    this.inbox = inbox
    this.redact = options.redact.paths
    this.#sampler = new LineSampler(logger, clock)
    this.logger = sampledLogger(logger, this.#sampler)
    this.#leaveSource = holdSource(inbox.store, name, {
      logger,
      giveUp: () =>
        this.#consumption.stop().catch((err) => logger.error({ err }, 'handling could not be stopped')),
    })
    this.#handlers = new Handlers(inbox.durable)
    this.#instruments = new Instruments(this.logger)
    this.#observe = observeWith(options.observers, this.logger, this.#instruments)
    const tools = handlingTools(options, {
      handlers: this.#handlers,
      observe: this.#observe,
      instruments: this.#instruments,
      isStopping: () => inbox.durable && this.#stopping !== undefined,
    })
    this.#placeInOrder = tools.placeInOrder
    this.operator = new Operator({ ...options, ...tools })
    this.#beyond = new BeyondDeliveries(options, tools)
    this.#consumption = consumptionOf(options, tools, this.#beyond)
    this.#intake = new Intake({
      ...options,
      logger: this.logger,
      observe: this.#observe,
      underWay: this.#underWay,
      put: tools.put,
      takeOn: takeOnAs(options, tools),
      keepPayload: (event, payload) => tools.payloads.keep(event, payload),
    })
    this.#health = new HealthCheck({
      ...options,
      source: name,
      isStopping: () => this.#stopping !== undefined,
      whyNotConsuming: () => this.#consumption.whyNotConsuming,
      paused: () => this.operator.paused(),
    })
    holdTestBench(this, options)
    warnOfRisks(options)
    enterInbox(inbox)
  }

  get eventTypes(): readonly string[] {
    return this.#handlers.types
  }

  receive(delivery: Delivery): Promise<Reply> {
    if (this.#instruments.areAbsent) return this.#receive(delivery, undefined)
    const { method, url, headers } = delivery
    const underWay = { provider: this.provider, source: this.source, method, url, headers }
    return this.#instruments.aroundDelivery(underWay, (trace) => this.#receive(delivery, trace))
  }

  async #receive(delivery: Delivery, trace: TraceContext | undefined): Promise<Reply> {
    const { provider, clock } = this.#options
    try {
      this.#assertAccepting()
      this.#consumption.deliveryCame()
      const greeting = answerProbe(provider, delivery)
      if (greeting !== undefined) return await beforeBody(greeting, delivery)
      checkRequest(delivery)
      if (this.#selfTests.recognise(delivery)) {
        await this.#selfTests.takeIn(delivery, this.#options)
        return received
      }
      const signature = readSignature(provider, delivery)
      const body = await readBody(delivery, this.#options)
      checkBodySize(body, this.#options)
      const verified = await verifySignature(provider, signature, body, delivery, this.#options)
      const now = clock.now()
      const answer =
        provider.handshake.post && (await this.#answerChallenge(verified, signature, delivery, now))
      if (answer !== undefined) return answer
      const origin = { source: this.source, tenant: verified.tenant, trace }
      const readings = await readEvents(provider, origin, verified, delivery, now, this.#placeInOrder)
      this.#assertAccepting() // it may have been stopped while the body arrived
      const leftOut = await this.#intake.take(readings, signature, verified)
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
    const isLate = this.#handlers.areCatchAllsAlone && this.#consumption.hasBegun
    warnOfRegistration([type].flat(), { ...this.#options, isLate })
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

  drain(options: DrainOptions = {}): Promise<DrainCounts> {
    return keepAlive(this.#consumption.drain(options))
  }

  reconcile(options: ReconcileOptions = {}): Promise<ReconcileCounts> {
    return keepAlive(this.#beyond.reconciling.reconcile(options))
  }

  expect(subject: string, options: ExpectOptions): Promise<'waiting' | 'fulfilled'> {
    return this.#beyond.expecting.expect(subject, options)
  }

  onOverdue(handler: OverdueHandler, options?: HandlerOptions): this {
    this.#beyond.expecting.onOverdue(handler, options)
    return this
  }

  expectations(): Promise<Expectations> {
    return this.#beyond.expecting.list()
  }

  drainRoute(options: DrainRouteOptions): (request: DrainRequest) => Promise<Reply> {
    const route = drainRoute(this, options)
    this.#consumption.drainWhenIdle()
    return route
  }

  stop(): Promise<void> {
    this.#stopping ??= keepAlive(this.#finish())
    return this.#stopping
  }

  selfTest(send: SendProbe | string | URL, options?: SelfTestOptions): Promise<void> {
    return this.#selfTests.run(send, options)
  }

  health(options?: HealthOptions): Promise<Health> {
    return this.#health.run(options)
  }

  instrument(instrument: Instrument): () => void {
    return this.#instruments.add(instrument)
  }

  async #finish(): Promise<void> {
    try {
      // An inbox that is not durable finishes what is due, turns under way included. In others no further handler begins from now on.
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

  #assertAccepting(): void {
    if (this.#stopping) throw new Refusal('unavailable', 'the receiver was stopped')
  }

  #answerChallenge(
    verified: VerifiedBody,
    signature: SignatureClaim,
    delivery: Delivery,
    now: number,
  ): Promise<Reply | undefined> {
    const { provider, maxAge } = this.#options
    const isAskedNow = (createdAt = new Date(now)) =>
      checkFreshness(signature, createdAt.getTime(), now, maxAge)
    return answerChallenge(provider, { ...verified, assertFresh: isAskedNow }, delivery)
  }

  /** @param status that the sender is answered. */
  async #tellOf(refusal: Refusal, status: number, requestLogger: Logger | undefined): Promise<void> {
    const logger = requestLogger ? guardedLogger(requestLogger) : this.#options.logger
    const what = status === received.status ? 'an event of the delivery is left out' : 'delivery refused'
    await logRefusal(logger, this.#sampler, this.provider, refusal, what)
    const { code, message: reason } = refusal
    this.#observe('rejected', () => ({ provider: this.provider, code, status, reason }))
  }
}

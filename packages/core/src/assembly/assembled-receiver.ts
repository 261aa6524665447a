import type { Delivery, Reply } from '../contracts/delivery.ts'
import type { EventMap, EventOf } from '../contracts/event.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import type { RedriveOptions } from '../contracts/inbox/progress.ts'
import type { Logger } from '../contracts/logger.ts'
import type {
  DrainCounts,
  DrainOptions,
  DrainRequest,
  DrainRouteOptions,
} from '../contracts/receiver/drain.ts'
import type { Expectations, ExpectOptions, OverdueHandler } from '../contracts/receiver/expect.ts'
import type { Handler, HandlerOptions } from '../contracts/receiver/handler.ts'
import type { Health, HealthOptions } from '../contracts/receiver/health.ts'
import type { Instrument } from '../contracts/receiver/instrument.ts'
import type { Pause, PauseRequest } from '../contracts/receiver/pause.ts'
import type { SelfTestOptions, SendProbe } from '../contracts/receiver/probe.ts'
import type { Receiver, RedriveFilter } from '../contracts/receiver/receiver.ts'
import type { ReplayProgress, ReplayRequest } from '../contracts/receiver/replay.ts'
import type { ReconcileCounts, ReconcileOptions } from '../contracts/reconcile/reconcile.ts'
import { warnOfRegistration } from '../handle/warn-of-registration.ts'
import { holdTestBench } from '../testing/test-bench.ts'
import { keepAlive } from '../time/awaitable.ts'
import { drainRoute } from './drain-route.ts'
import type { ReceiverParts } from './receiver-parts.ts'

/** All that a receiver does except to take deliveries: each call goes to the part that does it. */
export abstract class AssembledReceiver<Events extends EventMap> implements Receiver<Events> {
  readonly provider: string
  readonly source: string
  readonly inbox: Inbox
  readonly logger: Logger
  readonly redact: readonly string[]
  readonly #parts: ReceiverParts

  constructor(parts: ReceiverParts) {
    const { provider, name, inbox, redact } = parts.options
    this.provider = provider.name
    this.source = name
    this.inbox = inbox
    this.redact = redact.paths
    this.logger = parts.logger
    this.#parts = parts
    holdTestBench(this, parts.options)
  }

  abstract receive(delivery: Delivery): Promise<Reply>

  get eventTypes(): readonly string[] {
    return this.#parts.handlers.types
  }

  onEvent<Type extends keyof Events & string>(
    type: Type | readonly Type[],
    handler: Handler<EventOf<Events, Type>>,
    options?: HandlerOptions,
  ): this {
    const { handlers, consumption } = this.#parts
    const isLate = handlers.areCatchAllsAlone && consumption.hasBegun
    handlers.add(type, handler as Handler, options)
    warnOfRegistration([type].flat(), { ...this.#parts.options, isLate })
    return this.#registered()
  }

  onAnyEvent(handler: Handler, options?: HandlerOptions): this {
    this.#parts.handlers.addForAny(handler, options)
    return this.#registered()
  }

  onUnhandledEvent(handler: Handler, options?: HandlerOptions): this {
    this.#parts.handlers.addForUnhandled(handler, options)
    return this.#registered()
  }

  start(): this {
    this.#parts.consumption.start()
    return this
  }

  idle(): Promise<void> {
    return keepAlive(this.#parts.consumption.idle())
  }

  drain(options: DrainOptions = {}): Promise<DrainCounts> {
    return keepAlive(this.#parts.consumption.drain(options))
  }

  drainRoute(options: DrainRouteOptions): (request: DrainRequest) => Promise<Reply> {
    const route = drainRoute(this, options)
    this.#parts.consumption.drainWhenIdle(options.maxMs)
    return route
  }

  stop(): Promise<void> {
    return this.#parts.stop()
  }

  reconcile(options: ReconcileOptions = {}): Promise<ReconcileCounts> {
    return keepAlive(this.#parts.beyond.reconciling.reconcile(options))
  }

  expect(subject: string, options: ExpectOptions): Promise<'waiting' | 'fulfilled'> {
    return this.#parts.beyond.expecting.expect(subject, options)
  }

  onOverdue(handler: OverdueHandler, options?: HandlerOptions): this {
    this.#parts.beyond.expecting.onOverdue(handler, options)
    return this
  }

  expectations(): Promise<Expectations> {
    return this.#parts.beyond.expecting.list()
  }

  redrive(key: string, options?: RedriveOptions): Promise<boolean> {
    return this.#parts.operator.redrive(key, options)
  }

  redriveAll(filter: RedriveFilter = {}, options?: RedriveOptions): Promise<number> {
    return this.#parts.operator.redriveAll(filter, options)
  }

  replay(request: ReplayRequest = {}): Promise<ReplayProgress> {
    return this.#parts.operator.replay(request)
  }

  pause(request: PauseRequest): Promise<void> {
    return this.#parts.operator.pause(request)
  }

  resume(request: Partial<PauseRequest> = {}): Promise<void> {
    return this.#parts.operator.resume(request)
  }

  paused(): Promise<readonly Pause[]> {
    return this.#parts.operator.paused()
  }

  health(options?: HealthOptions): Promise<Health> {
    return this.#parts.health.run(options)
  }

  selfTest(send: SendProbe | string | URL, options?: SelfTestOptions): Promise<void> {
    return this.#parts.selfTests.run(send, options)
  }

  instrument(instrument: Instrument): () => void {
    return this.#parts.instruments.add(instrument)
  }

  #registered(): this {
    this.#parts.consumption.handlerAdded()
    return this
  }
}

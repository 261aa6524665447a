import type { Delivery } from '../delivery.ts'
import type { EventMap } from '../event.ts'
import type { Inbox, ListFilter } from '../inbox/inbox.ts'
import type { RedriveOptions } from '../inbox/progress.ts'
import type { Logger } from '../logger.ts'
import type { ReconcileCounts, ReconcileOptions } from '../reconcile/reconcile.ts'
import type { DrainCounts, DrainOptions, DrainRequest, DrainRouteOptions } from './drain.ts'
import type { Expectations, ExpectOptions, OverdueHandler } from './expect.ts'
import type { HandlerOptions, HandlerRegistration } from './handler.ts'
import type { Health, HealthOptions } from './health.ts'
import type { Instrument } from './instrument.ts'
import type { Pause, PauseRequest } from './pause.ts'
import type { SelfTestOptions, SendProbe } from './probe.ts'
import type { ReplayProgress, ReplayRequest } from './replay.ts'
import type { Reply } from './reply.ts'

/** Which dead letters are meant. */
export type RedriveFilter = Pick<ListFilter, 'tenant' | 'type' | 'receivedFrom' | 'receivedBefore'>

/** Receives the deliveries of one provider. Made by `createReceiver`. */
export interface Receiver<Events extends EventMap = EventMap> extends Receiving<Events> {
  /**
   * Handles what is due, in this call, until nothing is or the time is used. For processes that don't last: a cron job, a function. It
   * works with `consume: false`, and beside whatever else handles these events, in this process or another: they share the work.
   *
   * When the time is used, no further handler of an event begins, and its progress is kept. What is left stays due. Retries that lie in the
   * future are not waited for. Where the store can't be asked, it goes on trying until then, and the log says so.
   *
   * @throws {ConfigurationError} for a bound that can't work, and where no handler is registered: everything would be parked.
   * @throws {InboxClosedError} once the receiver was stopped.
   */
  drain(options?: DrainOptions): Promise<DrainCounts>
}

/** What a receiver does, and what a framework mounts does too. */
export interface Receiving<Events extends EventMap = EventMap> extends HandlerRegistration<Events> {
  /** Name of the provider. */
  readonly provider: string
  /** Its own name: the provider's, unless the option `name` gave another. */
  readonly source: string
  readonly inbox: Inbox
  /** Only for the type checker: the event types and their data. Never set. */
  readonly $events?: Events
  /** Where it says what goes wrong with deliveries: sampled, as strangers can cause such lines. Its methods do not throw. For adapters. */
  readonly logger: Logger
  /** What nobody is to see of its events, by paths: the option `redact`. For tools that show events. */
  readonly redact: readonly string[]
  /** The event types that have a handler: those to register the webhook for. */
  readonly eventTypes: readonly string[]
  /** Answers one delivery. Never rejects. For adapters. */
  receive(delivery: Delivery): Promise<Reply>
  /**
   * Makes the route that a cron calls to have what is due handled, by GET or POST. From then on `idle()` drains, too, where nothing else
   * handles here. For adapters.
   *
   * @returns what answers a request. It never rejects.
   * @throws {ConfigurationError} for a secret that is missing, empty or padded, or a bound that can't work.
   */
  drainRoute(options: DrainRouteOptions): (request: DrainRequest) => Promise<Reply>
  /**
   * Begins to handle what the inbox holds. With `consume: true` it is called by itself, one turn of the event loop after
   * the first handler was registered. Events that no handler takes wait for one; a handler may be registered at any time.
   *
   * On edge runtimes, where timers belong to a request, handlers run within `idle()`, and nowhere else.
   */
  start(): this
  /**
   * Resolves once nothing that is due is left to handle in this process. For platforms that freeze a process after its reply. On edge
   * runtimes it runs the handlers: of the events of this request, and of what an earlier one left undone.
   *
   * With `consume: false` it is a `drain()` where a route for drains was made (`drainRoute`), or the inbox is durable and the platform freezes processes
   * (Vercel, Lambda), and there are handlers; else nothing is left to this process.
   */
  idle(): Promise<void>
  /**
   * Asks the provider what has ended, and takes on what no webhook told of: one pass, now. For a cron, and beside the schedule of the option
   * `reconcile`; a `drain()` does it, too, where a pass is due. Nothing is done where another process is at it.
   *
   * @throws {ConfigurationError} for a bound that can't work, and where the receiver has no source to compare with.
   * @throws {InboxClosedError} once the receiver was stopped.
   */
  reconcile(options?: ReconcileOptions): Promise<ReconcileCounts>
  /**
   * Says that something was started, and that an event of its end is to come. Kept in the inbox; expected twice, it is one. When its time is over, the
   * provider is asked, where the receiver has a source (`reconcile`), and the event taken on if it has ended; else those are told who are
   * registered with `onOverdue`.
   *
   * @param subject the id under which the provider lists it: of the run, of the optimization.
   * @returns `fulfilled` where its event was here before; else `waiting`.
   * @throws {ConfigurationError} for a time that can't be kept, and where the provider's definition does not say which events end a thing.
   */
  expect(subject: string, options: ExpectOptions): Promise<'waiting' | 'fulfilled'>
  /**
   * Runs `handler` for what is overdue: once for each, with the retries of any handler. Only processes that have one see to what is expected.
   *
   * @throws {ConfigurationError} where there is a handler of that name.
   */
  onOverdue(handler: OverdueHandler, options?: HandlerOptions): this
  /** What became of what was expected: how much waits, was fulfilled, or told of as overdue. */
  expectations(): Promise<Expectations>
  /**
   * Refuses new deliveries (503), waits for handlers that are running, and closes the inbox if no other receiver uses it. A
   * memory inbox first has everything handled that is due. Call it on SIGTERM. A second call returns the same promise.
   */
  stop(): Promise<void>
  /**
   * Checks at start that a delivery reaches this receiver byte for byte: sends a probe through the application, and waits for its
   * arrival. The probe never reaches the inbox or a handler. `send` is a URL, or a function, such as
   * `throughApp(app, path)` of any adapter's package.
   *
   * @throws {SelfTestError} naming the likely culprit; saying so where the reply is not there after `timeout`, 10 s by default.
   */
  selfTest(send: SendProbe | string | URL, options?: SelfTestOptions): Promise<void>
  /**
   * Asks how it is: whether its store answers, whether events are handled here, how long they wait, and whether dead letters grow. For a
   * route that tells whether this process is ready, and for alerts. Rejects for options that can't work, and for no other reason.
   */
  health(options?: HealthOptions): Promise<Health>
  /**
   * Has an instrument watch it from now on: what surrounds deliveries and handlers, such as spans, and observers beside those of the options.
   * Answers what takes it away. `@hookport/opentelemetry` is one.
   */
  instrument(instrument: Instrument): () => void
  /** Has a dead letter handled again. False if there is none of that key. */
  redrive(key: string, options?: RedriveOptions): Promise<boolean>
  /** Has every dead letter of this receiver handled again that the filter matches. Answers how many. */
  redriveAll(filter?: RedriveFilter, options?: RedriveOptions): Promise<number>
  /**
   * Has handled events of this receiver handled again, which the inbox keeps for `keepHandledFor`: by all handlers, or by one. It resolves once they are made
   * pending; handling them is the consumers'. It does not touch the memory of ids, and `order.older` does not keep it from events that are older
   * than others of their key.
   *
   * @throws {ConfigurationError} for a request that can't work, and for a handler that there is not.
   */
  replay(request?: ReplayRequest): Promise<ReplayProgress>
  /**
   * Pauses this receiver's handlers, or one: in every process, within 5 s, and until they are resumed, whatever is restarted meanwhile. Events are taken on
   * and wait. A handler that is paused uses up no attempts, and others of the event go on; what runs already is not interrupted.
   *
   * @throws {ConfigurationError} without a reason, and where the inbox keeps no notes.
   */
  pause(request: PauseRequest): Promise<void>
  /**
   * Ends a pause: of one handler, or of the receiver. What waited for the receiver is handled at once; what waited for one handler within a quarter of the time
   * that it was paused, 5 s at the least and 60 s at the most.
   */
  resume(request?: Partial<PauseRequest>): Promise<void>
  /** What of this receiver is paused. */
  paused(): Promise<readonly Pause[]>
}

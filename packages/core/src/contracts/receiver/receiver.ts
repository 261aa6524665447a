import type { Delivery, Reply } from '../delivery.ts'
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

/** Which dead letters to redrive. */
export type RedriveFilter = Pick<ListFilter, 'tenant' | 'type' | 'receivedFrom' | 'receivedBefore'>

/** Receives the deliveries of one provider. Made by `createReceiver`. */
export interface Receiver<Events extends EventMap = EventMap> extends Receiving<Events> {
  /**
   * Handles what is due within this call, until nothing is due or the time is over. For processes that don't last, such as a cron job or a function.
   * It works with `consume: false`. Other consumers of these events, in this process or another, may run at the same time: they share the work.
   *
   * When the time is over, no further handler begins, and the progress of events is kept. What is left stays due. It does not wait for retries in the
   * future. While the store can't be reached, it keeps trying until the time is over, and logs that.
   *
   * @throws {ConfigurationError} for a limit that can't work, and where no handler is registered, as everything would be parked.
   * @throws {InboxClosedError} once the receiver was stopped.
   */
  drain(options?: DrainOptions): Promise<DrainCounts>
}

/** What a receiver can do, and also the object that a framework mounts. */
export interface Receiving<Events extends EventMap = EventMap> extends HandlerRegistration<Events> {
  /** Name of the provider. */
  readonly provider: string
  /** Its own name: that of the provider, unless the option `name` is given. */
  readonly source: string
  readonly inbox: Inbox
  /** Only for the type checker: the event types and their data. Never set. */
  readonly $events?: Events
  /** The logger for lines about deliveries. They are sampled, as strangers can cause such lines. Its methods do not throw. For adapters. */
  readonly logger: Logger
  /** The paths in its events that nobody may see: the option `redact`. For tools that show events. */
  readonly redact: readonly string[]
  /** The event types that have a handler. Register the webhook for these. */
  readonly eventTypes: readonly string[]
  /** Answers one delivery. Never rejects. For adapters. */
  receive(delivery: Delivery): Promise<Reply>
  /**
   * Creates the route that a cron calls, by GET or POST, to handle what is due. From then on `idle()` drains too, where nothing else in this process
   * handles events. For adapters.
   *
   * @returns a function that answers a request. It never rejects.
   * @throws {ConfigurationError} for a secret that is missing, empty or padded, or a limit that can't work.
   */
  drainRoute(options: DrainRouteOptions): (request: DrainRequest) => Promise<Reply>
  /**
   * Begins to handle the events in the inbox. With `consume: true` this happens by itself, one turn of the event loop after the first handler was
   * registered. Events that no handler wants wait for one. A handler may be registered at any time.
   *
   * On edge runtimes, where timers belong to a request, handlers only run within `idle()`. After `stop()` it does nothing: create a new receiver.
   */
  start(): this
  /**
   * Resolves once this process has nothing due left to handle. For platforms that freeze a process after its reply. On edge runtimes it runs the
   * handlers, for the events of this request and for what an earlier request left undone.
   *
   * With `consume: false` and handlers, it is a `drain()` where there is a `drainRoute`, or where the inbox is durable and the platform freezes
   * processes (Vercel, Lambda, Azure Functions, Cloud Run). Otherwise it does nothing.
   */
  idle(): Promise<void>
  /**
   * Makes one pass now: asks the provider what has ended, and takes on what no webhook reported. For a cron, or in addition to the schedule of the
   * option `reconcile`. A `drain()` does it too where a pass is due. It does nothing while another process makes a pass.
   *
   * @throws {ConfigurationError} for a limit that can't work, and where the receiver has no source.
   * @throws {InboxClosedError} once the receiver was stopped.
   */
  reconcile(options?: ReconcileOptions): Promise<ReconcileCounts>
  /**
   * Says that something was started, and that an event of its end should arrive. The expectation is kept in the inbox; a second call for the same
   * subject adds nothing. When its time is over, the provider is asked, where the receiver has a source (`reconcile`). If it has ended, its event is
   * taken on. Otherwise the handlers of `onOverdue` run.
   *
   * @param subject the id in the provider's list, of the run or the optimization.
   * @returns `fulfilled` where its event has already arrived; else `waiting`.
   * @throws {ConfigurationError} for a time that can't be kept, and where the provider's definition does not say which events end a thing.
   */
  expect(subject: string, options: ExpectOptions): Promise<'waiting' | 'fulfilled'>
  /**
   * Runs `handler` for what is overdue: once for each expectation, with the retries of any handler. Only processes with such a handler check
   * expectations.
   *
   * @throws {ConfigurationError} where there already is a handler of that name.
   */
  onOverdue(handler: OverdueHandler, options?: HandlerOptions): this
  /** The state of all expectations: how many wait, were fulfilled, or are overdue. */
  expectations(): Promise<Expectations>
  /**
   * Refuses new deliveries (503), waits for handlers that are running, each for at most its `handlerTimeout`, and closes the inbox if no other receiver
   * uses it. With a memory inbox, everything that is due is handled first. Call it on SIGTERM. A second call returns the same promise. It rejects where
   * the inbox can't be closed, or where a durable one takes longer than ten seconds.
   */
  stop(): Promise<void>
  /**
   * Checks at start that a delivery reaches this receiver byte for byte. It sends a probe through the application, and waits until it arrives. The
   * probe never reaches the inbox or a handler. `send` is a URL, or a function, such as `throughApp(app, path)` of any adapter's package.
   *
   * @throws {SelfTestError} naming the likely culprit, also where there is no reply within `timeout`, 10 s by default.
   */
  selfTest(send: SendProbe | string | URL, options?: SelfTestOptions): Promise<void>
  /**
   * Checks its health: whether the store answers, whether events are handled here, how long they wait, and whether dead letters grow. For readiness
   * routes and alerts. Rejects only for options that can't work.
   */
  health(options?: HealthOptions): Promise<Health>
  /**
   * Adds an instrument: wrappers around deliveries and handlers, for spans, and observers beside those in the options. Answers a function that
   * removes it. `@hookport/opentelemetry` is one.
   */
  instrument(instrument: Instrument): () => void
  /** Redrives a dead letter. False if there is none of that key. */
  redrive(key: string, options?: RedriveOptions): Promise<boolean>
  /** Redrives every dead letter of this receiver that matches the filter. Answers how many. */
  redriveAll(filter?: RedriveFilter, options?: RedriveOptions): Promise<number>
  /**
   * Handles events again that were handled and are still kept (`keepHandledFor`): by all handlers, or by one. It resolves once they are pending;
   * consumers then handle them. Remembered ids do not change. Events that are older than others of their key are replayed too, whatever `order.older`
   * says.
   *
   * @throws {ConfigurationError} for options that can't work, and for a handler that does not exist.
   */
  replay(request?: ReplayRequest): Promise<ReplayProgress>
  /**
   * Pauses this receiver's handlers, or one of them: in every process, within 5 s, until `resume`, also across restarts. Events are still taken on,
   * and wait. A paused handler uses up no attempts, and other handlers of the event go on. Handlers that already run are not interrupted. With
   * `acknowledge: 'after-handlers'` events wait with their sender, which gets a 500 meanwhile.
   *
   * @throws {ConfigurationError} without a reason, and where the inbox keeps no notes.
   */
  pause(request: PauseRequest): Promise<void>
  /**
   * Ends a pause of one handler, or of the receiver. What waited for the receiver is handled at once. What waited for one handler is handled within a
   * quarter of the pause, at least 5 s and at most 60 s.
   */
  resume(request?: Partial<PauseRequest>): Promise<void>
  /** What is paused in this receiver. */
  paused(): Promise<readonly Pause[]>
}

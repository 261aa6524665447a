import type { Delivery } from '../delivery.ts'
import type { EventMap } from '../event.ts'
import type { Inbox, ListFilter } from '../inbox/inbox.ts'
import type { RedriveOptions } from '../inbox/progress.ts'
import type { Logger } from '../logger.ts'
import type { HandlerRegistration } from './handler.ts'
import type { SelfTestOptions, SendProbe } from './probe.ts'
import type { Reply } from './reply.ts'

/** Which dead letters are meant. */
export type RedriveFilter = Pick<ListFilter, 'tenant' | 'type' | 'receivedFrom' | 'receivedBefore'>

/** Receives the deliveries of one provider. Made by `createReceiver`. */
export interface Receiver<Events extends EventMap = EventMap> extends HandlerRegistration<Events> {
  /** Name of the provider. */
  readonly provider: string
  /** Its own name: the provider's, unless the option `name` gave another. */
  readonly source: string
  readonly inbox: Inbox
  /** Where it says what goes wrong with deliveries: sampled, as strangers can cause such lines. Its methods do not throw. For adapters. */
  readonly logger: Logger
  /** The event types that have a handler: those to register the webhook for. */
  readonly eventTypes: readonly string[]
  /** Answers one delivery. Never rejects. For adapters. */
  receive(delivery: Delivery): Promise<Reply>
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
   */
  idle(): Promise<void>
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
  /** Has a dead letter handled again. False if there is none of that key. */
  redrive(key: string, options?: RedriveOptions): Promise<boolean>
  /** Has every dead letter of this receiver handled again that the filter matches. Answers how many. */
  redriveAll(filter?: RedriveFilter, options?: RedriveOptions): Promise<number>
}

import type { HandlerContext, SelfNamedHandler, WebhookEvent } from '@hookport/core/types'

/** What `apply` is given beside the event. */
export interface Applying<Tx> {
  /** The transaction of the client. What is written through it is committed with the receipt, or not at all. */
  readonly tx: Tx
  readonly context: HandlerContext
}

/**
 * Has the effect, in the transaction. It may run several times, but only one run is committed. So what it does outside of `tx` may happen more than
 * once. Its result is ignored.
 */
export type Apply<Event, Loaded, Tx, Result> = (
  event: Event,
  loaded: Loaded,
  applying: Applying<Tx>,
) => Result

/** A handler in two steps: fetch outside of the transaction, and write within it. */
export interface Steps<Event, Loaded, Tx, Result> {
  /** Fetches what `apply` needs, outside of any transaction. Not called where there is a receipt. */
  load?: (event: Event, context: HandlerContext) => Loaded | Promise<Loaded>
  /** Writes the effect through `tx`. It is committed together with its receipt, or not at all. */
  apply: Apply<Event, Loaded, Tx, Result>
}

/** A handler, registered under the name that `once` was given. */
export type OnceHandler<Event = WebhookEvent> = ((event: Event, context: HandlerContext) => Promise<void>) &
  Pick<SelfNamedHandler, 'handlerName'>

/** Creates handlers whose effect takes place once, and manages the table of receipts. */
export interface Once<Tx, Result = unknown> {
  /**
   * A handler for `onEvent`, registered under this name. What `apply` writes through `tx` takes place once for each event and name, even if processes
   * die. The name is part of the receipts: under a new name, events that are handled again have their effect again.
   *
   * @throws {OnceError} `invalid_option`
   */
  <Event extends WebhookEvent = WebhookEvent, Loaded = undefined>(
    name: string,
    steps: Steps<Event, Loaded, Tx, Result> & NoFunction,
  ): OnceHandler<Event>
  <Event extends WebhookEvent = WebhookEvent>(
    name: string,
    apply: Apply<Event, undefined, Tx, Result>,
  ): OnceHandler<Event>
  /** Creates the table of receipts if it does not exist. */
  migrate(): Promise<void>
  /** The SQL that `migrate` runs, to run yourself. */
  sql(): string
  /**
   * The names of the handlers of this `once` that have had their effect for an event, and so have a receipt. Repeats by a redrive are not included.
   * For tools that show events, such as the inspector.
   *
   * @throws {OnceError} `invalid_option` for what is no event, such as its key alone.
   */
  receipts(event: ReceiptsOf): Promise<readonly string[]>
  /** Deletes the receipts that are older than `keepReceiptsFor`, in batches, and answers how many. Effects also do this by themselves, now and then. */
  prune(): Promise<number>
}

/** The event of a receipt, as a handler or an inbox has it. */
export interface ReceiptsOf {
  readonly key: string
  readonly aliases?: readonly string[] | undefined
  readonly origin: WebhookEvent['origin']
}

/** A function has a property `apply` too. Without this type, a function would be accepted as steps. */
interface NoFunction {
  readonly call?: never
}

/** What `apply` may return where it must be synchronous. */
export type NoPromise =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | symbol
  | (object & { then?: never })
  // biome-ignore lint/suspicious/noConfusingVoidType: the return type of a function without a result
  | void

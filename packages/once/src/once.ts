import type { HandlerContext, SelfNamedHandler, WebhookEvent } from '@hookport/core/types'

/** What `apply` is given beside the event. */
export interface Applying<Tx> {
  /** The transaction, as the client has it. What is written through it takes place with the receipt, or not at all. */
  readonly tx: Tx
  readonly context: HandlerContext
}

/**
 * Has the effect, in the transaction. It may be run several times, of which one is committed: so what it does elsewhere than through `tx` may
 * take place more than once. What it returns is left alone.
 */
export type Apply<Event, Loaded, Tx, Result> = (
  event: Event,
  loaded: Loaded,
  applying: Applying<Tx>,
) => Result

/** A handler in two steps: what is fetched outside of the transaction, and what is written within it. */
export interface Steps<Event, Loaded, Tx, Result> {
  /** Fetches what `apply` needs, outside of any transaction. Not run where there is a receipt. */
  load?: (event: Event, context: HandlerContext) => Loaded | Promise<Loaded>
  /** Writes the effect through `tx`. It takes place together with its receipt, or not at all. */
  apply: Apply<Event, Loaded, Tx, Result>
}

/** A handler, registered under the name that `once` was given. */
export type OnceHandler<Event = WebhookEvent> = ((event: Event, context: HandlerContext) => Promise<void>) &
  Pick<SelfNamedHandler, 'handlerName'>

/** Makes handlers whose effect takes place once, and keeps the table by which they know. */
export interface Once<Tx, Result = unknown> {
  /**
   * A handler for `onEvent`, registered under this name. What `apply` writes through `tx` takes place once for each event and name, whatever
   * dies. The name stands in receipts: under another one, events that are handled again have their effect again.
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
  /** Makes the table of receipts where it is not there. */
  migrate(): Promise<void>
  /** What `migrate` does, as SQL to run oneself. */
  sql(): string
  /**
   * Which handlers of this `once` have had their effect of an event, by their names: there is a receipt. What a redrive wanted again is not told of. For
   * tools that show events, as the inspector is.
   */
  receipts(event: ReceiptsOf): Promise<readonly string[]>
  /** Deletes the receipts that are older than `keepReceiptsFor`, in batches, and answers how many. Effects do it by themselves, now and then. */
  prune(): Promise<number>
}

/** What receipts are found by: an event, as a handler has it or as an inbox keeps it. */
export interface ReceiptsOf {
  readonly key: string
  readonly aliases?: readonly string[] | undefined
  readonly origin: WebhookEvent['origin']
}

/** A function has an `apply` too: without this it would pass for steps. */
interface NoFunction {
  readonly call?: never
}

/** What `apply` may return where nothing can be waited for. */
export type NoPromise =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | symbol
  | (object & { then?: never })
  // biome-ignore lint/suspicious/noConfusingVoidType: what a function that returns nothing returns
  | void

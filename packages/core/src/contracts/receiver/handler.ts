import type { EventMap, EventOf, WebhookEvent } from '../event.ts'
import type { Logger } from '../logger.ts'

/** What a handler is given beside the event: a plain object, which may be copied and spread. */
export interface HandlerContext {
  /** 1 for the first attempt. */
  readonly attempt: number
  /** Aborted when the handler exceeds `handlerTimeout` or the event's lease is lost. Stop then, as another attempt may follow. */
  readonly signal: AbortSignal
  /** The receiver's logger, with provider, type, id and attempt on every line. */
  readonly logger: Logger
  /** Name of the provider. */
  readonly provider: string
  /** Full name of the handler, as in failures and `progress`: `onEvent(order.paid):save` where it was registered with `{ name: 'save' }`. */
  readonly handler: string
  /** How long the handler may run, in milliseconds. After that `signal` is aborted. */
  readonly handlerTimeout: number
  /**
   * Id of the redrive or replay that wants the effect repeated (`again: true`), so that it is repeated once for it, however many attempts that takes.
   * Undefined where none does.
   */
  readonly replay: string | undefined
}

/**
 * Does what the application wants to do with an event. Resolving is success. Throwing means another attempt, `PermanentError` means none, and
 * `RetryLater` means one at a time that it chooses. A handler may run more than once for an event, so its effect should be idempotent: use
 * `event.key` as the key, or `@hookport/once` for SQL.
 */
export type Handler<Event = WebhookEvent> = (event: Event, context: HandlerContext) => unknown

/** A handler with a name of its own, which is used where `HandlerOptions` give none. For functions that create handlers. */
export type SelfNamedHandler<Event = WebhookEvent> = Handler<Event> & { readonly handlerName: string }

/** How a handler is registered. */
export interface HandlerOptions {
  /**
   * The name under which a durable inbox stores that this handler has succeeded for an event. Give one where several handlers take the same type and
   * their order in the code may change while events wait. Defaults to `handlerName` of the handler, or else to its position among the handlers of its
   * type.
   */
  name?: string
}

/** Registers handlers. Every method returns the object that it was called on. */
export interface HandlerRegistration<Events extends EventMap> {
  /**
   * Runs `handler` for events of one type or several.
   *
   * @throws {ConfigurationError} if the type already has a handler of that name.
   */
  onEvent<Type extends keyof Events & string>(
    type: Type | readonly Type[],
    handler: Handler<EventOf<Events, Type>>,
    options?: HandlerOptions,
  ): this
  /** Runs `handler` for every event, beside the handlers of its type. */
  onAnyEvent(handler: Handler, options?: HandlerOptions): this
  /** Runs `handler` for events of types that `onEvent` was never called with. It shows you new types. */
  onUnhandledEvent(handler: Handler, options?: HandlerOptions): this
}

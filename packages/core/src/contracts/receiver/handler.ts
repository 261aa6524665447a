import type { EventMap, EventOf, WebhookEvent } from '../event.ts'
import type { Logger } from '../logger.ts'

/** What a handler is given beside the event: a plain object, which may be copied and spread. */
export interface HandlerContext {
  /** 1 for the first attempt. */
  readonly attempt: number
  /** Aborted when the handler runs into `handlerTimeout` or the event's lease is lost: stop then, another attempt may follow. */
  readonly signal: AbortSignal
  /** The receiver's logger, with provider, type, id and attempt on every line. */
  readonly logger: Logger
  /** Name of the provider. */
  readonly provider: string
  /** Name of the handler, as failures and `progress` have it: `onEvent(order.paid):save` where it was registered with `{ name: 'save' }`. */
  readonly handler: string
  /** How long the handler may run, in milliseconds. `signal` is aborted then. */
  readonly handlerTimeout: number
  /**
   * Names the redrive that wants the effect again (`again: true`), so that it is repeated once for it, however many attempts that takes.
   * Undefined where none does.
   */
  readonly replay: string | undefined
}

/**
 * Does what the application wants done for an event. Resolving is success. Throwing means another attempt, `PermanentError`
 * none, `RetryLater` one at a time of its choosing. It may run more than once for an event, so its effect should be
 * idempotent: `event.key` is the key for that, and `@hookport/once` does it in SQL.
 */
export type Handler<Event = WebhookEvent> = (event: Event, context: HandlerContext) => unknown

/** A handler that brings the name along under which it is registered where `HandlerOptions` give none: for functions that make handlers. */
export type SelfNamedHandler<Event = WebhookEvent> = Handler<Event> & { readonly handlerName: string }

/** How a handler is registered. */
export interface HandlerOptions {
  /**
   * The name under which a durable inbox records that this handler has succeeded for an event. Give one where several
   * handlers take the same type and their order in the code may change while events are waiting. Defaults to `handlerName` of the
   * handler, or else to its position among those of its type.
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
  /** Runs `handler` for every event, beside those that are registered for its type. */
  onAnyEvent(handler: Handler, options?: HandlerOptions): this
  /** Runs `handler` for events of a type that `onEvent` was never called with: new types become visible. */
  onUnhandledEvent(handler: Handler, options?: HandlerOptions): this
}

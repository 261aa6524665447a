/** Which event types a provider sends, and the data that each carries. */
// biome-ignore lint/suspicious/noExplicitAny: a map of any data types, so that every concrete map fits it
export type EventMap = Record<string, any>

/** A JSON object, as parsed. Of a sender whose bodies are arrays (`body: 'json'`), the array. */
export type JsonObject = { readonly [key: string]: unknown }

declare const thing: unique symbol

/** Says to the type checker, in the type of an event's data, what `event.fetch()` answers. Never there. */
export interface TellsOf<Thing> {
  readonly [thing]?: Thing
}

/** What `event.fetch()` answers for an event with this data: unknown, where its type does not say. */
export type FetchedOf<Data> = Data extends TellsOf<infer Thing> ? Thing : unknown

/** One event, as a handler sees it. */
export interface WebhookEvent<Type extends string = string, Data = unknown, Thing = unknown> {
  /** Identifies the event across retries and duplicates, within its source and tenant. */
  readonly id: string
  /** The name under which the inbox knows it: injective in source, tenant and id. For `redrive`, and to be remembered by. */
  readonly key: string
  /** Other keys of the same happening, as it may be reconciled under one of them. Empty where there are none. */
  readonly aliases: readonly string[]
  /** Whose event it is, as the function that picks the secret has said. Undefined where there are no tenants. */
  readonly tenant: string | undefined
  /** How it came: a `delivery` of the sender, or `reconciled`, where it was missing and fetched from the provider. */
  readonly origin: 'delivery' | 'reconciled'
  readonly type: Type
  /** When the provider says that it happened. */
  readonly createdAt: Date
  /** Checked against the schema of its type; as sent where the type has none. */
  readonly data: Data
  /** The parsed body as sent: unknown fields included, numbers as JavaScript reads them. */
  readonly payload: JsonObject
  /** The bytes that were signed; of a body that holds several events, its own part of them. What JavaScript can't hold, an integer beyond 2^53 for one, is exact in here. */
  readonly rawBody: Uint8Array<ArrayBuffer>
  /**
   * Asks the provider for the thing that the event is about: JAOT's run, with its solution; Sematryx's optimization. Asked once in a turn:
   * all handlers of the event get one answer, and a retry asks anew. It is given up after `handlerTimeout`.
   *
   * @throws {ConfigurationError} where the provider was given no API key, its definition has no `fetch`, or the event is about no such thing.
   * @throws what the definition throws: the `ManagementError` of hookport's own, where the API refuses or does not answer.
   */
  fetch(): Promise<Thing>
}

/** An event, for what fetches the thing that it is about. */
export type FetchableEvent = Omit<WebhookEvent, 'fetch'>

/** The event, or one of the events, that handlers of `Type` receive. Narrow a union by its `type`. */
export type EventOf<Events extends EventMap, Type extends keyof Events & string> = {
  [K in Type]: WebhookEvent<K, Events[K], FetchedOf<Events[K]>>
}[Type]

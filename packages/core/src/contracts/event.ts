/** Which event types a provider sends, and the data that each carries. */
// biome-ignore lint/suspicious/noExplicitAny: a map of any data types, so that every concrete map fits it
export type EventMap = Record<string, any>

/** A parsed JSON object. It is an array for a sender whose bodies are arrays (`body: 'json'`). */
export type JsonObject = { readonly [key: string]: unknown }

declare const thing: unique symbol

/** A type-only key: what `event.fetch()` answers for this data. It does not exist at run time. */
export interface TellsOf<Thing> {
  readonly [thing]?: Thing
}

/** What `event.fetch()` answers for an event with this data. Unknown where the data type does not say. */
export type FetchedOf<Data> = Data extends TellsOf<infer Thing> ? Thing : unknown

/** One event, as a handler sees it. */
export interface WebhookEvent<Type extends string = string, Data = unknown, Thing = unknown> {
  /** Identifies the event across retries and duplicates, within its source and tenant. */
  readonly id: string
  /** The name by which the inbox knows the event. Different source, tenant or id means a different key. For `redrive`, and for your own idempotency. */
  readonly key: string
  /** Other keys under which the same event may be reconciled. Empty where there are none. */
  readonly aliases: readonly string[]
  /** The tenant, as answered by the function that picks the secret. Undefined where there are no tenants. */
  readonly tenant: string | undefined
  /** How it arrived: as a `delivery` of the sender, or `reconciled`, where no webhook came and it was fetched from the provider. */
  readonly origin: 'delivery' | 'reconciled'
  readonly type: Type
  /** When it happened, according to the provider. */
  readonly createdAt: Date
  /** Validated against the schema of its type. As sent where the type has no schema. */
  readonly data: Data
  /** The parsed body as sent: unknown fields included, numbers as JavaScript reads them. */
  readonly payload: JsonObject
  /**
   * The bytes that were signed. Where a body holds several events, the part that belongs to this one. Values that JavaScript can't hold, such as an
   * integer beyond 2^53, are exact here.
   */
  readonly rawBody: Uint8Array<ArrayBuffer>
  /**
   * Asks the provider for the thing that the event is about, such as JAOT's run with its solution, or Sematryx's optimization. It asks once per turn:
   * all handlers of the event get the same answer, and a retry asks again. It fails after `handlerTimeout`.
   *
   * @throws {ConfigurationError} where the provider has no API key, its definition has no `fetch`, or the event is not about such a thing.
   * @throws what the definition throws. Providers of hookport throw a `ManagementError` where the API refuses or does not answer.
   */
  fetch(): Promise<Thing>
}

/** What `fetch` of a definition is told of an event. */
export type FetchableEvent = Omit<WebhookEvent, 'fetch'>

/** The event that handlers of `Type` receive, or a union of events. Narrow a union by its `type`. */
export type EventOf<Events extends EventMap, Type extends keyof Events & string> = {
  [K in Type]: WebhookEvent<K, Events[K], FetchedOf<Events[K]>>
}[Type]

/** Which event types a provider sends, and the data that each carries. */
// biome-ignore lint/suspicious/noExplicitAny: a map of any data types, so that every concrete map fits it
export type EventMap = Record<string, any>

/** A JSON object, as parsed. Of a sender whose bodies are arrays (`body: 'json'`), the array. */
export type JsonObject = { readonly [key: string]: unknown }

/** One event, as a handler sees it. */
export interface WebhookEvent<Type extends string = string, Data = unknown> {
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
}

/** The event, or one of the events, that handlers of `Type` receive. Narrow a union by its `type`. */
export type EventOf<Events extends EventMap, Type extends keyof Events & string> = {
  [K in Type]: WebhookEvent<K, Events[K]>
}[Type]

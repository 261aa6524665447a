/** An event as it is kept. Everything in it but the body survives a trip through JSON. */
export interface EventRecord {
  /**
   * The one name under which an inbox knows the event: `source:id`, or `source@tenant:id`, made safe for any store. No two events of
   * different source, tenant or id share one. Its source is what stands before the first `@` or `:`.
   */
  readonly key: string
  /** Name of the receiver that it was taken on by: lower-case letters, digits and hyphens. */
  readonly source: string
  /** Whose event it is, where one receiver serves several tenants. Any Unicode text. */
  readonly tenant?: string | undefined
  /** Any Unicode text, NUL and lone surrogates included. So is the type. */
  readonly id: string
  readonly type: string
  /** When the provider says that it happened, in milliseconds since 1970. */
  readonly createdAt: number
  /** When it was taken on, in milliseconds since 1970. */
  readonly receivedAt: number
  /** The bytes that were signed. To be kept exactly. */
  readonly rawBody: Uint8Array
  /** A whole number below 2^48, made of the body. A known id that comes with another fingerprint came back with another body. */
  readonly fingerprint: number
  /** Whether it was sent to us, or found by asking the provider. */
  readonly origin: EventOrigin
  /** Other keys of the same happening: what is reconciled under one of them, or was, is this event. Left out where there are none. */
  readonly aliases?: readonly string[] | undefined
  /**
   * Events of one source and order key are handled one at a time: see `Inbox`. At most 400 characters; of the same form as `key`, so that tenants share
   * none. Left out where order does not matter.
   */
  readonly orderKey?: string | undefined
  /** Among events of one order key and one `createdAt`, the lower comes first. Left out where it is 0, or there is no order key. */
  readonly orderRank?: number | undefined
  /** What the provider's definition reads of the request beside the body, so that it can be read anew. */
  readonly request?: KeptRequest | undefined
  /** The trace that it came with. */
  readonly trace?: TraceContext | undefined
  /** Authentic, but no event could be read out of it. `id` is then the SHA-256 of the body, and the type is `unreadable`. */
  readonly unreadable?: true | undefined
}

/** How an event was learnt of: by a webhook, or by asking the provider, as no webhook had told of it. */
export type EventOrigin = 'delivery' | 'reconciled'

/** The parts of a request that a definition says it reads. */
export interface KeptRequest {
  /** Path and query, as the client sent them. */
  readonly url: string
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** As in W3C Trace Context. */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string | undefined
}

/** The type of every event that could not be read. */
export const unreadableType = 'unreadable'

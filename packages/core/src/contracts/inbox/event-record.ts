/** An event as an inbox keeps it. Everything in it but the body survives JSON. */
export interface EventRecord {
  /**
   * The one name under which an inbox knows the event: `source:id`, or `source@tenant:id`, written so that any store can hold it. No two events with
   * a different source, tenant or id share one. The source is the part before the first `@` or `:`.
   */
  readonly key: string
  /** Name of the receiver that took it on: lower-case letters, digits and hyphens. */
  readonly source: string
  /** The tenant, where one receiver serves several. Any Unicode text. */
  readonly tenant?: string | undefined
  /** Any Unicode text, NUL and lone surrogates included. The type may be any text too. */
  readonly id: string
  readonly type: string
  /** When it happened according to the provider, in milliseconds since 1970. */
  readonly createdAt: number
  /** When it was taken on, in milliseconds since 1970. */
  readonly receivedAt: number
  /** The bytes that were signed. An inbox must keep them exactly. */
  readonly rawBody: Uint8Array
  /** A whole number below 2^48, computed from the body. A known id with another fingerprint was sent again with another body. */
  readonly fingerprint: number
  /** Whether it was delivered, or found by asking the provider. */
  readonly origin: EventOrigin
  /** Other keys of the same event: what is reconciled under one of them is this event. Left out where there are none. */
  readonly aliases?: readonly string[] | undefined
  /**
   * Events of one source and order key are handled one at a time: see `Inbox`. At most 400 characters. It has the form of `key`, so that tenants
   * never share one. Left out where order does not matter.
   */
  readonly orderKey?: string | undefined
  /** Among events of one order key and one `createdAt`, the lower rank comes first. Left out where it is 0, or there is no order key. */
  readonly orderRank?: number | undefined
  /** The parts of the request beside the body that the provider's definition reads. Kept so that the event can be read again. */
  readonly request?: KeptRequest | undefined
  /** The trace context of its delivery. */
  readonly trace?: TraceContext | undefined
  /** Set where the body is authentic but could not be read as an event. `id` is then the SHA-256 of the body, and the type is `unreadable`. */
  readonly unreadable?: true | undefined
}

/** How an event was found: by a webhook, or by asking the provider because no webhook came. */
export type EventOrigin = 'delivery' | 'reconciled'

/** The parts of a request that a definition says it reads. */
export interface KeptRequest {
  /** Path and query as the client sent them. */
  readonly url: string
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** As in W3C Trace Context. */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string | undefined
}

/** The type of every event that could not be read. */
export const unreadableType = 'unreadable'

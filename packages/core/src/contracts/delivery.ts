import type { Logger } from './logger.ts'

/** Reads one header by its name, which is in lower case where hookport asks. A `Headers` object of the Web is one. */
export interface HeaderReader {
  /** The value of a header, or null or undefined where there is none. */
  get(name: string): string | null | undefined
}

/** What a function that picks a secret may look at. Nothing of it is authenticated yet. */
export interface UnverifiedRequest {
  /** Path and query as the client sent them: `/webhooks/acme?tenant=1`, the same on every adapter. */
  readonly url: string
  readonly headers: HeaderReader
}

/** Default limit on the bytes of all bodies in flight: 64 MiB. */
export const defaultMaxBytesInFlight = 64 * 1024 * 1024

/** The limits of a body reader, beside `maxBytes`. */
export interface ReadingBounds {
  /** Aborted when the body has taken too long. Nobody waits for it then, and the reader may stop. */
  readonly signal: AbortSignal
  /** Limit on the bytes of all bodies that this process is reading at once. `readRawBody` and `readRawStream` enforce it. */
  readonly maxBytesInFlight: number
}

/** One HTTP request, as an adapter hands it to the receiver. */
export interface Delivery extends UnverifiedRequest {
  readonly method: string
  /** The request's logger, for lines about this delivery. Defaults to the receiver's. */
  readonly logger?: Logger | undefined
  /** What the adapter knows to have changed the body. Logged where the signature does not match. */
  readonly fixOnMismatch?: string | undefined
  /**
   * Reads the body exactly as it came over the wire. Called at most once, and only after the headers have passed their checks.
   *
   * @throws {Refusal} `payload_too_large` when more than `maxBytes` have arrived, `unavailable` when the body is given up to make room for others,
   * `request_aborted` when the sender hung up, `misconfigured` when the bytes are no longer available.
   */
  readBody(maxBytes: number, bounds?: ReadingBounds): Uint8Array | Promise<Uint8Array>
  /**
   * Called when a reply is ready before the whole body was read. Answers whether more of the body is still to come. Then the reply must say
   * `Connection: close`, as the body may never end. It also makes sure that such a reply arrives. Does not throw. Left out where the platform closes
   * such connections by itself.
   */
  discardRest?(): boolean | Promise<boolean>
}

/** What an adapter writes back. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

import type { Logger } from './logger.ts'

/** Reads one header. Asked for lower-case names only. A `Headers` object of the Web is one. */
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

/** How many bytes of all bodies may be in flight unless a receiver says otherwise: 64 MiB. */
export const defaultMaxBytesInFlight = 64 * 1024 * 1024

/** What else a body reader is held to. */
export interface ReadingBounds {
  /** Aborted when the body has taken too long: nobody waits for it any more, and reading may end. */
  readonly signal: AbortSignal
  /** How many bytes of all bodies that are being read in this process may be held. `readRawBody` and `readRawStream` see to it. */
  readonly maxBytesInFlight: number
}

/** One HTTP request, as an adapter hands it to the receiver. */
export interface Delivery extends UnverifiedRequest {
  readonly method: string
  /** For lines about this delivery: the request's logger. Defaults to the receiver's. */
  readonly logger?: Logger | undefined
  /** For the log where the signature does not match: what the adapter knows to have been done to the body. */
  readonly fixOnMismatch?: string | undefined
  /**
   * Reads the body exactly as it came over the wire. Called once at most, and only after the headers were found worth it.
   *
   * @throws {Refusal} `payload_too_large` when more than `maxBytes` have arrived, `unavailable` when the body has to make room for
   * others, `request_aborted` when the sender hung up, `misconfigured` when the bytes can no longer be had.
   */
  readBody(maxBytes: number, bounds?: ReadingBounds): Uint8Array | Promise<Uint8Array>
  /**
   * Called when a reply is made before the body was read, or before all of it was. Answers whether more of the body is still to come, so that
   * the reply has to say `Connection: close`: it may be without end. Sees to it that such a reply arrives all the same. Does not throw.
   * Left out where the platform closes such connections by itself.
   */
  discardRest?(): boolean | Promise<boolean>
}

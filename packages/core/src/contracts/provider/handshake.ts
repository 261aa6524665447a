import type { HeaderReader } from '../delivery.ts'
import type { JsonObject } from '../event.ts'

/** The reply to a sender that checks whether this URL takes its events. */
export interface HandshakeAnswer {
  /** Defaults to 200. */
  readonly status?: number
  /** By name in lower case. The content type defaults to plain text. */
  readonly headers?: Readonly<Record<string, string>>
  /** Defaults to nothing. */
  readonly body?: string
}

/** A request that is not a delivery. Nothing in it is authenticated. */
export interface HandshakeRequest {
  readonly headers: HeaderReader
  readonly query: URLSearchParams
  /** Whether two texts are equal, in constant time. False where the first is missing, or the second is empty. */
  equals(given: string | null | undefined, expected: string): boolean
}

/** What a definition can use to answer a challenge. */
export interface ChallengeTools {
  /** The headers of the request that contains the challenge. */
  readonly headers: HeaderReader
  /**
   * The HMAC of a token, under the key that signed the challenge. It proves to the sender that you know the secret. A token is 1 to 256 letters,
   * digits, `_` and `-`. Other texts are rejected, so that nobody can use this to get a delivery signed.
   *
   * @throws {InvalidEnvelope} for any other text. {ConfigurationError} for a sender that does not sign with an HMAC.
   */
  sign(token: unknown, encoding: 'hex' | 'base64'): Promise<string>
}

/**
 * How a sender checks that this URL takes its events. A handshake never reaches the inbox. A function that answers undefined says that the request is
 * not a handshake.
 */
export interface Handshake {
  /** Answers a GET. Anybody may send one. */
  get?(request: HandshakeRequest): HandshakeAnswer | undefined
  /** Answers an OPTIONS. Anybody may send one. */
  options?(request: HandshakeRequest): HandshakeAnswer | undefined
  /**
   * Answers a POST whose signature was verified, or any POST with `allowUnsigned`. Then no event is taken on. With the body `events`, an array is never
   * a question, and this is not asked.
   */
  post?(
    payload: JsonObject,
    tools: ChallengeTools,
  ): HandshakeAnswer | undefined | Promise<HandshakeAnswer | undefined>
}

import type { HeaderReader } from '../delivery.ts'
import type { JsonObject } from '../event.ts'

/** What a sender is answered that asks whether this URL takes its events. */
export interface HandshakeAnswer {
  /** Defaults to 200. */
  readonly status?: number
  /** By lower-case names. The content type defaults to plain text. */
  readonly headers?: Readonly<Record<string, string>>
  /** Defaults to nothing. */
  readonly body?: string
}

/** A request that is no delivery. Nothing of it is authenticated. */
export interface HandshakeRequest {
  readonly headers: HeaderReader
  readonly query: URLSearchParams
  /** Whether two texts are the same, in a time that does not tell where they differ. False where the first is missing. */
  equals(given: string | null | undefined, expected: string): boolean
}

/** What a definition answers a challenge with. */
export interface ChallengeTools {
  /** The headers of the request that holds the challenge. */
  readonly headers: HeaderReader
  /**
   * The HMAC of a token, under the key that the challenge itself is signed with: how a sender has it proven that the secret is known.
   * Never of any other text, so that nobody can have a delivery signed: a token is 1 to 256 letters, digits, `_` and `-`.
   *
   * @throws {InvalidEnvelope} for any other text. {ConfigurationError} for a sender that does not sign with an HMAC.
   */
  sign(token: unknown, encoding: 'hex' | 'base64'): Promise<string>
}

/**
 * How a sender finds out that this URL takes its events. No handshake reaches the inbox. A function that answers undefined says that
 * the request is none.
 */
export interface Handshake {
  /** Answers a GET: anybody may send it. */
  get?(request: HandshakeRequest): HandshakeAnswer | undefined
  /** Answers an OPTIONS: anybody may send it. */
  options?(request: HandshakeRequest): HandshakeAnswer | undefined
  /** Answers a POST whose signature was verified, in place of taking it on. */
  post?(
    payload: JsonObject,
    tools: ChallengeTools,
  ): HandshakeAnswer | undefined | Promise<HandshakeAnswer | undefined>
}

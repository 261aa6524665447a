import type { HeaderReader } from './delivery.ts'
import type { EventMap, JsonObject } from './event.ts'
import type { KeySource, SecretDecoder, SecretOption } from './secret.ts'
import type { SchemaOutput, StandardSchema } from './standard-schema.ts'

/** What the headers of a delivery claim about its signature. */
export interface SignatureClaim {
  /** The digests offered, 32 bytes each. One that matches is enough. */
  readonly digests: readonly Uint8Array[]
  /** Text that is signed ahead of the body, such as `id.timestamp.`. Defaults to nothing. */
  readonly signedPrefix?: string
  /** Milliseconds since 1970. Where the signed content holds a time of its own, freshness is judged by it. */
  readonly signedAt?: number
  /** For a sender that signs anew for every attempt: how old a signature may be, in milliseconds. Defaults to `maxAge` of the receiver. */
  readonly maxAge?: number
}

/** `missing`: no signature header. `malformed`: one that can't be a signature of this provider. */
export type SignatureReading = SignatureClaim | 'missing' | 'malformed'

/** What identifies an event in an authentic body. */
export interface Envelope {
  /** Undefined where the provider gives none: then the SHA-256 of the body stands in for it. */
  readonly id: string | undefined
  readonly type: string
  /**
   * Undefined where the provider signs no time: then the time of receipt stands in for it, and an event sent again after
   * `dedupeWindow` can't be told from a new one.
   */
  readonly createdAt: Date | undefined
}

/** A schema per event type. Any Standard Schema library will do. */
export type EventSchemas = Record<string, StandardSchema>

/** The data types that schemas validate to. */
export type EventsOf<Schemas extends EventSchemas> = { [Type in keyof Schemas]: SchemaOutput<Schemas[Type]> }

/** What every provider's options have in common. */
export interface SecretOptions {
  /** Shared with the sender. Undefined is typed as allowed, so that `process.env.X` can be passed; it is an error at construction. */
  secret?: SecretOption | undefined
  /**
   * In place of `secret`, for a sender that was registered without one. Anyone who learns the URL can then send events;
   * a warning is logged at every start. Defaults to false.
   */
  allowUnsigned?: boolean | undefined
}

/** Everything that hookport has to know of a sender. */
export interface ProviderDefinition<Schemas extends EventSchemas = EventSchemas> extends SecretOptions {
  /** Lower-case letters, digits and hyphens. Part of the keys under which events are remembered: don't change it lightly. */
  name: string
  /** How a secret becomes the HMAC key. Defaults to its UTF-8 text. */
  decodeSecret?: SecretDecoder
  /**
   * Lower-case names of the headers that `readSignature` reads: first the one that holds the digest, then those that are signed
   * with the body, such as an id and a time. Empty for a sender that does not sign.
   */
  signatureHeaders: readonly string[]
  /** What stands ahead of the digest in its header, such as `sha256=`. Only the doctor asks for it. Defaults to nothing. */
  signaturePrefix?: string
  /** Milliseconds between the first attempt and the last retry of one delivery. A `dedupeWindow` must be at least as long. */
  retryHorizon: number
  /** A schema for each event type whose data is known. A type without one is accepted, its data unchecked. */
  events: Schemas
  /** Reads the signature out of the headers. The body has not been read yet. */
  readSignature(headers: HeaderReader): SignatureReading
  /**
   * Reads the envelope out of an authentic body.
   *
   * @throws {InvalidEnvelope} saying what is missing.
   */
  readEnvelope(payload: JsonObject, headers: HeaderReader): Envelope
  /** The part of the payload that schemas describe. Defaults to its field `data`. */
  readData?(payload: JsonObject): unknown
  /**
   * For a sender that signs other text than it sends: the text that it may have signed, given the parsed body. It is tried only
   * after the raw body failed to match. With it, strangers' bodies are parsed before they are verified.
   */
  resignedContent?(parsedBody: unknown): string
}

/** Says, in a sentence for the operator, why a signature doesn't match. */
export type DiagnoseMismatch = (body: Uint8Array, headers: HeaderReader) => Promise<string>

/** How a sender signs: what verifying has to know of it, and the doctor. */
export interface SignatureScheme {
  /** Lower-case names of the headers that `readSignature` reads, first the one that holds the digest. */
  readonly signatureHeaders: readonly string[]
  /** What stands ahead of the digest in its header. */
  readonly signaturePrefix: string
  readonly decodeSecret: SecretDecoder
  readonly readSignature: (headers: HeaderReader) => SignatureReading
  /** The bytes that may have been signed in place of those that were sent. Undefined where there are none such. */
  readonly resignedBody: (rawBody: Uint8Array) => Uint8Array | undefined
}

/** A sender, ready for `createReceiver`. Made by `defineProvider`. */
export interface Provider<Events extends EventMap = EventMap> extends SignatureScheme {
  readonly name: string
  /** Undefined for an unsigned sender. */
  readonly keys: KeySource | undefined
  readonly retryHorizon: number
  readonly events: ReadonlyMap<string, StandardSchema>
  readonly readEnvelope: (payload: JsonObject, headers: HeaderReader) => Envelope
  readonly readData: (payload: JsonObject) => unknown
  /** Why a signature doesn't match, for the log. Undefined outside of development. */
  readonly diagnoseMismatch: DiagnoseMismatch | undefined
  /** Only for the type checker: the event types and their data. Never set. */
  readonly $events?: Events
}

/** Thrown by `readEnvelope`: an authentic body is not an event of this provider. Answered 400 `invalid_payload`. */
export class InvalidEnvelope extends Error {
  override readonly name = 'InvalidEnvelope'
}

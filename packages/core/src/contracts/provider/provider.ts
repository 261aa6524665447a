import type { HeaderReader, UnverifiedRequest } from '../delivery.ts'
import type { EventMap, FetchableEvent, JsonObject } from '../event.ts'
import type { Handshake } from './handshake.ts'
import type { KeySource, SecretDecoder, SecretOption } from './secret.ts'
import type { SchemaOutput, StandardSchema } from './standard-schema.ts'

/** What the headers of a delivery claim about its signature. */
export interface SignatureClaim {
  /** The digests or signatures in the headers. One that matches is enough. */
  readonly digests: readonly Uint8Array[]
  /** Text that is signed before the body, such as `id.timestamp.` or a URL. Defaults to nothing. */
  readonly signedPrefix?: string
  /**
   * Other texts that may be signed in place of `signedPrefix`, for a sender that writes it in more than one way, such as a URL with and without its
   * port. Defaults to nothing.
   */
  readonly otherSignedPrefixes?: readonly string[]
  /** Text that is signed after the body. Defaults to nothing. */
  readonly signedSuffix?: string
  /**
   * The text that is signed in place of the body, for a sender that signs the fields of a form. At most 1,000 fields are read, before they are
   * verified. Undefined for fields that this sender can't have signed. Defaults to the body.
   *
   * Several forms may have the same text, so an event without an id is identified by this text, and not by its body.
   */
  readonly signedFields?: (fields: FormFields) => string | undefined
  /**
   * The SHA-256 of the body, 32 bytes, for a sender that signs it in `signedPrefix` in place of the body. An event without an id is then identified
   * by what was signed. Defaults to none.
   */
  readonly signedBodySha256?: Uint8Array
  /** Milliseconds since 1970. Freshness is judged by it where the signature includes a time. */
  readonly signedAt?: number
  /** How old a signature may be, in milliseconds, for a sender that signs every attempt again. Defaults to `maxAge` of the receiver. */
  readonly maxAge?: number
}

/** Names and values of a form, decoded, in the order in which they were sent. */
export type FormFields = readonly (readonly [name: string, value: string])[]

/** How a sender signs: an HMAC with a shared secret; or Ed25519, or ECDSA over SHA-256 on the curve P-256, with a key pair of which you have the public key. */
export type SignatureAlgorithm = 'hmac-sha1' | 'hmac-sha256' | 'hmac-sha512' | 'ed25519' | 'ecdsa-p256'

/**
 * What a body contains:
 * - `object`: a JSON object, which is one event.
 * - `json`: any JSON, which is one event. For an array the payload is an array.
 * - `events`: a JSON array of events. They are taken on together. Each has its own part of the body as `rawBody`, and is kept by itself where it
 * can't be read. An object is one event. A sender that does not sign may send at most 10,000.
 * - `form`: a URL-encoded form, which is one event. The payload has the fields by name. A field that is sent more than once is a list.
 */
export type BodyKind = 'object' | 'json' | 'events' | 'form'

/** The part of a request that a sender may sign beside headers and body. */
export type RequestLine = Pick<UnverifiedRequest, 'url'> & { readonly method: string }

/** `missing`: no signature header. `malformed`: a header that can't be a signature of this provider. */
export type SignatureReading = SignatureClaim | 'missing' | 'malformed'

/** What identifies an event in an authentic body. */
export interface Envelope {
  /**
   * Undefined where the provider sends none. Then the SHA-256 of the body is used as the id. Where form fields or a digest of the body are signed in
   * place of the body, it is the SHA-256 of what was signed.
   */
  readonly id: string | undefined
  readonly type: string
  /** Undefined where the provider signs no time. Then the time of receipt is used, and an event sent again after `dedupeWindow` can't be told from a new one. */
  readonly createdAt: Date | undefined
  /**
   * The id, in the provider's list, of the thing that the event is about. Only for types in `endings`: it matches a delivery with what was
   * reconciled. Undefined where there is none.
   */
  readonly subject?: string | undefined
}

/** A schema per event type, of any Standard Schema library. */
export type EventSchemas = Record<string, StandardSchema>

/** The data types that schemas validate to. */
export type EventsOf<Schemas extends EventSchemas> = { [Type in keyof Schemas]: SchemaOutput<Schemas[Type]> }

/** Options that every provider has. */
export interface SecretOptions {
  /**
   * Shared with the sender. For a sender with a key pair, its public key. The type allows undefined, so that `process.env.X` can be passed. Undefined
   * throws at construction.
   */
  secret?: SecretOption | undefined
  /**
   * In place of `secret`, for a sender that was registered without one. Anyone who learns the URL can then send events. Every start logs a warning.
   * Defaults to false.
   */
  allowUnsigned?: boolean | undefined
}

/** By event type: the names of the ends that it reports. */
export type Endings = Readonly<Record<string, string | readonly string[]>>

/** How a provider is asked for the thing that an event is about. */
export interface FetchOptions {
  /** Aborted where the answer takes longer than `handlerTimeout`, or another process has taken the event. */
  readonly signal: AbortSignal
}

/** Defines a sender: everything that hookport has to know of it. */
export interface ProviderDefinition<Schemas extends EventSchemas = EventSchemas> extends SecretOptions {
  /** Lower-case letters, digits and hyphens. It is part of the keys under which events are remembered, so changing it makes known events new. */
  name: string
  /** Defaults to `hmac-sha256`. */
  algorithm?: SignatureAlgorithm
  /**
   * How a secret is turned into the key. Defaults to its UTF-8 bytes for an HMAC. A public key is read as PEM, base64 or hex: 32 bytes for Ed25519,
   * or a SubjectPublicKeyInfo.
   */
  decodeSecret?: SecretDecoder
  /**
   * Lower-case names of the headers that `readSignature` reads: first the one with the digest, then those that are signed with the body, such as an
   * id and a time. Empty for a sender that does not sign.
   */
  signatureHeaders: readonly string[]
  /**
   * Lower-case name of a header that names the type, for a sender that does not sign the type. As it is not signed, whoever replays a delivery can
   * change it. So `readEnvelope` has to check that the body does not contradict it, and must not read any other unsigned header.
   */
  typeHeader?: string
  /** The text before the digest in its header, such as `sha256=`. Only the doctor uses it. Defaults to nothing. */
  signaturePrefix?: string
  /** Milliseconds between the first attempt and the last retry of one delivery. A `dedupeWindow` must be at least as long. */
  retryHorizon: number
  /** A schema for each event type whose data is known. A type without one is accepted, its data unchecked. */
  events: Schemas
  /**
   * What a body holds, or a function that reads it: use `decodeJson` and `readForm` in it. Defaults to `object`.
   *
   * The function throws {InvalidEnvelope}, or any error, for a body that it can't read.
   */
  body?: BodyKind | ((rawBody: Uint8Array) => JsonObject)
  /**
   * The event types in the life of one thing, stage by stage. A place in the list is one type, or several types of the same stage. Of events of one
   * order key that happened at the same time, an earlier stage is handled first: see `order` of a receiver. Types that are not in the list count as
   * the first stage. Defaults to none.
   */
  lifecycle?: readonly (string | readonly string[])[]
  /** How the sender checks that this URL takes its events. Defaults to none. */
  handshake?: Handshake
  /** Whether replies to deliveries come without a body, for a sender that demands it, such as Xero. Defaults to false. */
  emptyReply?: boolean
  /** Reads the signature from the headers. The body has not been read yet, and nothing is authenticated. */
  readSignature(headers: HeaderReader, request: RequestLine): SignatureReading
  /**
   * Reads the envelope from an authentic body.
   *
   * @throws {InvalidEnvelope} saying what is missing.
   */
  readEnvelope(payload: JsonObject, headers: HeaderReader): Envelope
  /** The part of the payload that schemas describe. Defaults to its field `data`. */
  readData?(payload: JsonObject): unknown
  /**
   * The event types that end a thing, each with the names of the ends that it reports: `{ 'run.completed': 'completed' }`. A delivered and a
   * reconciled event are the same where they report the same end of the same `subject`. Two deliveries are never matched this way. Leave out a type
   * that can happen more than once: its later events would be lost. Defaults to none.
   */
  endings?: Endings
  /**
   * Fetches the thing that an event is about, for `event.fetch()`. `signal` is aborted when nobody waits for the answer any more. Defaults to none.
   *
   * @throws {ConfigurationError} where it has no API key, or the event is not about such a thing.
   */
  fetch?(event: FetchableEvent, options: FetchOptions): Promise<unknown>
  /**
   * For a sender that signs another text than it sends: the text that it may have signed, given the parsed body. It is tried only after the raw body
   * did not match. It means that bodies of strangers are parsed before they are verified.
   */
  resignedContent?(parsedBody: unknown): string
}

/** Explains to the operator, in a sentence, why a signature doesn't match. */
export type DiagnoseMismatch = (
  body: Uint8Array,
  headers: HeaderReader,
  request?: RequestLine,
) => Promise<string>

/** How a sender signs, for verification and for the doctor. */
export interface SignatureScheme {
  readonly algorithm: SignatureAlgorithm
  /** Lower-case names of the headers that `readSignature` reads. The first one has the digest. */
  readonly signatureHeaders: readonly string[]
  /** The text before the digest in its header. */
  readonly signaturePrefix: string
  readonly decodeSecret: SecretDecoder
  /**
   * Reads the signature from the headers, as the definition does.
   *
   * @param request defaults to a POST without a URL.
   */
  readonly readSignature: (headers: HeaderReader, request?: RequestLine) => SignatureReading
  /** The bytes that may have been signed in place of those that were sent. Undefined where there are none. */
  readonly resignedBody: (rawBody: Uint8Array) => Uint8Array | undefined
}

/** A sender, ready for `createReceiver`. Made by `defineProvider`. */
export interface Provider<Events extends EventMap = EventMap> extends SignatureScheme {
  readonly name: string
  /** Undefined for an unsigned sender. */
  readonly keys: KeySource | undefined
  readonly retryHorizon: number
  readonly events: ReadonlyMap<string, StandardSchema>
  readonly typeHeader: string | undefined
  readonly handshake: Handshake
  /** Whether replies to deliveries come without a body. */
  readonly emptyReply?: boolean | undefined
  /** The stage of a type in `lifecycle`, counted from 0. */
  readonly lifecycle: ReadonlyMap<string, number>
  /**
   * Splits a body into its events, in order.
   *
   * @throws {InvalidEnvelope} for more than `most`.
   */
  readonly splitBody: (rawBody: Uint8Array, most: number) => readonly Uint8Array[]
  /** @throws {InvalidEnvelope} for a body, or a part of one, that can't be read. */
  readonly readPayload: (rawBody: Uint8Array) => JsonObject
  /** Reads id, type and time, as the definition says. */
  readonly readEnvelope: (payload: JsonObject, headers: HeaderReader) => Envelope
  /** The part of the payload that schemas describe. */
  readonly readData: (payload: JsonObject) => unknown
  /** By event type: the ends that it reports. Empty where no type ends a thing. */
  readonly endings: ReadonlyMap<string, readonly string[]>
  /** Undefined where the thing that an event is about can't be fetched. */
  readonly fetch: ((event: FetchableEvent, options: FetchOptions) => Promise<unknown>) | undefined
  /** Explains in the log why a signature doesn't match. Undefined outside of development. */
  readonly diagnoseMismatch: DiagnoseMismatch | undefined
  /** Only for the type checker: the event types and their data. Never set at run time. */
  readonly $events?: Events
}

/** Marks providers, also those of another copy of this package, for which `instanceof` is false. */
const brand = Symbol.for('@hookport/core.invalid-envelope')

/**
 * Thrown by `readEnvelope`: an authentic body can't be read as an event of this provider. The body is kept as a dead letter until a definition can
 * read it. For a sender that does not sign, it is refused with `invalid_payload`.
 */
export class InvalidEnvelope extends Error {
  override readonly name = 'InvalidEnvelope'
  readonly [brand] = true
}

/** Whether a definition has thrown this error, also one from another copy of this package. */
export function isInvalidEnvelope(error: unknown): error is InvalidEnvelope {
  return error instanceof Error && brand in error
}

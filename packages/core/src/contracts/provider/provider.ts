import type { HeaderReader, UnverifiedRequest } from '../delivery.ts'
import type { EventMap, FetchableEvent, JsonObject } from '../event.ts'
import type { Handshake } from './handshake.ts'
import type { KeySource, SecretDecoder, SecretOption } from './secret.ts'
import type { SchemaOutput, StandardSchema } from './standard-schema.ts'

/** What the headers of a delivery claim about its signature. */
export interface SignatureClaim {
  /** The digests or signatures offered. One that matches is enough. */
  readonly digests: readonly Uint8Array[]
  /** Text that is signed ahead of the body, such as `id.timestamp.` or a URL. Defaults to nothing. */
  readonly signedPrefix?: string
  /**
   * For a sender that writes what is ahead of the body in more than one way, as a URL with its port and without: what else may be signed
   * there in place of `signedPrefix`. Defaults to nothing.
   */
  readonly otherSignedPrefixes?: readonly string[]
  /** Text that is signed behind the body. Defaults to nothing. */
  readonly signedSuffix?: string
  /**
   * The text that is signed in place of the body, for a sender that signs the fields of a form: they are read before they are verified,
   * at most 1,000 of them. Undefined for fields that this sender can't have signed. Defaults to the body.
   *
   * One such text may be that of several forms, so an event without an id is identified by what was signed, and not by its body.
   */
  readonly signedFields?: (fields: FormFields) => string | undefined
  /**
   * For a sender that signs the SHA-256 of the body in `signedPrefix`, and not the body: these 32 bytes. An event without an id is then
   * identified by what was signed. Defaults to none.
   */
  readonly signedBodySha256?: Uint8Array
  /** Milliseconds since 1970. Where the signed content holds a time of its own, freshness is judged by it. */
  readonly signedAt?: number
  /** For a sender that signs anew for every attempt: how old a signature may be, in milliseconds. Defaults to `maxAge` of the receiver. */
  readonly maxAge?: number
}

/** Names and values of a form, decoded, in the order in which they were sent. */
export type FormFields = readonly (readonly [name: string, value: string])[]

/** How a sender signs: HMACs with a shared secret; Ed25519, and ECDSA over SHA-256 on the curve P-256, with a public key in its place. */
export type SignatureAlgorithm = 'hmac-sha1' | 'hmac-sha256' | 'hmac-sha512' | 'ed25519' | 'ecdsa-p256'

/**
 * What a body holds. `object`: a JSON object, an event. `json`: any JSON, an event; where it is an array, so is the payload. `events`: a
 * JSON array of events, which are taken on together, and of which each has its own part of the body as `rawBody`, and is held by itself where
 * it can't be read; an object is one event, and of a sender that does not sign, 10,000 are the most. `form`: a URL-encoded form, an event, its payload the fields by their names; a field that comes more than once is a list.
 */
export type BodyKind = 'object' | 'json' | 'events' | 'form'

/** The part of a request, beside headers and body, that a sender may sign. */
export type RequestLine = Pick<UnverifiedRequest, 'url'> & { readonly method: string }

/** `missing`: no signature header. `malformed`: one that can't be a signature of this provider. */
export type SignatureReading = SignatureClaim | 'missing' | 'malformed'

/** What identifies an event in an authentic body. */
export interface Envelope {
  /**
   * Undefined where the provider gives none: then the SHA-256 of the body stands in for it, or, where the fields of a form or the digest of
   * the body are signed in its place, that of what was signed.
   */
  readonly id: string | undefined
  readonly type: string
  /**
   * Undefined where the provider signs no time: then the time of receipt stands in for it, and an event sent again after
   * `dedupeWindow` can't be told from a new one.
   */
  readonly createdAt: Date | undefined
  /**
   * The thing that the event is about, under the id by which the provider lists it. Only for types that `endings` names: it joins a delivery
   * with what was found by asking. Undefined where there is none.
   */
  readonly subject?: string | undefined
}

/** A schema per event type. Any Standard Schema library will do. */
export type EventSchemas = Record<string, StandardSchema>

/** The data types that schemas validate to. */
export type EventsOf<Schemas extends EventSchemas> = { [Type in keyof Schemas]: SchemaOutput<Schemas[Type]> }

/** What every provider's options have in common. */
export interface SecretOptions {
  /** Shared with the sender; for a sender with a key pair, its public key. Undefined is typed as allowed, so that `process.env.X` can be passed; it is an error at construction. */
  secret?: SecretOption | undefined
  /**
   * In place of `secret`, for a sender that was registered without one. Anyone who learns the URL can then send events;
   * a warning is logged at every start. Defaults to false.
   */
  allowUnsigned?: boolean | undefined
}

/** By event type: the ends that it tells of. */
export type Endings = Readonly<Record<string, string | readonly string[]>>

/** How a provider is asked for the thing that an event is about. */
export interface FetchOptions {
  /** Aborted where the answer takes longer than `handlerTimeout`, or another process has taken the event. */
  readonly signal: AbortSignal
}

/** Everything that hookport has to know of a sender. */
export interface ProviderDefinition<Schemas extends EventSchemas = EventSchemas> extends SecretOptions {
  /** Lower-case letters, digits and hyphens. Part of the keys under which events are remembered: don't change it lightly. */
  name: string
  /** Defaults to `hmac-sha256`. */
  algorithm?: SignatureAlgorithm
  /**
   * How a secret becomes the key. Defaults to its UTF-8 text for an HMAC; for a public key, to what PEM, base64 or hex says: 32 bytes for
   * Ed25519, or a SubjectPublicKeyInfo.
   */
  decodeSecret?: SecretDecoder
  /**
   * Lower-case names of the headers that `readSignature` reads: first the one that holds the digest, then those that are signed
   * with the body, such as an id and a time. Empty for a sender that does not sign.
   */
  signatureHeaders: readonly string[]
  /**
   * Lower-case name of a header that names the type, for a sender that signs no type. It is not signed: whoever replays a delivery can
   * change it, so `readEnvelope` has to check that the body does not contradict it, and read nothing else from headers that are not signed.
   */
  typeHeader?: string
  /** What stands ahead of the digest in its header, such as `sha256=`. Only the doctor asks for it. Defaults to nothing. */
  signaturePrefix?: string
  /** Milliseconds between the first attempt and the last retry of one delivery. A `dedupeWindow` must be at least as long. */
  retryHorizon: number
  /** A schema for each event type whose data is known. A type without one is accepted, its data unchecked. */
  events: Schemas
  /**
   * What a body holds, or a function that reads it: `decodeJson` and `readForm` are there for it. Defaults to `object`.
   *
   * The function throws {InvalidEnvelope}, or any error, for a body that it can't read.
   */
  body?: BodyKind | ((rawBody: Uint8Array) => JsonObject)
  /**
   * The types that tell of the life of one thing, stage by stage: a type, or several that stand in one stage, in each place. Of events of an order key that happened at
   * one time, an earlier stage is handled before a later one: see `order` of a receiver. Types that stand in none are as the first stage. Defaults to none.
   */
  lifecycle?: readonly (string | readonly string[])[]
  /** How the sender finds out that this URL takes its events. Defaults to none. */
  handshake?: Handshake
  /** Reads the signature out of the headers. The body has not been read yet, and nothing is authenticated. */
  readSignature(headers: HeaderReader, request: RequestLine): SignatureReading
  /**
   * Reads the envelope out of an authentic body.
   *
   * @throws {InvalidEnvelope} saying what is missing.
   */
  readEnvelope(payload: JsonObject, headers: HeaderReader): Envelope
  /** The part of the payload that schemas describe. Defaults to its field `data`. */
  readData?(payload: JsonObject): unknown
  /**
   * The event types that end a thing, each with the names of the ends that it tells of: `{ 'run.completed': 'completed' }`. What was delivered and what
   * was found by asking are one event where they tell of one end of one `subject`. Two deliveries never are. A type that can recur has no
   * place in here: it would be lost. Defaults to none.
   */
  endings?: Endings
  /**
   * Fetches the thing that an event is about, for `event.fetch()`. `signal` is aborted when nobody waits for it any more. Defaults to none.
   *
   * @throws {ConfigurationError} where it has no key for that, or the event is about no such thing.
   */
  fetch?(event: FetchableEvent, options: FetchOptions): Promise<unknown>
  /**
   * For a sender that signs other text than it sends: the text that it may have signed, given the parsed body. It is tried only
   * after the raw body failed to match. With it, strangers' bodies are parsed before they are verified.
   */
  resignedContent?(parsedBody: unknown): string
}

/** Says, in a sentence for the operator, why a signature doesn't match. */
export type DiagnoseMismatch = (
  body: Uint8Array,
  headers: HeaderReader,
  request?: RequestLine,
) => Promise<string>

/** How a sender signs: what verifying has to know of it, and the doctor. */
export interface SignatureScheme {
  readonly algorithm: SignatureAlgorithm
  /** Lower-case names of the headers that `readSignature` reads, first the one that holds the digest. */
  readonly signatureHeaders: readonly string[]
  /** What stands ahead of the digest in its header. */
  readonly signaturePrefix: string
  readonly decodeSecret: SecretDecoder
  /**
   * Reads the signature out of the headers, as the definition says.
   *
   * @param request defaults to a POST without a URL.
   */
  readonly readSignature: (headers: HeaderReader, request?: RequestLine) => SignatureReading
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
  readonly typeHeader: string | undefined
  readonly handshake: Handshake
  /** The stage in which a type stands, counted from 0. */
  readonly lifecycle: ReadonlyMap<string, number>
  /** The parts of a body that are an event each, in order. */
  readonly splitBody: (rawBody: Uint8Array) => readonly Uint8Array[]
  /** @throws {InvalidEnvelope} for a body, or a part of one, that can't be read. */
  readonly readPayload: (rawBody: Uint8Array) => JsonObject
  /** Reads id, type and time, as the definition says. */
  readonly readEnvelope: (payload: JsonObject, headers: HeaderReader) => Envelope
  /** The part of the payload that schemas describe. */
  readonly readData: (payload: JsonObject) => unknown
  /** By event type: the ends that it tells of. Empty where no type ends a thing. */
  readonly endings: ReadonlyMap<string, readonly string[]>
  /** Undefined where what an event is about can't be fetched. */
  readonly fetch: ((event: FetchableEvent, options: FetchOptions) => Promise<unknown>) | undefined
  /** Why a signature doesn't match, for the log. Undefined outside of development. */
  readonly diagnoseMismatch: DiagnoseMismatch | undefined
  /** Only for the type checker: the event types and their data. Never set. */
  readonly $events?: Events
}

/** What it is known by, whichever copy of this package has made it: `instanceof` tells copies apart. */
const brand = Symbol.for('@hookport/core.invalid-envelope')

/**
 * Thrown by `readEnvelope`: an authentic body can't be read as an event of this provider. It is held as a dead letter, for a definition that
 * can; of a sender that does not sign it is refused, `invalid_payload`.
 */
export class InvalidEnvelope extends Error {
  override readonly name = 'InvalidEnvelope'
  readonly [brand] = true
}

/** Whether a definition has thrown this, also where it was made with another copy of this package. */
export function isInvalidEnvelope(error: unknown): error is InvalidEnvelope {
  return error instanceof Error && brand in error
}

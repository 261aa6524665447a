import {
  ConfigurationError,
  decodeBase64,
  defineProvider,
  type EventSchemas,
  type HeaderReader,
  type JsonObject,
  type Provider,
  readAnyTime,
  readBase64Digest,
  readText,
  type SecretOptions,
  type SignatureReading,
} from '@hookport/core'
import { anAge, anything, checkOptions, oneOf } from './definition-kit/check-options.ts'
import { readUnixTimestamp } from './definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

/** `secret` is the secret that the sender shares with you, or its public key: `whpk_…`, or in PEM. */
export interface StandardWebhooksOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /**
   * Name of the sender, to tell senders apart that all follow the standard. It is part of the keys under which events are remembered. Defaults to
   * `standard-webhooks`.
   */
  name?: string | undefined
  /** A schema for each event type whose data should be validated and typed. Other types are accepted unchecked. */
  events?: Known | undefined
  /**
   * How long the sender retries, in milliseconds. Defaults to 28 h, for the schedule of Svix. The example in the standard takes 76 h, which needs a
   * `dedupeWindow` as long.
   */
  retryHorizon?: number | undefined
  /**
   * How a secret is turned into the key. `base64`: as in the standard, with or without `whsec_` or `v1,whsec_` before it. `text`: as it is written.
   * Defaults to `text` for secrets that begin with `polar_whs_`, and to `base64` for all others.
   */
  secretEncoding?: 'base64' | 'text' | undefined
  /** `ed25519` where `secret` is a function that picks public keys. Defaults to what the secrets are: `ed25519` for public keys, else `hmac-sha256`. */
  algorithm?: 'hmac-sha256' | 'ed25519' | undefined
  /** How old a signature may be, in milliseconds. The sender signs every attempt again. Defaults to 5 min, as in the standard's libraries. */
  tolerance?: number | undefined
}

/** The headers of the standard, and those of Svix, who designed it. Clerk and Resend send Svix's headers. */
const families = ['webhook', 'svix'] as const
type Family = (typeof families)[number]

/** The version before each signature: of an HMAC, and of Ed25519 with a key pair. */
const versions = { 'hmac-sha256': 'v1,', ed25519: 'v1a,' } as const
type Algorithm = keyof typeof versions

/** 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h after the attempt before (https://docs.svix.com/retries): 27 h 35 min 5 s. */
const retryHorizonOfSvix = 28 * 3600_000

/** The standard recommends 24 to 64 bytes, and some senders use fewer. A shorter key than this could be guessed. */
const minSecretBytes = 16

/** The most signatures in one header. No rotation needs more. */
const maxSignatures = 16

/**
 * Any sender that follows Standard Webhooks: `webhook-signature` (or `svix-signature`) lists base64 HMAC-SHA256 digests of id, timestamp and body; or,
 * where `secret` is a public key, Ed25519 signatures.
 * Without `type` in the body, `event` is the type, or else `message`. Of GitLab, whose webhooks need a signing token for it, the type is `object_kind`
 * or `event_name`, and `data` is the whole payload.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret, or one that is neither base64 of 16 bytes or more nor a public key.
 */
export function standardWebhooks<const Known extends EventSchemas = NoEvents>(
  options: StandardWebhooksOptions<Known>,
): Provider<AnyEvents<Known, JsonObject | undefined>> {
  checkOptions('standard-webhooks', options, {
    name: anything,
    retryHorizon: anything,
    secretEncoding: oneOf('base64', 'text'),
    algorithm: oneOf(...Object.keys(versions)),
    tolerance: anAge,
  })
  const {
    name = 'standard-webhooks',
    retryHorizon = retryHorizonOfSvix,
    tolerance = 5 * 60_000,
    secretEncoding,
  } = options
  const arePublic = secretEncoding === undefined && [options.secret].flat().some(isPublicKey)
  const { algorithm = arePublic ? 'ed25519' : 'hmac-sha256' } = options
  return defineProvider({
    name,
    algorithm,
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    decodeSecret:
      algorithm === 'ed25519' ? decodePublicKey : (secret) => decodeSecret(secret, name, secretEncoding),
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: families.flatMap((family) => headersOf(family)),
    signaturePrefix: versions[algorithm],
    readSignature: (headers) => readSignature(headers, algorithm, tolerance),
    readEnvelope: (payload, headers) => ({
      id: headers.get(`${familyOf(headers)}-id`) ?? undefined, // this header is signed
      type: readType(payload),
      createdAt: readAnyTime(payload.timestamp) ?? (options.allowUnsigned ? undefined : createdAtOf(payload)),
    }),
    readData,
  }) as Provider<AnyEvents<Known, JsonObject | undefined>>
}

function headersOf(family: Family): [signature: string, id: string, timestamp: string] {
  return [`${family}-signature`, `${family}-id`, `${family}-timestamp`]
}

/** Chosen by the signature header that is present. */
function familyOf(headers: HeaderReader): Family {
  return families.find((family) => headers.get(`${family}-signature`)) ?? 'webhook'
}

/** The time in the bodies of Resend and OpenAI. Where there is no `data`, as from GitLab, it is that of the thing which the event is about. */
function createdAtOf({ data, created_at }: JsonObject): Date | undefined {
  return data === undefined ? undefined : readAnyTime(created_at)
}

function readType(payload: JsonObject): string {
  return standardType(payload) ?? gitlabType(payload) ?? 'message'
}

function standardType(payload: JsonObject): string | undefined {
  return readText(payload, 'type') ?? readText(payload, 'event')
}

/** GitLab signs by the standard where its webhook has a signing token, and sends the payloads that it always had. None of them has `data`. */
function gitlabType(payload: JsonObject): string | undefined {
  if (payload.data !== undefined) return undefined
  return readText(payload, 'object_kind') ?? readText(payload, 'event_name')
}

function readData(payload: JsonObject): unknown {
  return standardType(payload) === undefined && gitlabType(payload) !== undefined ? payload : payload.data
}

const publicKeyStart = /^(?:whpk_|-----BEGIN PUBLIC KEY-----)/

function isPublicKey(secret: unknown): boolean {
  return typeof secret === 'string' && publicKeyStart.test(secret.trim())
}

/** @throws {Error} for a secret where a public key is needed. */
function decodePublicKey(key: string): Uint8Array {
  if (!isPublicKey(key)) throw new Error('it does not begin with whpk_')
  return decodeBase64(key.replace(/^whpk_|-----[A-Z ]+-----|\s+/g, ''))
}

function decodeSecret(
  secret: string,
  name: string,
  encoding: 'base64' | 'text' = secret.startsWith('polar_whs_') ? 'text' : 'base64',
): Uint8Array {
  if (encoding === 'base64' && secret.startsWith('whsk_'))
    throw new ConfigurationError(
      `${name}: the secret is the sender's private key; give its public key, whpk_…`,
    )
  if (encoding === 'base64' && isPublicKey(secret))
    throw new ConfigurationError(
      `${name}: the secret is a public key; where a function picks it, give algorithm: 'ed25519'`,
    )
  const key = encoding === 'text' ? new TextEncoder().encode(secret) : tryDecode(secret)
  if (key === undefined)
    throw new ConfigurationError(`${name}: the secret is not base64; does it belong to another provider?`)
  if (key.length < minSecretBytes) {
    throw new ConfigurationError(
      `${name}: the secret has ${key.length} bytes; it needs at least ${minSecretBytes}, as a shorter one can be guessed`,
    )
  }
  return key
}

function tryDecode(secret: string): Uint8Array | undefined {
  try {
    return decodeBase64(secret.replace(/^(?:v1,)?whsec_/, ''))
  } catch {
    return undefined
  }
}

function readSignature(headers: HeaderReader, algorithm: Algorithm, maxAge: number): SignatureReading {
  const [signatureHeader, idHeader, timestampHeader] = headersOf(familyOf(headers))
  const header = headers.get(signatureHeader)
  const id = headers.get(idHeader)
  const timestamp = headers.get(timestampHeader)
  if (!header || !id || !timestamp) return 'missing'
  const signedAt = readUnixTimestamp(timestamp)
  const signatures = header.split(' ')
  if (signedAt === undefined || signatures.length > maxSignatures) return 'malformed'
  const [version, bytes] = [versions[algorithm], algorithm === 'ed25519' ? 64 : 32]
  const digests = signatures
    .filter((signature) => signature.startsWith(version))
    .map((signature) => readBase64Digest(signature.slice(version.length).replace(/,$/, ''), { bytes })) // two headers are joined with a comma
    .filter((digest) => digest !== undefined)
  return digests.length === 0
    ? 'malformed'
    : { digests, signedPrefix: `${id}.${timestamp}.`, signedAt, maxAge }
}

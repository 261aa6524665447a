import {
  ConfigurationError,
  decodeBase64,
  defineProvider,
  type EventSchemas,
  type HeaderReader,
  type Provider,
  readBase64Digest,
  readIsoTimestamp,
  requireText,
  type SecretOptions,
  type SignatureReading,
} from '@hookport/core'
import type { AnyEvents } from './definition-kit/any-events.ts'
import { readUnixTimestamp } from './definition-kit/read-unix-timestamp.ts'
import type { NoEvents } from './definition-kit/with-events.ts'

export interface StandardWebhooksOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** Tells senders apart that all follow the standard: part of the keys under which events are remembered. Defaults to `standard-webhooks`. */
  name?: string | undefined
  /** A schema for each event type whose data shall be checked and typed. Other types are taken on unchecked. */
  events?: Known | undefined
  /** Milliseconds over which the sender retries. Defaults to 28 h, the schedule that the standard recommends. */
  retryHorizon?: number | undefined
  /** How old a signature may be, in milliseconds. Every attempt is signed anew. Defaults to 5 min, as in the standard's libraries. */
  tolerance?: number | undefined
}

const signatureHeader = 'webhook-signature'
const idHeader = 'webhook-id'
const timestampHeader = 'webhook-timestamp'
const signaturePrefix = 'v1,'

/** 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h after the attempt before, as the specification recommends: 27 h 35 min 5 s. */
const recommendedRetryHorizon = 28 * 3600_000

/** The length of a key, at least and at most, that the specification recommends (https://www.standardwebhooks.com). */
const secretBytes = { min: 24, max: 64 }

/** Signatures in one header, more than any rotation needs. */
const maxSignatures = 16

/**
 * Any sender that follows Standard Webhooks: `webhook-signature` lists base64 HMAC-SHA256 digests of id, timestamp and body.
 * Secrets are base64, with or without `whsec_` before them.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret, or one that is not base64 of 24 to 64 bytes.
 */
export function standardWebhooks<const Known extends EventSchemas = NoEvents>(
  options: StandardWebhooksOptions<Known>,
): Provider<AnyEvents<Known>> {
  const { name = 'standard-webhooks', tolerance = 5 * 60_000 } = options
  return defineProvider({
    name,
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    decodeSecret: (secret) => decodeSecret(secret, name),
    retryHorizon: options.retryHorizon ?? recommendedRetryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader, idHeader, timestampHeader],
    signaturePrefix,
    readSignature: (headers) => readSignature(headers, tolerance),
    readEnvelope: (payload, headers) => ({
      id: headers.get(idHeader) ?? undefined, // this header is signed
      type: requireText(payload, 'type'),
      createdAt:
        payload.timestamp === undefined ? undefined : readIsoTimestamp(payload.timestamp, 'timestamp'),
    }),
  }) as Provider<AnyEvents<Known>>
}

function decodeSecret(secret: string, name: string): Uint8Array {
  const key = tryDecode(secret.replace(/^whsec_/, ''))
  if (key === undefined)
    throw new ConfigurationError(`${name}: the secret is not base64; is it of another provider?`)
  if (key.length < secretBytes.min || key.length > secretBytes.max) {
    throw new ConfigurationError(
      `${name}: the secret has ${key.length} bytes; the standard asks for ${secretBytes.min} to ${secretBytes.max}`,
    )
  }
  return key
}

function tryDecode(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text)
  } catch {
    return undefined
  }
}

function readSignature(headers: HeaderReader, maxAge: number): SignatureReading {
  const header = headers.get(signatureHeader)
  const id = headers.get(idHeader)
  const timestamp = headers.get(timestampHeader)
  if (!header || !id || !timestamp) return 'missing'
  const signedAt = readUnixTimestamp(timestamp)
  const signatures = header.split(' ')
  if (signedAt === undefined || signatures.length > maxSignatures) return 'malformed'
  const digests = signatures
    .filter((signature) => signature.startsWith(signaturePrefix))
    .map((signature) => readBase64Digest(signature.slice(signaturePrefix.length)))
    .filter((digest) => digest !== undefined)
  return digests.length === 0
    ? 'malformed'
    : { digests, signedPrefix: `${id}.${timestamp}.`, signedAt, maxAge }
}

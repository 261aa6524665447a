import {
  defineProvider,
  type EventSchemas,
  type HeaderReader,
  InvalidEnvelope,
  type Provider,
  readHexDigest,
  requireText,
  type SecretOptions,
  type SignatureReading,
} from '@hookport/core'
import type { AnyEvents } from './definition-kit/any-events.ts'
import { readUnixTimestamp } from './definition-kit/read-unix-timestamp.ts'
import type { NoEvents } from './definition-kit/with-events.ts'

export interface StripeOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** A schema for each event type whose data shall be checked and typed. Other types are taken on unchecked. */
  events?: Known | undefined
  /** How old a signature may be, in milliseconds. Every attempt is signed anew. Defaults to 5 min, as in Stripe's libraries. */
  tolerance?: number | undefined
}

/** Stripe retries live events for up to three days. */
const retryHorizon = 3 * 24 * 3600_000

/** Signatures in one header, more than any rotation needs. */
const maxSignatures = 16

/**
 * Stripe: `Stripe-Signature` holds `t=`, the time of signing, and one or more `v1=`, hex HMAC-SHA256 digests of time and body. The
 * secret is used as text, its `whsec_` included.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function stripe<const Known extends EventSchemas = NoEvents>(
  options: StripeOptions<Known>,
): Provider<AnyEvents<Known>> {
  return defineProvider({
    name: 'stripe',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    readSignature: (headers) => readSignature(headers, options.tolerance ?? 5 * 60_000),
    readEnvelope: (payload) => ({
      id: requireText(payload, 'id'),
      type: requireText(payload, 'type'),
      createdAt: readCreated(payload.created),
    }),
  }) as Provider<AnyEvents<Known>>
}

function readSignature(headers: HeaderReader, maxAge: number): SignatureReading {
  const header = headers.get('stripe-signature')
  if (!header) return 'missing'
  const items = header.split(',')
  if (items.length > maxSignatures) return 'malformed'
  let timestamp: string | undefined
  const digests: Uint8Array[] = []
  for (const item of items.map(trimmed)) {
    if (item.startsWith('t=')) {
      if (timestamp !== undefined) return 'malformed'
      timestamp = item.slice('t='.length)
    }
    const digest = item.startsWith('v1=') ? readHexDigest(item.slice('v1='.length)) : undefined
    if (digest) digests.push(digest)
  }
  const signedAt = timestamp === undefined ? undefined : readUnixTimestamp(timestamp)
  if (signedAt === undefined || digests.length === 0) return 'malformed'
  return { digests, signedPrefix: `${timestamp}.`, signedAt, maxAge }
}

function trimmed(text: string): string {
  return text.trim()
}

function readCreated(created: unknown): Date {
  if (typeof created !== 'number') throw new InvalidEnvelope('its created is not a time')
  return new Date(created * 1000)
}

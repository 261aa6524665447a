import {
  defineProvider,
  type EventSchemas,
  type JsonObject,
  type Provider,
  readAnyTime,
  requireText,
  type SecretOptions,
} from '@hookport/core'
import { anAge, checkOptions } from './definition-kit/check-options.ts'
import { readTimedSignature, timedSignaturePrefix } from './definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export interface StripeOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** A schema for each event type whose data should be validated and typed. Other types are accepted unchecked. */
  events?: Known | undefined
  /** How old a signature may be, in milliseconds. Stripe signs every attempt again. Defaults to 5 min, as in Stripe's libraries. */
  tolerance?: number | undefined
}

/** Stripe retries live events for up to three days. */
const retryHorizon = 3 * 24 * 3600_000

const signatureHeader = 'stripe-signature'

/**
 * Stripe: snapshot events and the thin ones of version 2, of your account and of connected accounts. `Stripe-Signature` has `t=`, the time of
 * signing, and one or more `v1=`, hex HMAC-SHA256 digests of time and body. The secret is used as text, its `whsec_` included.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function stripe<const Known extends EventSchemas = NoEvents>(
  options: StripeOptions<Known>,
): Provider<AnyEvents<Known, JsonObject | undefined>> {
  checkOptions('stripe', options, { tolerance: anAge })
  const { tolerance = 5 * 60_000 } = options
  return defineProvider({
    name: 'stripe',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader],
    signaturePrefix: timedSignaturePrefix,
    readSignature: (headers) => readTimedSignature(headers.get(signatureHeader), tolerance),
    readEnvelope: (payload) => ({
      id: requireText(payload, 'id'),
      type: requireText(payload, 'type'),
      createdAt: readAnyTime(payload.created),
    }),
  }) as Provider<AnyEvents<Known, JsonObject | undefined>>
}

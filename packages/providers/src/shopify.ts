import {
  defineProvider,
  type EventSchemas,
  type HeaderReader,
  InvalidEnvelope,
  type Provider,
  type SecretOptions,
} from '@hookport/core'
import type { AnyEvents } from './definition-kit/any-events.ts'
import { checkOptions } from './definition-kit/check-options.ts'
import { readPlainSignature } from './definition-kit/read-plain-signature.ts'
import type { NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents } from './definition-kit/any-events.ts'
export type { NoEvents } from './definition-kit/with-events.ts'

export interface ShopifyOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** A schema for each topic whose payload should be validated and typed: `{ 'orders/create': schema }`. Others are accepted unchecked. */
  events?: Known | undefined
}

const signatureHeader = 'x-shopify-hmac-sha256'
const typeHeader = 'x-shopify-topic'

/** Eight retries over 4 hours (https://shopify.dev/changelog/updates-to-webhook-retry-mechanism, September 2024). */
const retryHorizon = 4 * 3600_000

/**
 * Shopify: `X-Shopify-Hmac-Sha256` has the base64 HMAC-SHA256 of the body. The secret is the app's client secret. `data` is the whole payload, and
 * the type is the topic, such as `orders/create`.
 *
 * The topic and the delivery's id are in headers, which Shopify does not sign. So an event is identified by the SHA-256 of its body, and a replay
 * with another topic or id is a duplicate. An event that is sent again after `dedupeWindow` is handled again.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function shopify<const Known extends EventSchemas = NoEvents>(
  options: ShopifyOptions<Known>,
): Provider<AnyEvents<Known>> {
  checkOptions('shopify', options, {})
  return defineProvider({
    name: 'shopify',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader],
    typeHeader,
    readSignature: (headers) => readPlainSignature(headers.get(signatureHeader), { encoding: 'base64' }),
    readEnvelope: (_, headers) => ({ id: undefined, type: readTopic(headers), createdAt: undefined }),
    readData: (payload) => payload,
  }) as Provider<AnyEvents<Known>>
}

function readTopic(headers: HeaderReader): string {
  const topic = headers.get(typeHeader)
  if (topic && /^[\w./-]{1,120}$/.test(topic)) return topic
  throw new InvalidEnvelope('its header X-Shopify-Topic does not name a topic')
}

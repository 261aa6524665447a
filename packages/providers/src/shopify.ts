import {
  defineProvider,
  type EventSchemas,
  type HeaderReader,
  InvalidEnvelope,
  type JsonObject,
  type Provider,
  requireText,
  type SecretOptions,
} from '@hookport/core'
import { checkOptions } from './definition-kit/check-options.ts'
import { checkShape, type Shapes } from './definition-kit/check-shape.ts'
import { readPlainSignature } from './definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export interface ShopifyOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** A schema for each type whose payload should be validated and typed: `{ 'orders/create': schema }`. Others are accepted unchecked. */
  events?: Known | undefined
}

const signatureHeader = 'x-shopify-hmac-sha256'
const typeHeader = 'x-shopify-topic'

/** Of Events, which are another kind of subscription (https://shopify.dev/docs/apps/build/events/verify-deliveries). */
const eventsSignatureHeader = 'shopify-hmac-sha256'

/** Of the topics that have an application delete data, or hand it out. The fields of others are chosen by whoever subscribes. */
const shapes: Shapes = {
  'customers/data_request': ['data_request'],
  'customers/redact': ['shop_id', 'customer', '!data_request'],
  'shop/redact': ['shop_id', 'shop_domain', '!customer'],
}

/** Eight retries over 4 hours (https://shopify.dev/changelog/updates-to-webhook-retry-mechanism, September 2024). */
const retryHorizon = 4 * 3600_000

/**
 * Shopify: `X-Shopify-Hmac-Sha256` has the base64 HMAC-SHA256 of the body. The secret is the app's client secret. `data` is the whole payload, and
 * the type is the topic, such as `orders/create`.
 *
 * The topic and the delivery's id are in headers, which Shopify does not sign. So an event is identified by the SHA-256 of its body, and a replay
 * with another topic or id is a duplicate. If its body is not that of the topic on privacy that the header names, it is kept as a dead letter. An
 * event that is sent again after `dedupeWindow` is handled again.
 *
 * Deliveries of Events have the digest in `Shopify-Hmac-Sha256`. Their type is topic and action of the body, such as `Product/update`. Without a time
 * in the body, the same change twice is one event: ask for `updatedAt` in the `query` of the subscription.
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
    signatureHeaders: [signatureHeader, eventsSignatureHeader],
    typeHeader,
    readSignature: (headers) =>
      readPlainSignature(headers.get(signatureHeader) || headers.get(eventsSignatureHeader), {
        encoding: 'base64',
      }),
    readEnvelope: (payload, headers) => ({
      id: undefined,
      type: isOfEvents(headers) ? readChange(payload) : readTopic(payload, headers),
      createdAt: undefined,
    }),
    readData: (payload) => payload,
  }) as Provider<AnyEvents<Known>>
}

function readTopic(payload: JsonObject, headers: HeaderReader): string {
  const topic = headers.get(typeHeader)
  if (!topic || !/^[\w./-]{1,120}$/.test(topic))
    throw new InvalidEnvelope('its header X-Shopify-Topic does not name a topic')
  checkShape(topic, payload, shapes)
  return topic
}

function isOfEvents(headers: HeaderReader): boolean {
  return !headers.get(signatureHeader) && Boolean(headers.get(eventsSignatureHeader))
}

function readChange(payload: JsonObject): string {
  return `${requireText(payload, 'topic')}/${requireText(payload, 'action')}`
}

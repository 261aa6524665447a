import {
  defineProvider,
  type EventSchemas,
  type Provider,
  readText,
  requireText,
  type SecretOptions,
} from '@hookport/core'
import { aToken, checkOptions } from './definition-kit/check-options.ts'
import { readPlainSignature } from './definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export interface MetaOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** The verify token that you chose in the app's dashboard. Meta sends it in a GET before it registers the URL. Left out, no GET is answered. */
  verifyToken?: string | undefined
  /** A schema for each object whose payload should be validated and typed. Others are accepted unchecked. */
  events?: Known | undefined
}

const signatureHeader = 'x-hub-signature-256'
const signaturePrefix = 'sha256='

/** WhatsApp retries for up to 7 days, the other products for 36 hours. The receiver needs a `dedupeWindow` of at least that. */
const retryHorizon = 7 * 24 * 3600_000

/**
 * Meta: WhatsApp, Messenger, Instagram, Pages, Threads. `X-Hub-Signature-256` has `sha256=` and the hex HMAC-SHA256 of the body. The secret is the app
 * secret. The type is the payload's `object`, such as `whatsapp_business_account`, or the `topic` of Threads, such as `moderate`. `data` is the whole
 * payload. One delivery may have several entries.
 * Meta sends no id and signs no time, so an event is identified by the SHA-256 of its body.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function meta<const Known extends EventSchemas = NoEvents>(
  options: MetaOptions<Known>,
): Provider<AnyEvents<Known>> {
  checkOptions('meta', options, { verifyToken: aToken })
  const { verifyToken } = options
  return defineProvider({
    name: 'meta',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader],
    signaturePrefix,
    handshake: {
      get({ query, equals }) {
        if (!verifyToken || query.get('hub.mode') !== 'subscribe') return undefined
        if (!equals(query.get('hub.verify_token'), verifyToken)) return { status: 403 }
        return { body: query.get('hub.challenge') ?? '' }
      },
    },
    readSignature: (headers) =>
      readPlainSignature(headers.get(signatureHeader), { encoding: 'hex', prefix: signaturePrefix }),
    readEnvelope: (payload) => ({
      id: undefined,
      type: readText(payload, 'object') ?? requireText(payload, 'topic'),
      createdAt: undefined,
    }),
    readData: (payload) => payload,
  }) as Provider<AnyEvents<Known>>
}

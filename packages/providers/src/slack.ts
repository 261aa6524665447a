import {
  defineProvider,
  type EventSchemas,
  type HeaderReader,
  type JsonObject,
  type Provider,
  readAnyTime,
  readText,
  requireText,
  type SecretOptions,
  type SignatureReading,
} from '@hookport/core'
import { anAge, checkOptions } from './definition-kit/check-options.ts'
import { readJsonOrPayload } from './definition-kit/read-json-or-form.ts'
import { readPlainSignature, readUnixTimestamp } from './definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export interface SlackOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** A schema for each event type whose data should be validated and typed. Other types are accepted unchecked. */
  events?: Known | undefined
  /** How old a signature may be, in milliseconds. Slack signs every attempt again. Defaults to 5 min, as in Slack's libraries. */
  tolerance?: number | undefined
}

const signatureHeader = 'x-slack-signature'
const timestampHeader = 'x-slack-request-timestamp'
const signaturePrefix = 'v0='

/** Three retries: at once, after 1 min, after 5 min (https://docs.slack.dev/apis/events-api). */
const retryHorizon = 10 * 60_000

/**
 * Slack: `X-Slack-Signature` has `v0=` and the hex HMAC-SHA256 of `v0:`, the time, a colon and the body. The secret is the app's signing secret. An
 * event of the Events API has the type and the data of its inner event. Interactions and slash commands are forms, and are events too.
 * `url_verification` and `ssl_check` are answered.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function slack<const Known extends EventSchemas = NoEvents>(
  options: SlackOptions<Known>,
): Provider<AnyEvents<Known>> {
  checkOptions('slack', options, { tolerance: anAge })
  const { tolerance = 5 * 60_000 } = options
  return defineProvider({
    name: 'slack',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader, timestampHeader],
    signaturePrefix,
    body: readJsonOrPayload,
    handshake: {
      post: ({ type, challenge, ssl_check }) => {
        if (ssl_check === '1') return {} // Slack checks the URL of a slash command now and then, and expects a 200
        return type === 'url_verification' && typeof challenge === 'string' ? { body: challenge } : undefined
      },
      get: ({ query }) => (query.get('ssl_check') === '1' ? {} : undefined),
    },
    readSignature: (headers) => readSignature(headers, tolerance),
    readEnvelope: (payload) => ({
      id: readText(payload, 'event_id') ?? readText(payload, 'trigger_id'),
      type: readText(payload, 'command') ? 'slash_command' : requireText(eventOf(payload), 'type'),
      createdAt: readAnyTime(payload.event_time),
    }),
    readData: eventOf,
  }) as Provider<AnyEvents<Known>>
}

function eventOf(payload: JsonObject): JsonObject {
  const { event } = payload
  return typeof event === 'object' && event !== null ? (event as JsonObject) : payload
}

function readSignature(headers: HeaderReader, maxAge: number): SignatureReading {
  const reading = readPlainSignature(headers.get(signatureHeader), {
    encoding: 'hex',
    prefix: signaturePrefix,
  })
  const timestamp = headers.get(timestampHeader)
  if (reading === 'missing' || !timestamp) return 'missing'
  const signedAt = readUnixTimestamp(timestamp)
  if (reading === 'malformed' || signedAt === undefined) return 'malformed'
  return { ...reading, signedPrefix: `v0:${timestamp}:`, signedAt, maxAge }
}

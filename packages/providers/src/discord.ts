import {
  defineProvider,
  type EventSchemas,
  type HeaderReader,
  InvalidEnvelope,
  type JsonObject,
  type Provider,
  readAnyTime,
  readText,
  type SecretOptions,
  type SignatureReading,
} from '@hookport/core'
import { anAge, checkOptions } from './definition-kit/check-options.ts'
import { readPlainSignature, readUnixTimestamp } from './definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

export type { AnyEvents, NoEvents } from './definition-kit/with-events.ts'

/** `secret` is the application's public key, in hex as Discord shows it. */
export interface DiscordOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** A schema for each event type whose data should be validated and typed. Other types are accepted unchecked. */
  events?: Known | undefined
  /** How old a signature may be, in milliseconds. Discord signs every attempt again. Defaults to 5 min. */
  tolerance?: number | undefined
}

const signatureHeader = 'x-signature-ed25519'
const timestampHeader = 'x-signature-timestamp'

/** Webhook events are retried for up to 10 minutes; interactions are not (https://docs.discord.com/developers/events/webhook-events). */
const retryHorizon = 10 * 60_000

/**
 * Discord: `X-Signature-Ed25519` has the hex Ed25519 signature of time and body. A webhook event has the type and data of its inner event
 * (`APPLICATION_AUTHORIZED`). An interaction has the type `interaction.2`, with Discord's number. PINGs of both are answered. A delivery is only
 * acknowledged, so respond to an interaction over Discord's API.
 *
 * @throws {ConfigurationError} for a missing or invalid public key.
 */
export function discord<const Known extends EventSchemas = NoEvents>(
  options: DiscordOptions<Known>,
): Provider<AnyEvents<Known, JsonObject | undefined>> {
  checkOptions('discord', options, { tolerance: anAge })
  const { tolerance = 5 * 60_000 } = options
  return defineProvider({
    name: 'discord',
    algorithm: 'ed25519',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader, timestampHeader],
    handshake: {
      post({ type, event }) {
        if (type === 0) return { status: 204 }
        if (type !== 1 || event !== undefined) return undefined
        return { body: '{"type":1}', headers: { 'content-type': 'application/json' } }
      },
    },
    readSignature: (headers) => readSignature(headers, tolerance),
    readEnvelope: (payload) => ({
      id: readText(payload, 'id'),
      type: readText(payload.event, 'type') ?? interactionType(payload),
      createdAt: readAnyTime(eventOf(payload).timestamp),
    }),
    readData: (payload) => (payload.event === undefined ? payload : eventOf(payload).data),
  }) as Provider<AnyEvents<Known, JsonObject | undefined>>
}

function interactionType({ type }: JsonObject): string {
  if (Number.isInteger(type)) return `interaction.${type}`
  throw new InvalidEnvelope('it has neither an event with a type nor the number of an interaction')
}

function eventOf({ event }: JsonObject): JsonObject {
  return typeof event === 'object' && event !== null ? (event as JsonObject) : {}
}

function readSignature(headers: HeaderReader, maxAge: number): SignatureReading {
  const reading = readPlainSignature(headers.get(signatureHeader), { encoding: 'hex', bytes: 64 })
  const timestamp = headers.get(timestampHeader)
  if (reading === 'missing' || !timestamp) return 'missing'
  const signedAt = readUnixTimestamp(timestamp)
  if (reading === 'malformed' || signedAt === undefined) return 'malformed'
  return { ...reading, signedPrefix: timestamp, signedAt, maxAge }
}

import {
  atPublicUrl,
  ConfigurationError,
  defineProvider,
  type EventSchemas,
  type FormFields,
  type HeaderReader,
  type JsonObject,
  type Provider,
  readHexDigest,
  readText,
  type SecretOptions,
  type SignatureReading,
} from '@hookport/core'
import { aUrl, checkOptions, oneOf } from '../definition-kit/check-options.ts'
import { readJsonOrForm } from '../definition-kit/read-json-or-form.ts'
import { readPlainSignature } from '../definition-kit/read-signatures.ts'
import type { AnyEvents, NoEvents } from '../definition-kit/with-events.ts'
import { signedUrls } from './signed-urls.ts'

export type { AnyEvents, NoEvents } from '../definition-kit/with-events.ts'

/** `secret` is the account's auth token; or the secret of a shared key, if a webhook rule has Twilio sign with one. */
export interface TwilioOptions<Known extends EventSchemas = NoEvents> extends SecretOptions {
  /** The URL that Twilio calls, exactly as it is configured there. Twilio signs it. */
  publicUrl: string | undefined
  /** How Twilio signs: `hmac-sha256` if the settings of a webhook rule say so, along with their shared key. Defaults to `hmac-sha1`. */
  algorithm?: 'hmac-sha1' | 'hmac-sha256' | undefined
  /** A schema for each event type whose fields should be validated and typed. Other types are accepted unchecked. */
  events?: Known | undefined
}

const signatureHeader = 'x-twilio-signature'

/** By algorithm, the length of a digest. */
const digestBytes = { 'hmac-sha1': 20, 'hmac-sha256': 32 } as const

/** All attempts of a webhook together take at most 15 s (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). */
const retryHorizon = 60_000

/**
 * Twilio: `X-Twilio-Signature` has the base64 HMAC-SHA1 of the URL and the form's fields, sorted; or of the URL alone, if that has the SHA-256 of the
 * body as `bodySHA256`. With shared keys it may be an HMAC-SHA256. `data` is the form. The type comes from the status, such as `message.delivered` or `call.completed`; without one it is
 * `message.received` or `request`. Twilio sends no event id, so an event is identified by the SHA-256 of what was signed. One signature fits several
 * encodings of a form, and all of them are one event.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret, or a missing `publicUrl`.
 */
export function twilio<const Known extends EventSchemas = NoEvents>(
  options: TwilioOptions<Known>,
): Provider<AnyEvents<Known>> {
  checkOptions('twilio', options, { publicUrl: aUrl, algorithm: oneOf(...Object.keys(digestBytes)) })
  const { publicUrl, secret, algorithm = 'hmac-sha1' } = options
  if (publicUrl === undefined && secret !== undefined)
    throw new ConfigurationError('twilio: publicUrl is missing; Twilio signs the URL that it calls')
  return defineProvider({
    name: 'twilio',
    algorithm,
    secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: options.events ?? {},
    signatureHeaders: [signatureHeader],
    body: readJsonOrForm,
    readSignature: (headers, { url }) =>
      readSignature(
        headers,
        publicUrl === undefined ? url : atPublicUrl(publicUrl, url),
        digestBytes[algorithm],
      ),
    readEnvelope: (payload) => ({ id: undefined, type: typeOf(payload), createdAt: undefined }),
    readData: (payload) => payload,
  }) as Provider<AnyEvents<Known>>
}

function readSignature(headers: HeaderReader, url: string, bytes: number): SignatureReading {
  const reading = readPlainSignature(headers.get(signatureHeader), { encoding: 'base64', bytes })
  if (typeof reading === 'string') return reading
  const [signedPrefix, ...otherSignedPrefixes] = signedUrls(url)
  const claim = { ...reading, signedPrefix, otherSignedPrefixes }
  if (!/[?&]bodySHA256=/.test(url)) return { ...claim, signedFields }
  // Twilio appends it at the end. Elsewhere it may be text of a form whose signature somebody has seen.
  const written = /[?&]bodySHA256=([0-9a-f]{64})$/.exec(url)?.[1] ?? ''
  const signedBodySha256 = readHexDigest(written)
  return signedBodySha256 ? { ...claim, signedBodySha256 } : 'malformed'
}

/**
 * Names and values joined without separators, sorted, each pair once. Empty for a body that reads as JSON: Twilio signs that by its digest, and the
 * text of a form may be what somebody has sent to you.
 */
function signedFields(fields: FormFields): string | undefined {
  if (/^\s*[[{]/.test(fields[0]?.[0] ?? '')) return undefined
  const pairs = new Map(fields.map((field) => [JSON.stringify(field), field]))
  const sorted = [...pairs.values()].sort(([name, value], [otherName, otherValue]) =>
    name === otherName ? compare(value, otherValue) : compare(name, otherName),
  )
  return sorted.flat().join('')
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1 // no pair is there twice
}

function typeOf(payload: JsonObject): string {
  const message = readText(payload, 'MessageStatus')
  if (message) return `message.${message}`
  const call = readText(payload, 'CallStatus')
  if (call) return `call.${call}`
  return readText(payload, 'MessageSid') ? 'message.received' : 'request'
}

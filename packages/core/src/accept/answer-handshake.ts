import { encodeBase64, encodeHex } from '../bytes/digests.ts'
import { equalTexts } from '../bytes/equal-texts.ts'
import type { Delivery } from '../contracts/delivery.ts'
import { ConfigurationError, Refusal } from '../contracts/errors.ts'
import type { ChallengeTools, HandshakeAnswer } from '../contracts/handshake.ts'
import { InvalidEnvelope, type Provider } from '../contracts/provider.ts'
import type { Reply } from '../contracts/reply.ts'
import type { SignatureKey } from '../contracts/secret.ts'

/** No delivery of any sender is signed over such a text alone: a body is JSON or a form, and what stands ahead of it is no letter. */
const token = /^[A-Za-z0-9_-]{1,256}$/

const encoder = new TextEncoder()

/** The answer to a GET or OPTIONS by which a sender looks whether this URL takes its events. Undefined where the provider has no such. */
export function answerProbe({ handshake }: Provider, { method, url, headers }: Delivery): Reply | undefined {
  const ask = method === 'GET' ? handshake.get : method === 'OPTIONS' ? handshake.options : undefined
  if (ask === undefined) return undefined
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark))
  const equals = (given: string | null | undefined, expected: string) =>
    typeof given === 'string' && equalTexts(given, expected)
  return toReply(ask.call(handshake, { headers, query, equals }))
}

/**
 * The answer to an authentic body that asks in place of telling. Undefined where it tells.
 *
 * @param key that the body was verified with; undefined for an unsigned sender.
 */
export async function answerChallenge(
  { name, handshake, readPayload }: Provider,
  rawBody: Uint8Array,
  { headers }: Delivery,
  key: SignatureKey | undefined,
): Promise<Reply | undefined> {
  if (handshake.post === undefined) return undefined
  const payload = attempt(() => readPayload(rawBody))
  if (typeof payload !== 'object' || payload === null) return undefined
  const sign: ChallengeTools['sign'] = async (text, encoding) => {
    if (typeof text !== 'string' || !token.test(text))
      throw new InvalidEnvelope('its challenge is no token, of 1 to 256 letters, digits, _ and -')
    if (typeof key !== 'function')
      throw new ConfigurationError(`${name}: handshake.post signs, but there is no HMAC to sign with`)
    const digest = await key(encoder.encode(text))
    return encoding === 'hex' ? encodeHex(digest) : encodeBase64(digest)
  }
  try {
    return toReply(await handshake.post(payload, { headers, sign }))
  } catch (cause) {
    if (!(cause instanceof InvalidEnvelope)) throw cause
    throw new Refusal('invalid_payload', `the body is authentic, but ${cause.message}`, { cause })
  }
}

/** What is no event is told by the step that reads it for one. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** An echo of a stranger's text is plain text, whatever a browser would take it for. */
function toReply(answer: HandshakeAnswer | undefined): Reply | undefined {
  if (answer === undefined) return undefined
  const { status = 200, headers, body = '' } = answer
  if (body === '') return { status, body, headers: { ...headers } }
  return {
    status,
    body,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...headers,
      'content-length': String(encoder.encode(body).length),
      'x-content-type-options': 'nosniff',
    },
  }
}

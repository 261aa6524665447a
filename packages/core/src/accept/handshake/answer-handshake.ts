import { encodeBase64, encodeHex } from '../../bytes/digests.ts'
import { equalTexts } from '../../bytes/equal-texts.ts'
import type { Delivery, Reply } from '../../contracts/delivery.ts'
import { ConfigurationError, isHookportError, Refusal } from '../../contracts/errors.ts'
import type { JsonObject } from '../../contracts/event.ts'
import type { ChallengeTools } from '../../contracts/provider/handshake.ts'
import { InvalidEnvelope, isInvalidEnvelope, type Provider } from '../../contracts/provider/provider.ts'
import type { SignatureKey } from '../../contracts/provider/secret.ts'
import { describeThrown } from '../../contracts/reason-of.ts'
import { unreadable } from '../identity/unreadable-event.ts'
import { isToken } from '../verify/token.ts'
import { handshakeReply } from './handshake-reply.ts'

const encoder = new TextEncoder()

/** The answer to a GET or OPTIONS by which a sender checks whether this URL takes its events. Undefined where the provider has none. */
export function answerProbe({ name, handshake }: Provider, delivery: Delivery): Reply | undefined {
  const method = delivery.method === 'GET' ? 'get' : delivery.method === 'OPTIONS' ? 'options' : undefined
  const ask = method && handshake[method]
  if (ask === undefined) return undefined
  const { url, headers } = delivery
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark))
  const equals = (given: string | null | undefined, expected: string) =>
    typeof given === 'string' && Boolean(expected) && equalTexts(given, expected) // none is expected where its variable is not set
  const field = `${name}: handshake.${method}`
  try {
    return handshakeReply(ask.call(handshake, { headers, query, equals }), field)
  } catch (cause) {
    throw isInvalidEnvelope(cause)
      ? new Refusal('invalid_payload', `the ${delivery.method} is not a handshake: ${cause.message}`, {
          cause,
        })
      : misconfigured(field, cause)
  }
}

/** An authentic body that may be a challenge and not an event. */
export interface Question {
  readonly rawBody: Uint8Array
  /** The key that the body was verified with. Undefined for an unsigned sender. */
  readonly key: SignatureKey | undefined
  /** Refuses a challenge that is too old. It is given the time in the body, where one can be read. */
  assertFresh(createdAt: Date | undefined): void
}

/** The answer to a challenge. Undefined where the body is an event. */
export async function answerChallenge(
  provider: Provider,
  { rawBody, key, assertFresh }: Question,
  { headers }: Delivery,
): Promise<Reply | undefined> {
  const { name, handshake, readPayload, readEnvelope } = provider
  if (handshake.post === undefined) return undefined
  const payload: JsonObject | undefined = attempt(() => readPayload(rawBody))
  if (typeof payload !== 'object' || payload === null) return undefined
  const field = `${name}: handshake.post`
  try {
    const answer = await handshake.post(payload, { headers, sign: signer(key, field) })
    if (answer === undefined) return undefined
    assertFresh(attempt(() => readEnvelope(payload, headers).createdAt))
    return handshakeReply(answer, field)
  } catch (cause) {
    if (!isInvalidEnvelope(cause)) throw misconfigured(field, cause)
    throw unreadable(provider, cause.message, cause)
  }
}

function signer(key: SignatureKey | undefined, field: string): ChallengeTools['sign'] {
  return async (text, encoding) => {
    if (!isToken(text))
      throw new InvalidEnvelope('its challenge is not a token of 1 to 256 letters, digits, _ and -')
    if (typeof key !== 'function')
      throw new ConfigurationError(`${field} signs, but there is no HMAC to sign with`)
    const digest = await key(encoder.encode(text))
    return encoding === 'hex' ? encodeHex(digest) : encodeBase64(digest)
  }
}

/** What a definition throws is its own fault, and told as such. */
function misconfigured(field: string, cause: unknown): unknown {
  if (isHookportError(cause)) return cause
  return new ConfigurationError(`${field} threw ${describeThrown(cause)}`, { cause })
}

/** Undefined where it throws. The step that reads events will say what is wrong. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

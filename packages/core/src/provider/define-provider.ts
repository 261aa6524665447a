import { decodeJson, payloadReaders, splitEvents } from '../bodies/read-payload.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import {
  type EventSchemas,
  type EventsOf,
  InvalidEnvelope,
  type Provider,
  type ProviderDefinition,
  type SignatureScheme,
} from '../contracts/provider/provider.ts'
import type { KeySource, SecretDecoder } from '../contracts/provider/secret.ts'
import { decodePublicKey } from '../keys/public-key.ts'
import { signatureAlgorithms } from '../keys/signature-key.ts'
import { isLate } from '../time/awaitable.ts'
import { checkDefinition } from './check-definition.ts'
import { checkedReading } from './checked-reading.ts'
import { mismatchDiagnosis } from './mismatch-diagnosis.ts'
import { keySource } from './secrets/secret-keys.ts'

const encoder = new TextEncoder()

/** Uses a secret as its UTF-8 text. */
const decodeUtf8Secret: SecretDecoder = (secret) => encoder.encode(secret)

/**
 * Describes a sender.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret, one that is not a key of the algorithm, a secret beside `allowUnsigned`, or a
 * definition that contradicts itself: it names the field.
 */
export function defineProvider<const Schemas extends EventSchemas>(
  definition: ProviderDefinition<Schemas>,
): Provider<EventsOf<Schemas>> {
  checkDefinition(definition)
  const { body = 'object', algorithm = 'hmac-sha256', readData } = definition
  const decodeUsually = signatureAlgorithms[algorithm].isPublic ? decodePublicKey : decodeUtf8Secret
  const scheme: SignatureScheme = {
    algorithm,
    signatureHeaders: definition.signatureHeaders,
    signaturePrefix: definition.signaturePrefix ?? '',
    decodeSecret: definition.decodeSecret?.bind(definition) ?? decodeUsually,
    readSignature: checkedReading(definition),
    resignedBody: resignedBody(definition),
  }
  return {
    name: definition.name,
    keys: keysOf(definition, scheme),
    retryHorizon: definition.retryHorizon,
    events: new Map(Object.entries(definition.events)),
    typeHeader: definition.typeHeader,
    handshake: definition.handshake ?? {},
    emptyReply: definition.emptyReply,
    lifecycle: stagesOf(definition.lifecycle ?? []),
    ...scheme,
    splitBody: body === 'events' ? splitEvents : (rawBody) => [rawBody],
    readPayload:
      typeof body === 'function'
        ? (rawBody) => atOnce('body', body.call(definition, rawBody))
        : payloadReaders[body],
    readEnvelope: (payload, headers) => atOnce('readEnvelope', definition.readEnvelope(payload, headers)),
    readData: readData ? (payload) => atOnce('readData', readData.call(definition, payload)) : readField,
    endings: new Map(Object.entries(definition.endings ?? {}).map(([type, ends]) => [type, [ends].flat()])),
    fetch: definition.fetch?.bind(definition),
    diagnoseMismatch: mismatchDiagnosis(scheme, definition.secret),
  }
}

/** The bytes of a definition's `resignedContent`. A body that is not JSON has none. */
function resignedBody(definition: ProviderDefinition): SignatureScheme['resignedBody'] {
  const resignedContent = definition.resignedContent?.bind(definition)
  if (resignedContent === undefined) return () => undefined
  return (rawBody) => {
    try {
      const content = resignedContent(decodeJson(rawBody))
      return isLate(content) ? undefined : encoder.encode(content)
    } catch {
      return undefined
    }
  }
}

/** @throws {InvalidEnvelope} for a promise, as the answer of a function that a compiler has made of an async one. */
function atOnce<Answer>(field: string, answer: Answer): Answer {
  if (isLate(answer)) throw new InvalidEnvelope(`${field} returned a promise; it must return synchronously`)
  return answer
}

function readField(payload: { readonly data?: unknown } | null): unknown {
  return payload?.data
}

function stagesOf(lifecycle: readonly (string | readonly string[])[]): Map<string, number> {
  return new Map(lifecycle.flatMap((types, stage) => [types].flat().map((type) => [type, stage] as const)))
}

function keysOf(
  definition: ProviderDefinition,
  { algorithm, decodeSecret }: SignatureScheme,
): KeySource | undefined {
  const { name, secret, allowUnsigned } = definition
  if (secret === undefined || secret === null) {
    if (allowUnsigned === true) return undefined
    throw new ConfigurationError(
      `${name}: secret is missing; is the environment variable that should hold it set? A sender that has no secret is received with allowUnsigned: true`,
    )
  }
  if (allowUnsigned === true) {
    throw new ConfigurationError(
      `${name}: secret and allowUnsigned: true exclude each other; remove allowUnsigned to verify signatures`,
    )
  }
  return keySource(typeof secret === 'function' ? secret.bind(definition) : secret, {
    name,
    algorithm,
    decode: decodeSecret,
  })
}

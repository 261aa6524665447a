import { decodeUtf8Secret } from '../bytes/utf-8.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type { EventSchemas, EventsOf, Provider, ProviderDefinition } from '../contracts/provider.ts'
import type { KeySource } from '../contracts/secret.ts'
import { mismatchDiagnosis } from './mismatch-diagnosis.ts'
import { keySource } from './secret-keys.ts'

/**
 * Describes a sender.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret, a secret beside `allowUnsigned`, or a name that can't
 * be part of a key.
 */
export function defineProvider<const Schemas extends EventSchemas>(
  definition: ProviderDefinition<Schemas>,
): Provider<EventsOf<Schemas>> {
  const { name } = definition
  if (!/^[a-z0-9-]{1,40}$/.test(name)) {
    throw new ConfigurationError(
      `provider name ${JSON.stringify(name)}: use 1 to 40 lower-case letters, digits and hyphens`,
    )
  }
  if (!(definition.retryHorizon >= 0)) {
    throw new ConfigurationError(
      `${name}: retryHorizon is ${definition.retryHorizon}; it must be a number of milliseconds`,
    )
  }
  for (const [type, schema] of Object.entries(definition.events)) {
    if (typeof schema?.['~standard']?.validate === 'function') continue
    throw new ConfigurationError(
      `${name}: what is given for the event type ${type} is no schema; give one of zod, Valibot or any other Standard Schema library`,
    )
  }
  return {
    name,
    keys: keysOf(definition),
    retryHorizon: definition.retryHorizon,
    events: new Map(Object.entries(definition.events)),
    readSignature: (headers) => definition.readSignature(headers),
    readEnvelope: (payload, headers) => definition.readEnvelope(payload, headers),
    readData: definition.readData?.bind(definition) ?? ((payload) => payload.data),
    resignedContent: definition.resignedContent?.bind(definition),
    diagnoseMismatch: mismatchDiagnosis(definition),
  }
}

function keysOf({
  name,
  secret,
  allowUnsigned,
  decodeSecret = decodeUtf8Secret,
}: ProviderDefinition): KeySource | undefined {
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
  return keySource(secret, name, decodeSecret)
}

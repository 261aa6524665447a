import { decodeUtf8Secret } from '../bytes/utf-8.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type {
  EventSchemas,
  EventsOf,
  Provider,
  ProviderDefinition,
  SignatureScheme,
} from '../contracts/provider.ts'
import type { KeySource, SecretDecoder } from '../contracts/secret.ts'
import { mismatchDiagnosis } from './mismatch-diagnosis.ts'
import { resignedBody } from './resigned-body.ts'
import { keySource } from './secret-keys.ts'

/**
 * Describes a sender.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret, a secret beside `allowUnsigned`, a name that can't be
 * part of a key, or header names that are not in lower case.
 */
export function defineProvider<const Schemas extends EventSchemas>(
  definition: ProviderDefinition<Schemas>,
): Provider<EventsOf<Schemas>> {
  checkDefinition(definition)
  const scheme: SignatureScheme = {
    signatureHeaders: definition.signatureHeaders,
    signaturePrefix: definition.signaturePrefix ?? '',
    decodeSecret: definition.decodeSecret ?? decodeUtf8Secret,
    readSignature: (headers) => definition.readSignature(headers),
    resignedBody: resignedBody(definition),
  }
  return {
    name: definition.name,
    keys: keysOf(definition, scheme.decodeSecret),
    retryHorizon: definition.retryHorizon,
    events: new Map(Object.entries(definition.events)),
    ...scheme,
    readEnvelope: (payload, headers) => definition.readEnvelope(payload, headers),
    readData: definition.readData?.bind(definition) ?? ((payload) => payload.data),
    diagnoseMismatch: mismatchDiagnosis(scheme, definition.secret),
  }
}

function checkDefinition({ name, retryHorizon, events, signatureHeaders }: ProviderDefinition): void {
  if (!/^[a-z0-9-]{1,40}$/.test(name)) {
    throw new ConfigurationError(
      `provider name ${JSON.stringify(name)}: use 1 to 40 lower-case letters, digits and hyphens`,
    )
  }
  if (!(retryHorizon >= 0)) {
    throw new ConfigurationError(
      `${name}: retryHorizon is ${retryHorizon}; it must be a number of milliseconds`,
    )
  }
  if (!Array.isArray(signatureHeaders) || !signatureHeaders.every(isHeaderName)) {
    throw new ConfigurationError(
      `${name}: signatureHeaders is ${JSON.stringify(signatureHeaders)}; it must list the headers that readSignature reads, in lower case, such as ['x-acme-signature']`,
    )
  }
  for (const [type, schema] of Object.entries(events)) {
    if (typeof schema?.['~standard']?.validate === 'function') continue
    throw new ConfigurationError(
      `${name}: what is given for the event type ${type} is no schema; give one of zod, Valibot or any other Standard Schema library`,
    )
  }
}

function isHeaderName(name: unknown): boolean {
  return typeof name === 'string' && name !== '' && name === name.toLowerCase()
}

function keysOf(
  { name, secret, allowUnsigned }: ProviderDefinition,
  decodeSecret: SecretDecoder,
): KeySource | undefined {
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

import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import type { ProviderDefinition } from '../contracts/provider/provider.ts'
import { signatureAlgorithms } from '../keys/signature-key.ts'
import { isPromise } from '../time/awaitable.ts'

type Check = (definition: ProviderDefinition) => string | undefined

const bodyKinds = ['object', 'json', 'events', 'form']
/** Every field of a definition. */
const fields: Record<keyof ProviderDefinition, true> = {
  name: true,
  secret: true,
  allowUnsigned: true,
  algorithm: true,
  decodeSecret: true,
  signatureHeaders: true,
  typeHeader: true,
  signaturePrefix: true,
  retryHorizon: true,
  events: true,
  lifecycle: true,
  body: true,
  handshake: true,
  emptyReply: true,
  readSignature: true,
  readEnvelope: true,
  readData: true,
  endings: true,
  fetch: true,
  resignedContent: true,
}
const synchronousFunctions = [
  'decodeSecret',
  'readSignature',
  'readEnvelope',
  'readData',
  'resignedContent',
] as const
const functions = [...synchronousFunctions, 'fetch'] as const

/** Fields that say how a sender signs. */
const signing = ['algorithm', 'decodeSecret', 'signaturePrefix', 'resignedContent'] as const

const booleans = ['allowUnsigned', 'emptyReply'] as const

const handshakeMethods = ['get', 'options', 'post']

/** The checks of a definition, field by field. The first flaw that is found is reported. */
const checks: readonly Check[] = [
  ({ name }) =>
    typeof name === 'string' && /^[a-z0-9-]{1,40}$/.test(name)
      ? undefined
      : `provider name ${foundValue(name)}: use 1 to 40 lower-case letters, digits and hyphens`,
  (definition) => {
    const unknown = Object.keys(definition).find((field) => !Object.hasOwn(fields, field))
    return unknown === undefined
      ? undefined
      : `${unknown} is not a field of a definition; the fields are ${Object.keys(fields).join(', ')}`
  },
  (definition) => {
    const wrong = functions.find(
      (field) => definition[field] !== undefined && typeof definition[field] !== 'function',
    )
    return wrong === undefined ? undefined : `${wrong} is ${typeof definition[wrong]}, not a function`
  },
  (definition) => {
    const { body, handshake } = definition
    const synchronous = {
      ...Object.fromEntries(synchronousFunctions.map((field) => [field, definition[field]])),
      body,
      'handshake.get': handshake?.get,
      'handshake.options': handshake?.options,
    }
    const [wrong] = Object.entries(synchronous).find(([, value]) => isAsync(value)) ?? []
    return wrong === undefined ? undefined : `${wrong} is async; it must return synchronously`
  },
  (definition) => {
    const wrong = booleans.find((field) => !['undefined', 'boolean'].includes(typeof definition[field]))
    return wrong && `${wrong} is ${foundValue(definition[wrong])}; it must be true or false`
  },
  ({ events }) =>
    isRecord(events)
      ? undefined
      : 'events must be an object that gives a schema for each event type; {} for none',
  ({ endings }) =>
    endings === undefined || isRecord(endings)
      ? undefined
      : `endings is ${describeKind(endings)}; it must be an object that names, for each event type that ends a thing, how it ends`,
  ({ endings }) => {
    const isName = (name: unknown) => typeof name === 'string' && /^[a-z0-9_-]{1,40}$/.test(name)
    const [type] = Object.entries(endings ?? {}).find(([, ends]) => !isSomeOf([ends].flat(), isName)) ?? []
    return type === undefined
      ? undefined
      : `endings.${type} is ${foundValue(endings?.[type])}; an end is named by 1 to 40 lower-case letters, digits, hyphens and underscores`
  },
  ({ lifecycle = [] }) => {
    const types: unknown[] = Array.isArray(lifecycle) ? lifecycle.flat() : [undefined]
    const isWrong = types.some((type) => typeof type !== 'string') || new Set(types).size < types.length
    return isWrong
      ? `lifecycle is ${foundValue(lifecycle)}; it must list types, or lists of types, each once, as [['started'], ['completed', 'failed']]`
      : undefined
  },
  ({ handshake }) =>
    handshake === undefined || isRecord(handshake)
      ? undefined
      : `handshake is ${describeKind(handshake)}; it must be an object of functions, by method: ${handshakeMethods.join(', ')}`,
  ({ retryHorizon }) =>
    typeof retryHorizon === 'number' && retryHorizon >= 0 && retryHorizon < Number.POSITIVE_INFINITY
      ? undefined
      : `retryHorizon is ${foundValue(retryHorizon)}; it must be a finite number of milliseconds`,
  ({ algorithm = 'hmac-sha256' }) =>
    typeof algorithm === 'string' && Object.hasOwn(signatureAlgorithms, algorithm)
      ? undefined
      : `algorithm is ${foundValue(algorithm)}; it must be one of ${Object.keys(signatureAlgorithms).join(', ')}`,
  ({ signatureHeaders }) =>
    Array.isArray(signatureHeaders) && signatureHeaders.every(isHeaderName)
      ? undefined
      : `signatureHeaders is ${foundValue(signatureHeaders)}; it must list the headers that readSignature reads, in lower case, such as ['x-acme-signature']`,
  ({ signatureHeaders }) =>
    new Set(signatureHeaders).size === signatureHeaders.length
      ? undefined
      : `signatureHeaders names a header twice: ${signatureHeaders.join(', ')}`,
  ({ signatureHeaders, secret }) =>
    signatureHeaders.length === 0 && secret !== undefined && secret !== null
      ? 'signatureHeaders is empty, but there is a secret to verify with; name the header that holds the signature, or give allowUnsigned: true in place of secret'
      : undefined,
  (definition) => {
    if (definition.signatureHeaders.length > 0) return undefined
    const idle = signing.find((field) => definition[field] !== undefined)
    return idle === undefined
      ? undefined
      : `signatureHeaders is empty, which says that the sender does not sign, but there is ${idle}, which says how it signs`
  },
  ({ signaturePrefix = '' }) =>
    typeof signaturePrefix === 'string'
      ? undefined
      : `signaturePrefix is ${typeof signaturePrefix}, not a string`,
  ({ typeHeader }) =>
    typeHeader === undefined || isHeaderName(typeHeader)
      ? undefined
      : `typeHeader is ${foundValue(typeHeader)}; it must be the name of a header in lower case`,
  ({ typeHeader, signatureHeaders }) =>
    typeHeader !== undefined && signatureHeaders.includes(typeHeader)
      ? `typeHeader is ${typeHeader}, which signatureHeaders has among the headers that are signed; it can't be both`
      : undefined,
  ({ readSignature }) =>
    typeof readSignature === 'function'
      ? undefined
      : 'readSignature is missing; it reads the signature from the headers',
  ({ readEnvelope }) =>
    typeof readEnvelope === 'function'
      ? undefined
      : 'readEnvelope is missing; it reads id, type and time from the body',
  ({ body = 'object' }) =>
    typeof body === 'function' || bodyKinds.includes(body)
      ? undefined
      : `body is ${foundValue(body)}; it must be one of ${bodyKinds.join(', ')}, or a function that reads it`,
  ({ resignedContent, body = 'object' }) =>
    resignedContent !== undefined && (typeof body === 'function' || body === 'form' || body === 'events')
      ? `resignedContent is for a sender that signs the JSON of an event in another form than it sends, but body is ${typeof body === 'function' ? 'a function' : body}`
      : undefined,
  ({ handshake = {} }) => {
    const unknown = Object.keys(handshake).find((method) => !handshakeMethods.includes(method))
    return unknown === undefined
      ? undefined
      : `handshake.${unknown} is never called; handshakes are ${handshakeMethods.join(', ')}`
  },
  ({ handshake = {} }) => {
    const wrong = Object.entries(handshake).find(
      ([, answer]) => answer !== undefined && typeof answer !== 'function',
    )
    return wrong === undefined ? undefined : `handshake.${wrong[0]} is not a function`
  },
  ({ handshake, allowUnsigned }) =>
    handshake?.options !== undefined && allowUnsigned !== true
      ? 'handshake.options is for senders that do not sign; it needs allowUnsigned: true'
      : undefined,
  ({ events }) => {
    const [type] =
      Object.entries(events ?? {}).find(
        ([, schema]) => typeof schema?.['~standard']?.validate !== 'function',
      ) ?? []
    return type === undefined
      ? undefined
      : `the value for the event type ${type} is not a schema; give one of zod, Valibot or any other Standard Schema library`
  },
]

/** @throws {ConfigurationError} for a definition that can't work or contradicts itself, naming the field. */
export function checkDefinition(definition: ProviderDefinition): void {
  if (!isRecord(definition))
    throw new ConfigurationError(
      `the definition of a provider is ${describeKind(definition)}; it must be an object`,
    )
  for (const check of checks) {
    const flaw = check(definition)
    if (flaw === undefined) continue
    throw new ConfigurationError(flaw.startsWith('provider name') ? flaw : `${definition.name}: ${flaw}`)
  }
}

/** A plain object with named fields, not a list or a map, nor a promise of one. */
function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value || isPromise(value))
}

function isSomeOf(values: readonly unknown[], isOne: (value: unknown) => boolean): boolean {
  return values.length > 0 && values.every(isOne)
}

function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  if (isPromise(value)) return 'a promise'
  return Symbol.iterator in value ? 'a list or a map' : 'an object'
}

function isHeaderName(name: unknown): boolean {
  return typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)
}

/** Whether it is an async function as written. One that a compiler turned into a plain function is found by its answer. */
function isAsync(value: unknown): boolean {
  return typeof value === 'function' && Object.prototype.toString.call(value) === '[object AsyncFunction]'
}

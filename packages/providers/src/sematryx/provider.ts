import {
  ConfigurationError,
  createReceiver,
  defineProvider,
  type Endings,
  type EventMap,
  type EventSchemas,
  type FetchableEvent,
  type Provider,
  type Receiver,
  type ReceiverOptions,
  readIsoTimestamp,
  readText,
  requireText,
  type SecretOptions,
} from '@hookport/core'
import { aBoolean, checkOptions, objectOf } from '../definition-kit/check-options.ts'
import { readPlainSignature } from '../definition-kit/read-signatures.ts'
import { assertOptionNames, commonOptionNames } from '../definition-kit/receiver-option-names.ts'
import { type NoEvents, type WithEvents, withEvents } from '../definition-kit/with-events.ts'
import { type SematryxEvents, sematryxEvents, sematryxLifecycle } from './events.ts'
import type { Optimization } from './optimizations.ts'
import type { SematryxApi } from './sematryx-api.ts'

export type { WithEvents } from '../definition-kit/with-events.ts'
export type {
  CompletedOptimization,
  OptimizationResult,
  SematryxEvents,
  UndocumentedData,
} from './events.ts'

export interface SematryxOptions<Added extends EventSchemas = NoEvents> extends SecretOptions {
  /** Event types to add, or to give a schema other than hookport's: `{ 'optimization.paused': schema }`. Any Standard Schema library. */
  events?: Added | undefined
  /**
   * Also accepts a signature over `JSON.stringify` of the parsed body, as the provider's Node example computes it. It is only tried after the raw
   * body did not match. It means that bodies of strangers are parsed. `rawBody` is then the text that was signed. Defaults to false.
   */
  acceptReserialized?: boolean | undefined
  /**
   * Sematryx's API, for `event.fetch()`, which gets the optimization of an event. `sematryxApi({ apiKey })` of `@hookport/providers/sematryx-api`.
   * Defaults to none.
   */
  api?: SematryxApi | undefined
}

const signatureHeader = 'x-sematryx-signature'

/** Five retries, 1 s, 1 min, 5 min, 1 h and 24 h after the failure before, plus the 5 s that each of the 6 attempts may take. */
const retryHorizon = (1 + 60 + 5 * 60 + 3600 + 24 * 3600 + 6 * 5) * 1000

/** A timeout is listed as a failure. Types that can recur are not in here: stagnation, changes of the strategy, updates of the context. */
const sematryxEndings: Endings = {
  'optimization.completed': 'completed',
  'optimization.failed': 'failed',
  'optimization.cancelled': 'cancelled',
  'optimization.timeout': ['timeout', 'failed'],
}

/**
 * Sematryx: `X-Sematryx-Signature` has the lower-case hex HMAC-SHA256 of the body.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function sematryx<const Added extends EventSchemas = NoEvents>(
  options: SematryxOptions<Added>,
): Provider<WithEvents<SematryxEvents, Added>> {
  checkOptions('sematryx', options, {
    acceptReserialized: aBoolean,
    api: objectOf('sematryxApi({ apiKey })', 'getOptimization'),
  })
  return defineProvider({
    name: 'sematryx',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: withEvents(sematryxEvents, options.events),
    lifecycle: sematryxLifecycle,
    signatureHeaders: [signatureHeader],
    readSignature: (headers) => readPlainSignature(headers.get(signatureHeader), { encoding: 'hex' }),
    readEnvelope: (payload) => ({
      id: requireText(payload, 'id'),
      type: requireText(payload, 'type'),
      subject: readText(payload.data, 'optimization_id'),
      createdAt: readIsoTimestamp(payload.created_at, 'created_at'),
    }),
    endings: sematryxEndings,
    fetch: (event, { signal }) => fetchOptimization(event, options.api, signal),
    ...(options.acceptReserialized === true && { resignedContent: JSON.stringify }),
  }) as Provider<EventMap> as Provider<WithEvents<SematryxEvents, Added>>
}

/** Options of the provider and of its receiver together. */
export interface SematryxReceiverOptions<Added extends EventSchemas = NoEvents>
  extends SematryxOptions<Added>,
    Omit<ReceiverOptions<WithEvents<SematryxEvents, Added>>, 'provider'> {}

/** The options of `sematryxReceiver`, by name. For adapters, which check them together with their own. */
export const sematryxOptionNames: Readonly<Record<keyof SematryxReceiverOptions, unknown>> = {
  ...commonOptionNames,
  acceptReserialized: true,
  api: true,
}

/**
 * A receiver for Sematryx in one call.
 *
 * @throws {ConfigurationError} as `sematryx` and `createReceiver` do.
 */
export function sematryxReceiver<const Added extends EventSchemas = Record<never, never>>(
  options: SematryxReceiverOptions<Added>,
): Receiver<WithEvents<SematryxEvents, Added>> {
  assertOptionNames(options, sematryxOptionNames, 'sematryxReceiver')
  const { secret, allowUnsigned, events, acceptReserialized, api, ...receiving } = options
  return createReceiver({
    provider: sematryx({ secret, allowUnsigned, events, acceptReserialized, api }),
    ...receiving,
  })
}

/**
 * The optimization that an event is about.
 *
 * @param api undefined where the provider has none.
 * @throws {ConfigurationError} without an API key, and for an event without an optimization.
 * @throws {ManagementError} as `getOptimization` does.
 */
async function fetchOptimization(
  { type, payload }: Pick<FetchableEvent, 'type' | 'payload'>,
  api: SematryxApi | undefined,
  signal: AbortSignal,
): Promise<Optimization> {
  if (api === undefined)
    throw new ConfigurationError(
      'event.fetch() asks the API of Sematryx, but there is no key for it: give the receiver { api: sematryxApi({ apiKey }) }',
    )
  const id = readText(payload.data, 'optimization_id')
  if (id === undefined)
    throw new ConfigurationError(`event.fetch(): an event ${type} does not name an optimization`)
  return api.getOptimization({ id, signal })
}

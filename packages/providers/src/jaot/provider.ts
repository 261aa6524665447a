import {
  ConfigurationError,
  createReceiver,
  defineProvider,
  type Endings,
  type EventMap,
  type EventSchemas,
  type FetchableEvent,
  type HeaderReader,
  type JsonObject,
  joinIds,
  type Provider,
  type Receiver,
  type ReceiverOptions,
  readHexDigest,
  readIsoTimestamp,
  readText,
  requireText,
  type SecretOptions,
  type SignatureReading,
} from '@hookport/core'
import { checkOptions, objectOf } from '../definition-kit/check-options.ts'
import { assertOptionNames, commonOptionNames } from '../definition-kit/receiver-option-names.ts'
import { type NoEvents, type WithEvents, withEvents } from '../definition-kit/with-events.ts'
import type { JaotEvents } from './event-data.ts'
import { jaotEvents } from './events.ts'
import type { JaotApi } from './jaot-api.ts'
import type { Run } from './runs.ts'

export type { WithEvents } from '../definition-kit/with-events.ts'
export type * from './event-data.ts'

export interface JaotOptions<Added extends EventSchemas = NoEvents> extends SecretOptions {
  /** Event types to add, or to give a schema other than hookport's. Any Standard Schema library. */
  events?: Added | undefined
  /**
   * JAOT's API, for `event.fetch()`, which gets the run with the solution that the event lacks. `jaotApi({ apiKey, baseUrl })` of
   * `@hookport/providers/jaot-api`. Defaults to none.
   */
  api?: JaotApi | undefined
}

const signatureHeader = 'x-jaot-signature'
/** Optional, as the documentation and the sender disagree. */
const signaturePrefix = 'sha256='

/** Three retries, 30 s, 60 s and 120 s after the failure before, plus the 30 s that each of the 4 attempts may take. */
const retryHorizon = (30 + 60 + 120 + 4 * 30) * 1000

/**
 * A run ends once. Its end is reported by the documented type, or by the type that is really sent. The documentation has no event for invalid input:
 * it may be reported as failed.
 */
const jaotEndings: Endings = {
  'trigger.run.completed': 'completed',
  'trigger.run.failed': 'failed',
  'trigger.execution.completed': 'completed',
  'trigger.execution.failed': 'failed',
  'trigger.execution.validation_failed': ['validation_failed', 'failed'],
}

/**
 * JAOT, as it is documented and as it really sends: `X-JAOT-Signature` has the lower-case hex HMAC-SHA256 of the body, with or without `sha256=`
 * before it. The secret is used as text, its `whsec_` included.
 *
 * @throws {ConfigurationError} for a missing, empty or padded secret.
 */
export function jaot<const Added extends EventSchemas = NoEvents>(
  options: JaotOptions<Added>,
): Provider<WithEvents<JaotEvents, Added>> {
  checkOptions('jaot', options, { api: objectOf('jaotApi({ apiKey, baseUrl })', 'getRun') })
  return defineProvider({
    name: 'jaot',
    secret: options.secret,
    allowUnsigned: options.allowUnsigned,
    retryHorizon,
    events: withEvents(jaotEvents, options.events),
    signatureHeaders: [signatureHeader],
    signaturePrefix,
    readSignature,
    readEnvelope: (payload) => {
      const type = requireText(payload, 'event')
      return {
        id: identify(type, payload),
        type,
        subject: runOf(payload),
        createdAt: readIsoTimestamp(payload.timestamp, 'timestamp'),
      }
    },
    endings: jaotEndings,
    fetch: (event, { signal }) => fetchRun(event, options.api, signal),
  }) as Provider<EventMap> as Provider<WithEvents<JaotEvents, Added>>
}

function readSignature(headers: HeaderReader): SignatureReading {
  const header = headers.get(signatureHeader)
  if (!header) return 'missing'
  const digest = readHexDigest(
    header.startsWith(signaturePrefix) ? header.slice(signaturePrefix.length) : header,
  )
  return digest ? { digests: [digest] } : 'malformed'
}

/**
 * JAOT sends no event id. A run or an execution ends once, so its id is used. Other events can recur with the same ids in them. For those it is
 * undefined, and the body identifies the event.
 */
function identify(type: string, payload: JsonObject): string | undefined {
  const subject = runOf(payload) ?? readText(payload.data, 'execution_id')
  return subject === undefined ? undefined : joinIds(type, subject)
}

function runOf(payload: JsonObject): string | undefined {
  return readText(payload, 'run_id') ?? readText(payload.data, 'run_id')
}

/** Options of the provider and of its receiver together. */
export interface JaotReceiverOptions<Added extends EventSchemas = NoEvents>
  extends JaotOptions<Added>,
    Omit<ReceiverOptions<WithEvents<JaotEvents, Added>>, 'provider'> {}

/** The options of `jaotReceiver`, by name. For adapters, which check them together with their own. */
export const jaotOptionNames: Readonly<Record<keyof JaotReceiverOptions, unknown>> = {
  ...commonOptionNames,
  api: true,
}

/**
 * A receiver for JAOT in one call.
 *
 * @throws {ConfigurationError} as `jaot` and `createReceiver` do.
 */
export function jaotReceiver<const Added extends EventSchemas = Record<never, never>>(
  options: JaotReceiverOptions<Added>,
): Receiver<WithEvents<JaotEvents, Added>> {
  assertOptionNames(options, jaotOptionNames, 'jaotReceiver')
  const { secret, allowUnsigned, events, api, ...receiving } = options
  return createReceiver({ provider: jaot({ secret, allowUnsigned, events, api }), ...receiving })
}

/**
 * The run that an event is about.
 *
 * @param api undefined where the provider has none.
 * @throws {ConfigurationError} without an API key, and for an event without a run of a trigger.
 * @throws {ManagementError} as `getRun` does.
 */
async function fetchRun(
  { type, payload }: Pick<FetchableEvent, 'type' | 'payload'>,
  api: JaotApi | undefined,
  signal: AbortSignal,
): Promise<Run> {
  if (api === undefined)
    throw new ConfigurationError(
      'event.fetch() asks the API of JAOT, but there is no key for it: give the receiver { api: jaotApi({ apiKey, baseUrl }) }',
    )
  const runId = readText(payload, 'run_id') ?? readText(payload.data, 'run_id')
  const triggerId = readText(payload, 'trigger_id') ?? readText(payload.data, 'trigger_id')
  if (runId === undefined || triggerId === undefined)
    throw new ConfigurationError(`event.fetch(): an event ${type} does not name a run of a trigger`)
  return api.getRun({ triggerId, runId, signal })
}

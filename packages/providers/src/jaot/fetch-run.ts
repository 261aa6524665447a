import { ConfigurationError, type FetchableEvent, readText } from '@hookport/core'
import type { JaotApi } from './jaot-api.ts'
import type { Run } from './runs.ts'

/**
 * The run that an event is about.
 *
 * @param api undefined where the provider has none.
 * @throws {ConfigurationError} without an API key, and for an event without a run of a trigger.
 * @throws {ManagementError} as `getRun` does.
 */
export async function fetchRun(
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

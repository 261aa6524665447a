import { ConfigurationError, type FetchableEvent, readText } from '@hookport/core'
import type { Optimization } from './optimizations.ts'
import type { SematryxApi } from './sematryx-api.ts'

/**
 * The optimization that an event is about.
 *
 * @param api undefined where the provider has none.
 * @throws {ConfigurationError} without an API key, and for an event without an optimization.
 * @throws {ManagementError} as `getOptimization` does.
 */
export async function fetchOptimization(
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

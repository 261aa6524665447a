import { checkApiOptions, type ManagementOptions } from '../management/request.ts'
import { getOptimization, type Optimization } from './optimizations.ts'

/** Sematryx's API with its key, for `sematryx` and `sematryxWebhooks`. `event.fetch()` uses it. */
export interface SematryxApi {
  /** The current state of the optimization with this id. Rejects with `ManagementError` where Sematryx does not answer it. */
  getOptimization(optimization: { readonly id: string; readonly signal?: AbortSignal }): Promise<Optimization>
}

/**
 * Binds the calls of Sematryx's API to a key: `sematryxWebhooks({ secret, api: sematryxApi({ apiKey }) })`.
 *
 * @throws {ConfigurationError} for an unknown option.
 */
export function sematryxApi(options: Omit<ManagementOptions, 'signal'>): SematryxApi {
  checkApiOptions('sematryxApi', options)
  return { getOptimization: (optimization) => getOptimization({ ...options, ...optimization }) }
}

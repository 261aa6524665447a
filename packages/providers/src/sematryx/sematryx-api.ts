import type { ManagementOptions } from '../management/request.ts'
import { getOptimization, type Optimization } from './optimizations.ts'

/** Sematryx's API with its key, as `sematryx` and `sematryxWebhooks` take it: what an event is about is fetched by it. */
export interface SematryxApi {
  /** The optimization of this id, as it is now. Rejects with `ManagementError` where Sematryx does not answer it. */
  getOptimization(optimization: { readonly id: string; readonly signal?: AbortSignal }): Promise<Optimization>
}

/** Binds the calls of Sematryx's API to a key: `sematryxWebhooks({ secret, api: sematryxApi({ apiKey }) })`. */
export function sematryxApi(options: Omit<ManagementOptions, 'signal'>): SematryxApi {
  return { getOptimization: (optimization) => getOptimization({ ...options, ...optimization }) }
}

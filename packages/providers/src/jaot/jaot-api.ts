import { checkApiOptions } from '../management/request.ts'
import type { JaotApiOptions } from './call.ts'
import { getRun, type Run } from './runs.ts'

/** JAOT's API with its key, for `jaot` and `jaotWebhooks`. `event.fetch()` uses it. */
export interface JaotApi {
  /** The current state of the run with this id. Rejects with `ManagementError` where JAOT does not answer it. */
  getRun(run: {
    readonly triggerId: string
    readonly runId: string
    readonly signal?: AbortSignal
  }): Promise<Run>
}

/**
 * Binds the calls of JAOT's API to a key: `jaotWebhooks({ secret, api: jaotApi({ apiKey, baseUrl }) })`.
 *
 * @throws {ConfigurationError} for an unknown option.
 */
export function jaotApi(options: Omit<JaotApiOptions, 'signal'>): JaotApi {
  checkApiOptions('jaotApi', options)
  return { getRun: (run) => getRun({ ...options, ...run }) }
}

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

/** Binds the calls of JAOT's API to a key: `jaotWebhooks({ secret, api: jaotApi({ apiKey, baseUrl }) })`. */
export function jaotApi(options: Omit<JaotApiOptions, 'signal'>): JaotApi {
  return { getRun: (run) => getRun({ ...options, ...run }) }
}

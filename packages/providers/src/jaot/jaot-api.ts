import type { JaotApiOptions } from './call.ts'
import { getRun, type Run } from './runs.ts'

/** JAOT's API with its key, as `jaot` and `jaotWebhooks` take it: what an event is about is fetched by it. */
export interface JaotApi {
  /** The run of this id, as it is now. Rejects with `ManagementError` where JAOT does not answer it. */
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

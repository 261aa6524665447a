/** Limits on one drain. */
export interface DrainOptions {
  /**
   * Milliseconds after which no further handler begins. Handlers that run then are waited for, each for at most its `handlerTimeout`. On a platform
   * that ends functions, the sum of both has to be below its limit. Defaults to 20 s; `Infinity` for no limit.
   */
  maxMs?: number
  /** When it is aborted, the drain ends as if its time were over. */
  signal?: AbortSignal
}

/** The result of a drain. It counts turns by what observers are told. */
export interface DrainCounts {
  /** Events of which all handlers have succeeded. */
  readonly handled: number
  /** Turns after which the event is tried again: its handlers failed, or asked to wait. */
  readonly failed: number
  /** Events that became dead letters. */
  readonly dead: number
  /** Events that no handler wants, and that were parked. */
  readonly parked: number
  /** Events that no handler wants, and that were dropped. */
  readonly unhandled: number
  /**
   * Whether it ended while events or expectations were still due, or without having seen whether any are: its time was over, the signal aborted, or the receiver
   * stopped. The next drain continues.
   */
  readonly more: boolean
}

/** Who may request a drain, and how long it may take. */
export interface DrainRouteOptions extends Pick<DrainOptions, 'maxMs'> {
  /** What a cron sends as `Authorization: Bearer <secret>`. Vercel's cron sends the value of its variable CRON_SECRET. */
  secret: string | undefined
}

/** What a drain's route needs of a request. */
export interface DrainRequest {
  readonly method: string | undefined
  /** The header `authorization`. */
  readonly authorization: string | null | undefined
}

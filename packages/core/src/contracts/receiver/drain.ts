/** Bounds on one drain. */
export interface DrainOptions {
  /**
   * Milliseconds after which no further handler begins. What runs then is waited for, each for its `handlerTimeout` at the most: on a
   * platform that ends functions, the two together have to stay under its limit. Defaults to 20 s; `Infinity` for no bound.
   */
  maxMs?: number
  /** Aborted, it ends the drain as if its time were used. */
  signal?: AbortSignal
}

/** What a drain has come to. Turns are counted by what observers are told of them. */
export interface DrainCounts {
  /** Events of which all handlers have succeeded. */
  readonly handled: number
  /** Turns after which the event is tried again: its handlers failed, or asked to wait. */
  readonly failed: number
  /** Events that became dead letters. */
  readonly dead: number
  /** Events that no handler takes, and that were put aside. */
  readonly parked: number
  /** Events that no handler takes, and that were dropped. */
  readonly unhandled: number
  /** Whether it ended before nothing was due: the time was used, the signal aborted, or the receiver stopped. The next drain goes on. */
  readonly more: boolean
}

/** Who may ask for a drain, and how long it may take. */
export interface DrainRouteOptions extends Pick<DrainOptions, 'maxMs'> {
  /** What a cron sends as `Authorization: Bearer <secret>`. Vercel's sends what its variable CRON_SECRET holds. */
  secret: string | undefined
}

/** What a drain's route has to know of a request. */
export interface DrainRequest {
  readonly method: string | undefined
  /** The header `authorization`. */
  readonly authorization: string | null | undefined
}

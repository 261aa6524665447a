/** Bounds on one pass. */
export interface ReconcileOptions {
  /** Milliseconds after which nothing more is asked. Defaults to 20 s; `Infinity` for no bound. */
  maxMs?: number
  /** Aborted, it ends the pass. */
  signal?: AbortSignal
  /** What ended since then is looked for, and the lists are read as far back as `lookBack`, whatever was settled before. Never older than `dedupeWindow`. */
  from?: Date
  /** Takes nothing on, and only says what is missing. Defaults to false. */
  dryRun?: boolean
}

/** A thing whose end no webhook has told of. */
export interface MissingThing {
  readonly subject: string
  readonly tenant?: string | undefined
  readonly status: string
  /** Milliseconds since 1970; undefined where the provider does not say. */
  readonly endedAt: number | undefined
  /** What the provider reports of its own delivery. */
  readonly deliveryFailed: string | undefined
}

/** What a pass over the provider's lists has come to. */
export interface ReconcileCounts {
  /** Things that were listed. */
  readonly listed: number
  /** Of them, ended and not known before. */
  readonly missing: number
  /** Of them, taken on. */
  readonly takenOn: number
  /** Ended, and left to the next pass: a delivery of it is being handled, or it could not be taken on. */
  readonly left: number
  /** Requests to the provider. */
  readonly calls: number
  /** Whether it ended before all lists were read: the time was used, the provider did not answer, or another process is at it. */
  readonly more: boolean
  /** The first hundred that were missing. */
  readonly things: readonly MissingThing[]
}

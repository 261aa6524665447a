/** Limits on one pass. */
export interface ReconcileOptions {
  /** Milliseconds after which nothing more is asked. Defaults to 20 s; `Infinity` for no limit. */
  maxMs?: number
  /** When it is aborted, the pass ends. */
  signal?: AbortSignal
  /** Looks for what ended since then, and reads the lists as far back as `lookBack`, even where they were settled before. Never older than `dedupeWindow`. */
  from?: Date
  /** Takes nothing on, and only reports what is missing. Defaults to false. */
  dryRun?: boolean
}

/** A thing whose end no webhook has reported. */
export interface MissingThing {
  readonly subject: string
  readonly tenant?: string | undefined
  readonly status: string
  /** Milliseconds since 1970; undefined where the provider does not say. */
  readonly endedAt: number | undefined
  /** The provider's own report of its delivery. */
  readonly deliveryFailed: string | undefined
}

/** The result of a pass over the provider's lists. */
export interface ReconcileCounts {
  /** Things that were listed. */
  readonly listed: number
  /** How many of them have ended and were not known before. */
  readonly missing: number
  /** How many of those were taken on. */
  readonly takenOn: number
  /** Ended, but left to the next pass: a delivery of it is being handled, or it could not be taken on. */
  readonly left: number
  /** Requests to the provider. */
  readonly calls: number
  /** Whether it ended before all lists were read: the time was over, the provider did not answer, or another process makes a pass. */
  readonly more: boolean
  /** The first hundred that were missing. */
  readonly things: readonly MissingThing[]
}

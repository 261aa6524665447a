/** Which handled events to replay, and how. */
export interface ReplayRequest {
  /** Only events received at this time or later. A Date, or milliseconds since 1970. */
  from?: Date | number | undefined
  /** Only events received before this time. Defaults to the time of the call, so that events that arrive meanwhile are not replayed. */
  to?: Date | number | undefined
  type?: string | undefined
  tenant?: string | undefined
  /**
   * The only handler that runs, by its name: `save` of `{ name: 'save' }`, or its full name as in failures. It may be newer than the events. Left out
   * for all handlers.
   */
  handler?: string | undefined
  /** At most this many events. Defaults to all. */
  limit?: number | undefined
  /** Lets `@hookport/once` repeat effects, once for this replay. Defaults to false: effects with a receipt are not repeated. */
  again?: boolean | undefined
  /** How many events a second are made pending, at most a tenth of them at once. Defaults to 100; `Infinity` for no limit. */
  perSecond?: number | undefined
  /**
   * Id of the replay. A replay that ended early continues when it is called again with the same id, and the same times: give `to`, as otherwise events
   * that were handled since are replayed too. No event is made pending twice under one id. At most 100 letters, digits and `._:-`. Defaults to a new
   * one each time.
   */
  id?: string | undefined
  /** Only counts what would be replayed. Defaults to false. */
  dryRun?: boolean | undefined
  /** Called after every step of at most 16 events. */
  onProgress?: ((progress: ReplayProgress) => void | Promise<void>) | undefined
  /** When it is aborted, the replay ends between two steps. */
  signal?: AbortSignal | undefined
}

/** How far a replay has come. */
export interface ReplayProgress {
  readonly id: string
  /** Events that were made pending, or in a dry run would be. */
  readonly replayed: number
  /** Events that match the filter and were left alone: the same replay had them before, or they are not for the handler. */
  readonly passedOver: number
  /**
   * Whether all events that match the filter are done. False where it was aborted or reached its limit. Also false where another replay was still
   * handling some of the events: call it again with the same id once they are handled.
   */
  readonly isComplete: boolean
}

/** Which handled events are handled again, and how. */
export interface ReplayRequest {
  /** Only events received at this time or later. A Date, or milliseconds since 1970. */
  from?: Date | number | undefined
  /** Only events received before this time. Defaults to that of the call: what comes while it runs is not replayed. */
  to?: Date | number | undefined
  type?: string | undefined
  tenant?: string | undefined
  /**
   * The one handler that runs, by its name: `save` of `{ name: 'save' }`, or as failures have it. It may not have existed when they were handled. Left out, all handlers
   * run.
   */
  handler?: string | undefined
  /** At most so many events. Defaults to all. */
  limit?: number | undefined
  /** Has `@hookport/once` repeat effects, once for this replay. Defaults to false: what it has a receipt of is not done again. */
  again?: boolean | undefined
  /** So many events a second are made pending, a tenth of them at once at the most. Defaults to 100; `Infinity` for as fast as the inbox goes. */
  perSecond?: number | undefined
  /**
   * Names the replay. One that ended early goes on where it was when it is called again with the same name: no event is made pending twice under one name. Letters,
   * digits and `._:-`, 100 at the most. Defaults to a new one each time.
   */
  id?: string | undefined
  /** Counts what would be replayed, and changes nothing. Defaults to false. */
  dryRun?: boolean | undefined
  /** Told after every step, of 16 events at the most. */
  onProgress?: ((progress: ReplayProgress) => void) | undefined
  /** Aborted, it ends the replay between two steps. */
  signal?: AbortSignal | undefined
}

/** How far a replay has come. */
export interface ReplayProgress {
  readonly id: string
  /** Events that were made pending; of a dry run, that would be. */
  readonly replayed: number
  /** Events that the filter matches and that were left alone: the same replay had them before, or they are not for the handler. */
  readonly passedOver: number
  /**
   * Whether all that the filter matches was seen to. False where it was aborted, or has come to its limit; and where another replay had some of the events under
   * way: called again with the same id once they are handled, it has those, too.
   */
  readonly isComplete: boolean
}

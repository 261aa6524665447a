/** What is to be paused. */
export interface PauseRequest {
  /** One handler, by its name: `save` of `{ name: 'save' }`, or as failures have it. Left out, all of the receiver. */
  handler?: string | undefined
  /** For whoever finds it paused. 500 characters at the most. */
  reason: string
}

/** What is paused. */
export interface Pause {
  /** Undefined for all handlers of the receiver. */
  readonly handler: string | undefined
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly since: number
}

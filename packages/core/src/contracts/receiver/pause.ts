/** What to pause. */
export interface PauseRequest {
  /** One handler, by its name: `save` of `{ name: 'save' }`, or its full name as in failures. Left out for the whole receiver. */
  handler?: string | undefined
  /** For whoever finds it paused. At most 500 characters. */
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

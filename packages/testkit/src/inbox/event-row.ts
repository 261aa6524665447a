import type { EventRecord, EventState, Failure, Progress } from '@hookport/core'

/** An event in the form that a table of a database would have. */
export interface Row {
  /** The order of taking on. */
  readonly sequence: number
  readonly event: EventRecord
  state: EventState
  attempt: number
  interruptions: number
  interruptedAlone: number
  progress: Progress
  failures: readonly Failure[]
  /** Elapsed time, like all times here. Null unless scheduled. */
  dueAt: number | null
  /** Whether a consumer that wants its type need not wait for `dueAt`. */
  untilWanted: boolean
  /** The token of the turn that has no verdict yet. It stays if the lease ran out and the event was parked. */
  token: string | undefined
  leaseUntil: number
  /** Whether it was taken in order to run alone. */
  isAlone: boolean
  parkedAt: number
  /** Whether it holds its order key. */
  hasBegun: boolean
}

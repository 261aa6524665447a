import type { EventRecord, EventState, Failure, Progress } from '@hookport/core'

/** An event as a table of a database would have it. */
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
  /** Elapsed time, like all times in here. Null unless scheduled. */
  dueAt: number | null
  /** Whether who wants its type need not wait for `dueAt`. */
  untilWanted: boolean
  /** The token of the turn that has no verdict yet. It stays where the lease ran out and the event was parked. */
  token: string | undefined
  leaseUntil: number
  /** Whether it was taken to be run alone. */
  isAlone: boolean
  parkedAt: number
  /** Whether it holds its order key. */
  hasBegun: boolean
}

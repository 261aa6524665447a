import type { Session } from './answers/types.ts'
import type { Place } from './place.ts'

/** What each part of the page is given. */
export interface Shared {
  readonly session: Session
  readonly store: Session['stores'][number]
  readonly place: Place
  readonly go: (to: Partial<Place>) => void
  readonly now: number
  /** Says what was done, and has everything asked for anew. */
  readonly changed: (what: string) => void
  readonly version: string
}

/** Which page of a list is shown: it outlasts a look at one of its events. */
export interface Paging {
  /** The filters that it belongs to. */
  readonly filter: string
  /** Of this page and those before it. */
  readonly cursors: readonly string[]
}

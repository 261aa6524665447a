import type { Counts, EventState, EventSummary } from '@hookport/core/types'

export type { EventState, Failure } from '@hookport/core/types'

export const states: readonly EventState[] = ['dead', 'pending', 'scheduled', 'active', 'parked', 'handled']

/** A receiver that is known of a store. */
export interface Source {
  readonly name: string
  readonly provider: string
  readonly types: readonly string[]
  readonly can: { readonly replay: boolean; readonly pause: boolean }
}

export interface StoreInfo {
  readonly id: string
  readonly title: string
  readonly durable: boolean
  readonly sources: readonly Source[]
}

export interface Session {
  readonly change: string
  readonly viewer: { readonly name: string | null; readonly mayChange: boolean }
  readonly isRedacted: boolean
  readonly stores: readonly StoreInfo[]
}

export interface Standing {
  readonly counts: Counts
  readonly oldestPendingAt: number | null
}

export interface LastHour {
  readonly from: number
  readonly series: Readonly<Record<EventState, readonly number[]>>
  readonly isComplete: boolean
}

export interface Row
  extends Pick<
    EventSummary,
    'key' | 'source' | 'tenant' | 'id' | 'type' | 'createdAt' | 'receivedAt' | 'state' | 'attempt' | 'dueAt'
  > {
  readonly failure?: { readonly handler: string | null; readonly code: string; readonly message: string }
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string
}

/** The body comes as bytes, or, where parts of it are not to be seen, as the text that is left; null where it could not be read. */
export interface FullEvent extends EventSummary {
  /** Handlers that have had their effect; null where that can't be found out. */
  readonly receipts?: readonly string[] | null
  /** The events of its order key that it waits for, where it has one and waits. */
  readonly ahead?: Ahead
  readonly body: { readonly bytes: number; readonly base64?: string; readonly text?: string | null }
}

interface Ahead {
  readonly events: readonly Pick<EventSummary, 'key' | 'id' | 'type' | 'state' | 'dueAt'>[]
  readonly isComplete: boolean
}

/** What is paused: one handler of a receiver, or all. */
export interface Pause {
  readonly source: string
  readonly handler?: string
  readonly reason: string
  readonly since: number
}

import type { TwinName } from './twins.ts'

/** Which store the members of a run share. */
export type StoreSettings =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'bullmq'; readonly url: string; readonly queueName: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** What a process is told when it starts, as JSON. */
export interface MemberSettings {
  /** Unlike any other process of the run. */
  readonly who: string
  readonly version: number
  readonly accepts: boolean
  readonly handles: boolean
  readonly store: StoreSettings
  readonly leaseMs: number
  readonly secret: string
  readonly journal: string
  /** A folder that remembers what an event has done once. */
  readonly once: string
  readonly clockOffsetMs: number
  readonly twin?: TwinName | undefined
}

/** What it is told later. */
export interface MemberOrder {
  readonly clockOffsetMs?: number
  readonly diskIsFull?: boolean
}

/** What it says when it is ready. */
export interface MemberGreeting {
  /** Where it accepts. */
  readonly port: number | null
}

/** The code that a handler ends its process with. */
export const poisonExitCode = 13

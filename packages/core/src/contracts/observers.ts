import type { RefusalCode } from './errors.ts'
import type { Failure } from './inbox.ts'

interface ObservedEvent {
  readonly provider: string
  readonly id: string
  readonly type: string
  readonly key: string
}

interface ObservedDelivery extends ObservedEvent {
  /** Which of the configured secrets matched, counted from 0; undefined for an unsigned sender. Tells when an old secret is out of use. */
  readonly secretIndex: number | undefined
}

export interface Observations {
  /** An event was taken on. */
  accepted: ObservedDelivery
  /** An event came again. `conflict`: under the same id, but with another body than before. */
  duplicate: ObservedDelivery & { readonly conflict: boolean }
  /** A delivery was refused. */
  rejected: {
    readonly provider: string
    readonly code: RefusalCode
    readonly status: number
    readonly reason: string
  }
  /** All handlers of an event have succeeded. */
  handled: ObservedEvent & { readonly attempt: number; readonly durationMs: number }
  /** An attempt failed and another will follow: in `retryInMs`, or, where that is null, when the sender tries again. */
  failed: ObservedEvent & {
    readonly attempt: number
    readonly failures: readonly Failure[]
    readonly retryInMs: number | null
  }
  /** An event became a dead letter. */
  dead: ObservedEvent & { readonly attempt: number; readonly failures: readonly Failure[] }
  /** A dead letter was made pending again through the receiver. */
  redriven: { readonly key: string }
}

/** The names of all observations, for a check of what JavaScript hands in. */
export const observationNames: Readonly<Record<keyof Observations, true>> = {
  accepted: true,
  duplicate: true,
  rejected: true,
  handled: true,
  failed: true,
  dead: true,
  redriven: true,
}

/** Called as things happen, for metrics and audit. They are not waited for, and what they throw is logged and goes no further. */
export type Observers = { readonly [Name in keyof Observations]?: (observation: Observations[Name]) => void }

/** Tells the observer of that name, if there is one. */
export type Observe = <Name extends keyof Observations>(name: Name, observation: Observations[Name]) => void

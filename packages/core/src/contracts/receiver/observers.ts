import type { RefusalCode } from '../errors.ts'
import type { Failure } from '../inbox/progress.ts'
import type { ReconcileCounts } from '../reconcile/reconcile.ts'

/** The event of an observation. */
export interface ObservedEvent {
  readonly provider: string
  /** Name of the receiver. */
  readonly source: string
  readonly tenant: string | undefined
  readonly id: string
  readonly type: string
  readonly key: string
}

interface ObservedDelivery extends ObservedEvent {
  /** Which of the configured secrets matched, counted from 0. Undefined for an unsigned sender. It shows when an old secret is no longer used. */
  readonly secretIndex: number | undefined
}

interface ObservedExpectation {
  readonly provider: string
  /** Name of the receiver. */
  readonly source: string
  readonly tenant: string | undefined
  readonly subject: string
}

/** What observers are told, by the name of the observer. */
export interface Observations {
  /** An event was taken on. */
  accepted: ObservedDelivery
  /** An event was delivered again. `conflict`: under the same id, but with another body. */
  duplicate: ObservedDelivery & { readonly conflict: boolean }
  /** A delivery was refused. With status 200: an event was left out, and the others of its delivery were taken on. */
  rejected: {
    readonly provider: string
    readonly code: RefusalCode
    readonly status: number
    readonly reason: string
  }
  /** All handlers of an event have succeeded or were skipped. At least one has run. */
  handled: ObservedEvent & { readonly attempt: number; readonly durationMs: number }
  /** An attempt failed and another will follow: in `retryInMs`, or where that is null, when the sender tries again. */
  failed: ObservedEvent & {
    readonly attempt: number
    readonly failures: readonly Failure[]
    readonly retryInMs: number | null
  }
  /** An event became a dead letter. */
  dead: ObservedEvent & { readonly attempt: number; readonly failures: readonly Failure[] }
  /** No handler wants the event: it waits for a process that has one. */
  parked: ObservedEvent
  /** No handler wants the event, and it was dropped: because of `unhandled: 'drop'`, or because it was parked for too long. */
  unhandled: ObservedEvent
  /** A thing had ended without a webhook, and its event was taken on. */
  reconciled: ObservedEvent & {
    /** The id by which the provider lists it. */
    readonly subject: string
    /** The provider's own report of its delivery, where that failed. */
    readonly deliveryFailed: string | undefined
  }
  /** A pass over the provider's lists has ended. */
  compared: ReconcileCounts & {
    readonly provider: string
    readonly source: string
    readonly durationMs: number
  }
  /** Handlers did not run, as each had handled a newer event of the same order key, and `order.older` is `skip`. */
  skipped: ObservedEvent & { readonly handlers: readonly string[] }
  /** A handled event was made pending again through the receiver. */
  replayed: { readonly key: string }
  /** What was expected has ended. */
  fulfilled: ObservedExpectation
  /** What was expected has not ended in time. The handlers of `onOverdue` have succeeded, or failed for good. */
  overdue: ObservedExpectation & {
    /** The provider's last status of it. Undefined where the provider was not asked, or did not say. */
    readonly status: string | undefined
  }
  /** A dead letter was made pending again through the receiver. */
  redriven: { readonly key: string }
}

/** The names of all observations, to check what JavaScript callers pass. */
export const observationNames: Readonly<Record<keyof Observations, true>> = {
  accepted: true,
  duplicate: true,
  rejected: true,
  handled: true,
  failed: true,
  dead: true,
  parked: true,
  unhandled: true,
  skipped: true,
  replayed: true,
  redriven: true,
  reconciled: true,
  compared: true,
  fulfilled: true,
  overdue: true,
}

/** Called as things happen, for metrics and audit. Nobody waits for them, and what they throw is only logged. */
export type Observers = { readonly [Name in keyof Observations]?: (observation: Observations[Name]) => void }

/** Tells the observer of that name, if there is one. The observation is only created where somebody observes it. */
export type Observe = <Name extends keyof Observations>(
  name: Name,
  observation: () => Observations[Name],
) => void

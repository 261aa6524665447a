import type { RefusalCode } from '../errors.ts'
import type { Failure } from '../inbox/progress.ts'
import type { ReconcileCounts } from '../reconcile/reconcile.ts'

/** Which event it is about. */
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
  /** Which of the configured secrets matched, counted from 0; undefined for an unsigned sender. Tells when an old secret is out of use. */
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
  /** An event came again. `conflict`: under the same id, but with another body than before. */
  duplicate: ObservedDelivery & { readonly conflict: boolean }
  /** A delivery was refused; or, with the status 200, an event of one whose others were taken on. */
  rejected: {
    readonly provider: string
    readonly code: RefusalCode
    readonly status: number
    readonly reason: string
  }
  /** All handlers of an event have succeeded, those apart that were skipped; at least one has run. */
  handled: ObservedEvent & { readonly attempt: number; readonly durationMs: number }
  /** An attempt failed and another will follow: in `retryInMs`, or, where that is null, when the sender tries again. */
  failed: ObservedEvent & {
    readonly attempt: number
    readonly failures: readonly Failure[]
    readonly retryInMs: number | null
  }
  /** An event became a dead letter. */
  dead: ObservedEvent & { readonly attempt: number; readonly failures: readonly Failure[] }
  /** No handler takes the event: it waits for a process that has one. */
  parked: ObservedEvent
  /** No handler takes the event, and it was dropped: as `unhandled: 'drop'` asks for, or as it was parked for too long. */
  unhandled: ObservedEvent
  /** A thing had ended, and no webhook had told of it: its event is taken on. */
  reconciled: ObservedEvent & {
    /** The id by which the provider lists it. */
    readonly subject: string
    /** What the provider reports of its own delivery, where that failed. */
    readonly deliveryFailed: string | undefined
  }
  /** A pass over what the provider lists has ended. */
  compared: ReconcileCounts & {
    readonly provider: string
    readonly source: string
    readonly durationMs: number
  }
  /** Handlers were not run, as each had handled a newer event of the same order key, and `order.older` is `skip`. */
  skipped: ObservedEvent & { readonly handlers: readonly string[] }
  /** A handled event was made pending again through the receiver. */
  replayed: { readonly key: string }
  /** What was expected has ended. */
  fulfilled: ObservedExpectation
  /** What was expected has not ended in its time, and the handlers were told, or have failed for good. */
  overdue: ObservedExpectation & {
    /** As the provider called it last. Undefined where it was not asked, or did not say. */
    readonly status: string | undefined
  }
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

/** Called as things happen, for metrics and audit. They are not waited for, and what they throw is logged and goes no further. */
export type Observers = { readonly [Name in keyof Observations]?: (observation: Observations[Name]) => void }

/** Tells the observer of that name, if there is one. An observation is made only for somebody who observes it. */
export type Observe = <Name extends keyof Observations>(
  name: Name,
  observation: () => Observations[Name],
) => void

import type { Logger } from '../logger.ts'
import type { EventRecord } from './event-record.ts'
import type { NewestHandled } from './order.ts'
import type { Failure, Progress } from './progress.ts'

/** Says whether a lease is lost. An `AbortSignal` is one. */
export interface LeaseSignal {
  /** Whether the lease is lost. */
  readonly aborted: boolean
  /** As on an AbortSignal. */
  addEventListener(type: 'abort', listener: () => void): void
  /** As on an AbortSignal. */
  removeEventListener(type: 'abort', listener: () => void): void
}

/** One turn of handling an event, as given to the `Work` of a consumer. */
export interface Attempt {
  readonly event: EventRecord
  /** 1 for the first attempt; counts failures, not interruptions and not the waits of `RetryLater`. */
  readonly attempt: number
  /** How many turns of this event ended without a verdict since the last verdict: the process died, or lost its lease. */
  readonly interruptions: number
  /** How many of them were the only work in their process. */
  readonly interruptedAlone: number
  /** Whether the turn before this one was interrupted. */
  readonly wasInterrupted: boolean
  readonly progress: Progress
  /**
   * The time in the inbox when the event was handed out, in milliseconds from any starting point. All processes that share the inbox read the same
   * time, and setting a clock does not change it.
   */
  readonly now: number
  /** What the last verdict on an event of the same order key left for this one. Left out where no verdict left anything, or its time is over. */
  readonly newest?: NewestHandled | undefined
  /** Aborted when the lease is lost and another process has the event. Left out where a lease can't be lost. */
  readonly signal?: LeaseSignal | undefined
  /**
   * Stores progress at once, so that a crash later in this turn repeats only what was not completed. Like a verdict, it also stores what is left to
   * later events of the order key, as the event may be discarded before its next turn.
   */
  checkpoint(progress: Progress, legacy?: Legacy): void | Promise<void>
}

/** What a verdict or a checkpoint leaves to later events of the same order key. It is stored in the same step, and replaces what was there. */
export interface Legacy {
  readonly newest: NewestHandled
  /** How long it is kept, in milliseconds from now. */
  readonly rememberMs: number
}

/** The verdict of a turn. */
export type Verdict =
  /** Every handler has succeeded. The event is deleted, or kept as `handled` for `keepMs` milliseconds. Its key stays remembered. */
  | {
      readonly outcome: 'done'
      readonly progress: Progress
      readonly keepMs?: number | undefined
      readonly legacy?: Legacy | undefined
    }
  | {
      readonly outcome: 'retry'
      readonly delayMs: number
      readonly progress: Progress
      readonly failures: readonly Failure[]
      /** False where the next attempt has the same number as this one. */
      readonly attemptUsed: boolean
      /** True where no handler ran, so that this turn says nothing about what interrupted the turns before. */
      readonly keepInterruptions?: boolean
      /**
       * True where no handler of this process wants its type, and it only waits for handlers of all events. A consumer that wants the type is given
       * it at once, as if it were parked, and need not wait for `delayMs`.
       */
      readonly untilWanted?: boolean
      /** From handlers that have succeeded. It is given now, as the event may be discarded before its next turn. */
      readonly legacy?: Legacy | undefined
    }
  | {
      readonly outcome: 'dead'
      readonly progress: Progress
      readonly failures: readonly Failure[]
      readonly legacy?: Legacy | undefined
    }
  /** No handler of this process wants its type. It waits for a process that has one. */
  | { readonly outcome: 'park'; readonly progress: Progress; readonly legacy?: Legacy | undefined }
  /**
   * An unreadable event can be read now. In one atomic step the new event replaces it, under its own key. Where that key is already known, the
   * unreadable one is only deleted. The progress of a claim on that key is kept, and the claim is lost, as with a `put`.
   */
  | { readonly outcome: 'replace'; readonly event: EventRecord; readonly rememberMs: number }

/** The verdict on a turn in which nothing was done: the event is handed out again unchanged. */
export function untouched({ progress }: Pick<Attempt, 'progress'>): Verdict {
  return { outcome: 'retry', delayMs: 0, progress, failures: [], attemptUsed: false, keepInterruptions: true }
}

/** Handles one event. Never rejects. */
export type Work = (attempt: Attempt) => Promise<Verdict>

/** Which events a consumer is given. */
export interface Wanted {
  /**
   * The types that have a handler. Events of these types are handed out, also those that are parked or scheduled `untilWanted`. Unreadable events are
   * handed out too. `all` where a handler takes any type.
   */
  readonly types: readonly string[] | 'all'
  /**
   * What becomes of events of other types that are due: `hand-out` (unless parked), `park` or `drop`. Those with an order key are always handed out
   * in their order unless they are parked. Their verdict decides what becomes of them.
   */
  readonly others: 'hand-out' | 'park' | 'drop'
}

/** Limits on what is parked for one source. The oldest events over a limit are dropped. */
export interface ParkingLimits {
  /** Milliseconds. */
  readonly keepMs: number
  /** The bytes of all their bodies together. */
  readonly maxBytes: number
}

/** Something that happened to an event without a turn. */
export interface ParkingReport {
  readonly event: Pick<EventRecord, 'key' | 'source' | 'tenant' | 'id' | 'type'>
  /** `dropped`: no handler wants it, and the receiver drops such events. `expired`: it was parked for too long, or too much was parked. */
  readonly outcome: 'parked' | 'dropped' | 'expired'
}

/** Which events a consumer takes, and how many at once. */
export interface ConsumeOptions {
  /** Only events of this source are handed out. */
  readonly source: string
  /** How many events may be handled at once. */
  readonly concurrency: number
  /** How long one handler may run, in milliseconds. Where work ends with its request, a turn that is silent for longer than this counts as over. */
  readonly handlerTimeout?: number
  /** For what the operator has to know, such as a store that can't be reached, or a verdict that came too late. */
  readonly logger: Logger
  /** Called whenever events are taken, as handlers may be registered at any time. */
  wanted(): Wanted
  /** How much, and how long, may be parked. */
  readonly parking: ParkingLimits
  /** While it answers true, nothing is handed out, and nothing counts as due. `Consumer.wake` says that the answer may have changed. Left out means never. */
  isPaused?(): boolean
  /** Called with every event that is parked or dropped without a turn. Does not throw. */
  report(happening: ParkingReport): void
  /** Keys of events whose handlers still run in this process, whatever the verdict on their turns was. They are not handed out. */
  running(): ReadonlySet<string>
}

/** Takes events of a source from an inbox, and calls `Work` for them. */
export interface Consumer {
  /** Says that more events may be wanted than before, as a handler was registered. */
  wake(): void
  /** Resolves once nothing is due and nothing runs in this process. It does not wait for retries in the future. */
  idle(): Promise<void>
  /** Takes no more work, and resolves once nothing runs. An inbox that is not durable first finishes what is due. A second call returns the same promise. */
  stop(): Promise<void>
}

import type { Logger } from '../logger.ts'
import type { EventRecord } from './event-record.ts'
import type { NewestHandled } from './order.ts'
import type { Failure, Progress } from './progress.ts'

/** Says that a lease is lost. An `AbortSignal` is one. */
export interface LeaseSignal {
  /** Whether the lease is lost. */
  readonly aborted: boolean
  /** As an AbortSignal has it. */
  addEventListener(type: 'abort', listener: () => void): void
  /** As an AbortSignal has it. */
  removeEventListener(type: 'abort', listener: () => void): void
}

/** One turn at handling an event, as handed to the `Work` of a consumer. */
export interface Attempt {
  readonly event: EventRecord
  /** 1 for the first attempt; counts failures, not interruptions and not the waits of `RetryLater`. */
  readonly attempt: number
  /** How often a turn at this event ended without a verdict since the last one that has one: its process died, or lost its lease. */
  readonly interruptions: number
  /** How many of them while nothing else was under work in that process. */
  readonly interruptedAlone: number
  /** Whether the turn before this one ended so. */
  readonly wasInterrupted: boolean
  readonly progress: Progress
  /**
   * The time in the inbox when the event was handed out, in milliseconds from any beginning. All processes that share the inbox read the
   * same time, and setting a clock does not change it.
   */
  readonly now: number
  /** What the last verdict on an event of the same order key has left. Left out where none has, or it is forgotten. */
  readonly newest?: NewestHandled | undefined
  /** Aborted when the lease is lost: another process has the event by now. Left out where no lease can be lost. */
  readonly signal?: LeaseSignal | undefined
  /**
   * Keeps progress at once, so that a crash later in this turn repeats only what was not completed; and, as a verdict does, what is left to later events of the
   * order key, as the event may be discarded before its next turn.
   */
  checkpoint(progress: Progress, legacy?: Legacy): void | Promise<void>
}

/** What a verdict, or a checkpoint, leaves to the events of the same order key that come later: kept in the same step, in place of what was there. */
export interface Legacy {
  readonly newest: NewestHandled
  /** How long it is kept, in milliseconds from now on. */
  readonly rememberMs: number
}

/** What became of a turn. */
export type Verdict =
  /** Every handler has succeeded. The event leaves, or is kept as `handled` for `keepMs` milliseconds; its key stays remembered. */
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
      /** True where no handler was run, so that nothing speaks against what interrupted the turns before. */
      readonly keepInterruptions?: boolean
      /**
       * True where no handler of this process is for its type: it waits for those that see any event. A consumer that wants the type is handed it at
       * once, as if it were parked, and need not wait for `delayMs`.
       */
      readonly untilWanted?: boolean
      /** Of handlers that have succeeded: the event may be discarded before its next turn. */
      readonly legacy?: Legacy | undefined
    }
  | {
      readonly outcome: 'dead'
      readonly progress: Progress
      readonly failures: readonly Failure[]
      readonly legacy?: Legacy | undefined
    }
  /** No handler of this process is for its type. It waits for a process that has one. */
  | { readonly outcome: 'park'; readonly progress: Progress; readonly legacy?: Legacy | undefined }
  /**
   * What was unreadable can be read by now. In one atomic step the event is put in its place, under its own key; where that is known
   * already, nothing is put. The unreadable one leaves.
   */
  | { readonly outcome: 'replace'; readonly event: EventRecord; readonly rememberMs: number }

/** The verdict on a turn in which nothing was done: the event is handed out again as it was. */
export function untouched({ progress }: Pick<Attempt, 'progress'>): Verdict {
  return { outcome: 'retry', delayMs: 0, progress, failures: [], attemptUsed: false, keepInterruptions: true }
}

/** Handles one event. Never rejects. */
export type Work = (attempt: Attempt) => Promise<Verdict>

/** Which events a consumer is handed. */
export interface Wanted {
  /**
   * The types that have a handler. Events of these types are handed out, those included that are parked or scheduled `untilWanted`, and so is what is unreadable. `all` where
   * any type has.
   */
  readonly types: readonly string[] | 'all'
  /**
   * What becomes of events of other types that are due: they are handed out if they are not parked; or parked; or dropped. Of events that have an order
   * key those that are not parked are handed out in any case, in their order: what becomes of them is the verdict's.
   */
  readonly others: 'hand-out' | 'park' | 'drop'
}

/** Bounds on what is parked of one source. What is over them is dropped, the oldest first. */
export interface ParkingLimits {
  /** Milliseconds. */
  readonly keepMs: number
  /** How many bytes all bodies together may have. */
  readonly maxBytes: number
}

/** Something that happened to an event without a turn. */
export interface ParkingReport {
  readonly event: Pick<EventRecord, 'key' | 'source' | 'tenant' | 'id' | 'type'>
  /** `dropped`: no handler is for it, and the receiver wants such events dropped. `expired`: it was parked too long, or too much was. */
  readonly outcome: 'parked' | 'dropped' | 'expired'
}

/** Which events a consumer takes, and how many at once. */
export interface ConsumeOptions {
  /** Only events of this source are handed out. */
  readonly source: string
  /** How many events may be under work at once. */
  readonly concurrency: number
  /** How long one handler may run, in milliseconds. Of a turn that says nothing for longer, nothing more comes where its request has ended. */
  readonly handlerTimeout?: number
  /** For what the operator has to know: a store that is away, a verdict that came too late. */
  readonly logger: Logger
  /** Asked anew whenever events are taken: handlers may be registered at any time. */
  wanted(): Wanted
  /** How much, and how long, may be parked. */
  readonly parking: ParkingLimits
  /** While it answers true, nothing is handed out, and nothing counts as due. `Consumer.wake` says that it may answer otherwise. Left out, it never does. */
  isPaused?(): boolean
  /** Told of every event that is parked or dropped without a turn. Does not throw. */
  report(happening: ParkingReport): void
  /** Keys of events whose handlers still run in this process, whatever became of their turns. They are not handed out. */
  running(): ReadonlySet<string>
}

/** Takes events of a source from an inbox, and has them handled. */
export interface Consumer {
  /** Says that more may be wanted than before, as a handler was registered. */
  wake(): void
  /** Resolves once nothing is due and nothing is under work in this process. Retries that lie in the future are not waited for. */
  idle(): Promise<void>
  /**
   * Takes no more work and resolves once nothing is under work. An inbox that is not durable first finishes what is due.
   * A second call returns the same promise.
   */
  stop(): Promise<void>
}

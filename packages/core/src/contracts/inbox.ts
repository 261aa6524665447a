import type { Logger } from './logger.ts'

/** An event as it is kept. Everything in it but the body survives a trip through JSON. */
export interface EventRecord {
  /** `provider:id`, made safe for any store. The one name under which the inbox knows the event. */
  readonly key: string
  readonly provider: string
  readonly id: string
  readonly type: string
  /** When the provider says that it happened, in milliseconds since 1970. */
  readonly createdAt: number
  /** When it was taken on, in milliseconds since 1970. */
  readonly receivedAt: number
  /** The bytes that were signed. To be kept exactly. */
  readonly rawBody: Uint8Array
  /** A whole number of up to 48 bits. Of a receiver's events it is the body's CRC-32: tells whether an id came back with another body. */
  readonly fingerprint: number
}

/** Why a handler, or the event as a whole (`handler` is null), failed. Survives a trip through JSON. */
export interface Failure {
  readonly handler: string | null
  readonly code: string
  readonly message: string
  readonly stack?: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** How far handling has come. Kept with the event from one attempt to the next. */
export interface Progress {
  /** Names of the handlers that succeeded. They are not run again. */
  readonly completed: readonly string[]
  /** Handlers that failed for good. They are not run again before a redrive. */
  readonly abandoned: readonly Failure[]
}

export const noProgress: Progress = { completed: [], abandoned: [] }

/**
 * `duplicate`: the id was taken on before. `conflict` is true when the body was another one then; it changes nothing but
 * what observers are told.
 */
export type PutResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'duplicate'; readonly conflict: boolean }

export interface PutOptions {
  /** How long the id is remembered, from now on. */
  rememberMs: number
}

/** The right to handle one event, until `leaseMs` after it was claimed or last renewed. */
export interface Lease {
  readonly key: string
  /** Fencing token: another one for every claim. Only the holder of the current one may act on the event. */
  readonly token: string
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly progress: Progress
}

export type ClaimResult =
  | { readonly outcome: 'claimed'; readonly lease: Lease }
  | { readonly outcome: 'duplicate'; readonly conflict: boolean }
  | { readonly outcome: 'in_progress'; readonly retryAfterMs: number }

export interface ClaimOptions extends PutOptions {
  leaseMs: number
}

/** What is told of a lease that is lost, and to whom. An `AbortSignal` is one. */
export interface LeaseSignal {
  /** Whether the lease is lost. */
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** One turn at handling an event, as handed to the `Work` of a consumer. */
export interface Attempt {
  readonly event: EventRecord
  /** 1 for the first attempt; counts failures, not interruptions and not the waits of `RetryLater`. */
  readonly attempt: number
  /** How often a turn at this event ended without a verdict, because its process died or its lease was lost. */
  readonly interruptions: number
  readonly progress: Progress
  /** Aborted when the lease is lost: another process may be handling the event by now. Left out where no lease can be lost. */
  readonly signal?: LeaseSignal | undefined
  /** Keeps progress at once, so that a crash later in this turn repeats only what was not completed. */
  checkpoint(progress: Progress): void | Promise<void>
}

/** What became of an attempt. */
export type Verdict =
  | { readonly outcome: 'done' }
  | {
      readonly outcome: 'retry'
      readonly delayMs: number
      readonly progress: Progress
      readonly failures: readonly Failure[]
      /** False where the next attempt has the same number as this one. */
      readonly countsAsAttempt: boolean
    }
  | { readonly outcome: 'dead'; readonly progress: Progress; readonly failures: readonly Failure[] }

/** Handles one event. Never rejects. */
export type Work = (attempt: Attempt) => Promise<Verdict>

export interface ConsumeOptions {
  /** Only events of this provider are handed out. */
  provider: string
  /** How many events may be under work at once. */
  concurrency: number
  logger: Logger
}

export interface Consumer {
  /** Resolves once nothing is due and nothing is under work in this process. Retries that lie in the future are not waited for. */
  idle(): Promise<void>
  /**
   * Takes no more work and resolves once nothing is under work. An inbox that is not durable first finishes what is due.
   * A second call returns the same promise.
   */
  stop(): Promise<void>
}

/**
 * `pending`: due, waiting for a free hand. `scheduled`: waiting for the time of its retry. `active`: under work.
 * `dead`: failed for good, kept until it is redriven or discarded.
 */
export type EventState = 'pending' | 'scheduled' | 'active' | 'dead'

export type Counts = Readonly<Record<EventState, number>>

/** A kept event without its body. */
export interface EventSummary extends Omit<EventRecord, 'rawBody'> {
  readonly state: EventState
  readonly attempt: number
  readonly progress: Progress
  /** Of the last attempt. */
  readonly failures: readonly Failure[]
  /** When the next attempt is due, in milliseconds since 1970; null unless scheduled. */
  readonly dueAt: number | null
}

export interface KeptEvent extends EventSummary {
  readonly rawBody: Uint8Array
}

export interface ListFilter {
  provider?: string
  state?: EventState
  type?: string
  /** Only events received at this time or later, in milliseconds since 1970. */
  receivedFrom?: number
  /** Only events received before this time. */
  receivedBefore?: number
  /** At most this many. Defaults to 50. */
  limit?: number
  /** The `cursor` of the page before. */
  cursor?: string
}

export interface EventPage {
  readonly items: readonly EventSummary[]
  /** Present while there may be more. An event that changes state between two pages may be missed or seen twice. */
  readonly cursor?: string
}

/**
 * Where events live from the moment they are acknowledged until they are handled, and where their ids are remembered
 * for longer. One inbox may serve several receivers; their events are told apart by `provider`.
 *
 * Every method may reject; the receiver answers 503 then, so a method must reject rather than pretend. All may be called
 * as soon as the inbox was constructed; an inbox that has to connect makes the caller wait, or rejects. After `close`, all
 * reject with `InboxClosedError`.
 *
 * Order of handling is not promised. Times are durations on the inbox's own clock, so that processes with different clocks
 * can share one inbox.
 */
export interface Inbox {
  /** For logs: `memory`, `sqlite`, `bullmq`. */
  readonly name: string
  /** Whether what was accepted outlives the process. */
  readonly durable: boolean

  /**
   * Takes an event on, once. In one atomic step it records the event and remembers its key, or finds the key remembered and
   * changes nothing: of any number of concurrent puts of one key, in any processes, exactly one is `accepted`. It resolves
   * only when the event is as safe as this inbox can make it.
   *
   * A key is remembered while less than `rememberMs` have passed since it was accepted; at `rememberMs` exactly it is
   * forgotten. An event that is still kept (pending, scheduled, active or dead) is a duplicate even after that. A key that is
   * only claimed, and not confirmed, is not taken on yet: `put` accepts it, and the claim is lost.
   */
  put(event: EventRecord, options: PutOptions): PutResult | Promise<PutResult>

  /**
   * Takes a lease on an event that is handled before it is acknowledged, in one atomic step. `in_progress` while another
   * lease on it runs; `duplicate` once it was confirmed, buried or put. After a release, or when the lease ran out, the
   * next claim gets it, with the progress that was kept and a new token.
   */
  claim(event: EventRecord, options: ClaimOptions): ClaimResult | Promise<ClaimResult>
  /** Starts the lease's time anew. False, with nothing changed, if the lease is lost: it ran out, or its token is no longer the current one. */
  renew(lease: Lease, leaseMs: number): boolean | Promise<boolean>
  /** The event is handled: its key is remembered for `rememberMs`. False, with nothing changed, if the lease is lost. */
  confirm(lease: Lease, event: EventRecord, options: PutOptions): boolean | Promise<boolean>
  /** Handling failed: the next claim tries again. `attemptUsed` is false after `RetryLater`. False, with nothing changed, if the lease is lost. */
  release(lease: Lease, progress: Progress, attemptUsed: boolean): boolean | Promise<boolean>
  /** Handling failed for good: the event becomes a dead letter, and its key is remembered. False, with nothing changed, if the lease is lost. */
  bury(
    lease: Lease,
    event: EventRecord,
    burial: { progress: Progress; failures: readonly Failure[] } & PutOptions,
  ): boolean | Promise<boolean>

  /**
   * Hands out events, each at least once until `work` answers `done` or `dead`. While `work` runs, no other consumer is
   * handed the event, unless this process stops renewing its lease; once another was, the verdict is ignored and the signal
   * aborted.
   */
  consume(work: Work, options: ConsumeOptions): Consumer

  counts(filter?: { provider?: string }): Counts | Promise<Counts>
  /** What is pending in the order of taking on; within the other states, and from one to the next, none is promised. */
  list(filter?: ListFilter): EventPage | Promise<EventPage>
  get(key: string): KeptEvent | undefined | Promise<KeptEvent | undefined>
  /**
   * Makes a dead letter pending again, its attempts counted from 1 and its interruptions from 0, its completed handlers not run again. Goes around
   * dedup on purpose. False if there is no dead letter of that key.
   */
  redrive(key: string): boolean | Promise<boolean>
  /** Deletes an event that is not active; its key stays remembered. False if there is none. */
  discard(key: string): boolean | Promise<boolean>
  /**
   * What in the set-up of the store may lose events, in sentences for the log at start: an eviction policy, no persistence.
   * Left out where there is nothing to find. Rejects where the store can't be asked.
   */
  findRisks?(): Promise<readonly string[]>
  /** Stops all consumers, waits for what is under work, and lets go of every resource. A second call returns the same promise. */
  close(): Promise<void>
}

import type { EventRecord } from './event-record.ts'
import type { ConsumeOptions, Consumer, Work } from './handling.ts'
import type { Notes } from './notes.ts'
import type { Failure, Progress, RedriveOptions, ReplayOptions } from './progress.ts'

/**
 * `duplicate`: the event was taken on before. `conflict` is true when the body was another one; this only changes what observers are told.
 * `in_progress`: a delivery of it is being handled before it is acknowledged; only reconciled events get this answer.
 */
export type PutResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'duplicate'; readonly conflict: boolean }
  | { readonly outcome: 'in_progress'; readonly retryAfterMs: number }

/** How an event is put. */
export interface PutOptions {
  /** How long the id is remembered, from now. */
  rememberMs: number
  /** Set where the event can't be handled as it is. It becomes a dead letter at once. */
  failure?: Failure | undefined
}

/** What is kept of an event whose handling under a lease did not finish. */
export interface Burial extends PutOptions {
  progress: Progress
  failures: readonly Failure[]
}

/** The right to handle one event, until `leaseMs` after it was claimed or last renewed. */
export interface Lease {
  readonly key: string
  /** Fencing token: a new one for every claim. Only the holder of the current token may act on the event. */
  readonly token: string
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly progress: Progress
}

/** The result of a claim. `retryAfterMs` is when the other claim ends, unless it is renewed. */
export type ClaimResult =
  | { readonly outcome: 'claimed'; readonly lease: Lease }
  | { readonly outcome: 'duplicate'; readonly conflict: boolean }
  | { readonly outcome: 'in_progress'; readonly retryAfterMs: number }

/** How an event is claimed. */
export interface ClaimOptions extends PutOptions {
  /** How long the claim lasts, in milliseconds, unless it is renewed. */
  leaseMs: number
}

/**
 * `pending`: due, waiting for its turn. `scheduled`: waiting for its retry. `active`: being handled. `parked`: waiting for a process that has a
 * handler for its type. `dead`: failed for good, kept until it is redriven or discarded. `handled`: every handler has succeeded; kept for a replay,
 * as long as its verdict said, or shorter where room is needed.
 */
export type EventState = 'pending' | 'scheduled' | 'active' | 'parked' | 'dead' | 'handled'

/** Every state that a kept event can have. */
export const eventStates: readonly EventState[] = [
  'pending',
  'scheduled',
  'active',
  'parked',
  'dead',
  'handled',
]

/** How many events are kept, by their state. */
export type Counts = Readonly<Record<EventState, number>>

/** A kept event without its body. */
export interface EventSummary extends Omit<EventRecord, 'rawBody'> {
  readonly state: EventState
  readonly attempt: number
  readonly progress: Progress
  /** Why the last attempt failed. */
  readonly failures: readonly Failure[]
  /** When the next attempt is due, in milliseconds since 1970; null unless scheduled. */
  readonly dueAt: number | null
}

export interface KeptEvent extends EventSummary {
  readonly rawBody: Uint8Array
}

/** Which of the kept events are listed. A filter that is left out matches all. */
export interface ListFilter {
  /** Only events of this receiver, by its name. */
  source?: string
  /** Only events of this tenant. */
  tenant?: string
  /** Only events in this state. */
  state?: EventState
  /** Only events of this type. */
  type?: string
  /** Only events received at this time or later, in milliseconds since 1970. */
  receivedFrom?: number
  /** Only events received before this time. */
  receivedBefore?: number
  /** Only events whose id contains this text, case included. */
  idIncludes?: string
  /** Within each state, the latest first. The latest are those taken on last, or those that came to that state last, depending on the store. Defaults to false. */
  newestFirst?: boolean
  /** At most this many. Defaults to 50. */
  limit?: number
  /** The `cursor` of the page before. */
  cursor?: string
}

/** A part of a list. */
export interface EventPage {
  /**
   * A page may have fewer events than the limit, or none, and still have a cursor. A store that blocks others while it searches looks at a bounded
   * number of events per call.
   */
  readonly items: readonly EventSummary[]
  /** Present while there may be more. Valid for the same filter. An event that changes state between two pages may be missed or seen twice. */
  readonly cursor?: string
}

/**
 * Where events are kept from the moment they are acknowledged until they are handled. Their ids are remembered for longer. One inbox may serve
 * several receivers; `source` tells their events apart.
 *
 * Every method may reject, and the receiver then answers 503. So a method that can't do its work must reject. All methods may be called as soon as
 * the inbox is constructed. An inbox that has to connect lets the caller wait, or rejects. After `close`, all reject with `InboxClosedError`.
 *
 * Times are durations on the inbox's own clock, so that processes with different clocks can share one inbox.
 *
 * The order of handling is guaranteed for events that have an order key, and for no others. Of one source and order key, one event at a time is
 * handled, over all processes. Of those that wait, the one with the earliest `createdAt` is handed out first, then the one with the lowest
 * `orderRank`, then the one that was taken on first. An event that was handed out holds its key until it is handled, dead, parked, replaced or
 * discarded. While it waits for a retry, or after its turn was interrupted, no other event of its key is handed out, and those count as pending. Then
 * the next one is due at once. This is decided in the same atomic step as the verdict. Events without an order key must not become slower by it.
 */
export interface Inbox {
  /** For logs: `memory`, `sqlite`, `bullmq`. */
  readonly name: string
  /** Whether what was accepted outlives the process. */
  readonly durable: boolean
  /**
   * Identifies the store behind this object, and is the same for every object over that store: the file; URL, prefix and queue; database and schema.
   * Two receivers of the same name on one store would take each other's events.
   */
  readonly store: string

  /**
   * Takes an event on, once. In one atomic step it stores the event and remembers its key, or finds the key remembered and changes nothing. Of any
   * number of concurrent puts of one key, in any processes, exactly one is `accepted`. It resolves only when the event is as safe as this inbox can
   * make it.
   *
   * A key is remembered while less than `rememberMs` have passed since it was accepted. At exactly `rememberMs` it is forgotten. An event that is
   * still kept, in any state, is a duplicate even after that. A key that is only claimed, and not confirmed, is not taken on yet: `put` accepts it,
   * and the claim is lost.
   *
   * A delivered and a reconciled event are the same event where they share a key or an alias. The later of the two is a duplicate, without conflict,
   * as long as the earlier is remembered or kept. Two events of the same origin are compared by their keys alone. While a lease runs on a delivery,
   * its reconciled event is `in_progress`, and nothing changes.
   */
  put(event: EventRecord, options: PutOptions): PutResult | Promise<PutResult>

  /**
   * Takes a lease, in one atomic step, on an event that is handled before it is acknowledged. Answers `in_progress` while another lease on it runs,
   * and `duplicate` once it was confirmed, buried or put. After a release, or when the lease ran out, the next claim gets it, with the progress that
   * was kept and a new token.
   */
  claim(event: EventRecord, options: ClaimOptions): ClaimResult | Promise<ClaimResult>
  /** Restarts the lease's time. False, with nothing changed, if the lease is lost: it ran out, or its token is not the current one. */
  renew(lease: Lease, leaseMs: number): boolean | Promise<boolean>
  /** The event is handled: its key is remembered for `rememberMs`. False, with nothing changed, if the lease is lost. */
  confirm(lease: Lease, event: EventRecord, options: PutOptions): boolean | Promise<boolean>
  /**
   * Handling failed, and the next claim tries again. That is attempt `lease.attempt + 1`, or the same attempt again where `attemptUsed` is false
   * (after `RetryLater`). False, with nothing changed, if the lease is lost.
   */
  release(lease: Lease, progress: Progress, attemptUsed: boolean): boolean | Promise<boolean>
  /** Handling failed for good: the event becomes a dead letter, and its key is remembered. False, with nothing changed, if the lease is lost. */
  bury(lease: Lease, event: EventRecord, burial: Burial): boolean | Promise<boolean>
  /** No handler wants the event's type: it is parked, and its key remembered. False, with nothing changed, if the lease is lost. */
  park(lease: Lease, event: EventRecord, burial: Burial): boolean | Promise<boolean>

  /**
   * Hands out events, each at least once until `work` gives a verdict that ends it. While `work` runs, no other consumer is given the event, unless
   * this process stops renewing its lease. Once another consumer has it, the verdict is void and the signal is aborted. Until then the verdict is
   * accepted, however late.
   *
   * A process is never given an event that it already holds, or one of `options.running()`. An event whose turns were interrupted twice is handed out
   * alone: while nothing else runs in this process, and nothing else is handed out until its verdict.
   */
  consume(work: Work, options: ConsumeOptions): Consumer

  /**
   * Whether an event of one of these keys or aliases was taken on, of whatever origin, and is remembered or kept. Changes nothing. Left out where an
   * inbox can't tell.
   */
  knows?(names: readonly string[]): boolean | Promise<boolean>
  /** How many events are kept, by their state. */
  counts(filter?: { source?: string; tenant?: string }): Counts | Promise<Counts>
  /**
   * Pending events are listed in the order in which they were taken on. The order within other states, and of the states, is not defined.
   *
   * @throws {ConfigurationError} for an unknown filter, or a value that can't be: it would match all events. `counts` does so too.
   */
  list(filter?: ListFilter): EventPage | Promise<EventPage>
  /** The event of this key with its body, or undefined where it is not kept. */
  get(key: string): KeptEvent | undefined | Promise<KeptEvent | undefined>
  /**
   * Makes a dead letter pending again. Attempts count from 1 and interruptions from 0. Handlers that have succeeded do not run again
   * (`redrivenProgress`) unless `again` is set. It ignores the remembered key on purpose. False if there is no dead letter of that key.
   */
  redrive(key: string, options?: RedriveOptions): boolean | Promise<boolean>
  /**
   * Makes a handled event pending again, as `replayedProgress` says. Attempts count from 1 and interruptions from 0. It ignores the remembered key on
   * purpose. False if there is no handled event of that key, or a replay of that `id` has had it before.
   */
  replay(key: string, options: ReplayOptions): boolean | Promise<boolean>
  /** Deletes an event that is not active. Its key stays remembered. False if there is none. */
  discard(key: string): boolean | Promise<boolean>
  /** Notes that processes share beside events. Left out where the inbox does not offer them. */
  readonly notes?: Notes
  /**
   * What may lose events in the configuration of the store, such as an eviction policy or missing persistence. Sentences for the log at start, and for
   * health checks where they are new. Left out where there is nothing to check. Rejects where the store can't be asked.
   */
  findRisks?(): Promise<readonly string[]>
  /** Stops all consumers, waits for running work, and releases every resource. A second call returns the same promise. */
  close(): Promise<void>
}

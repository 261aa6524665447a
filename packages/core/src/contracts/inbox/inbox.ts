import type { EventRecord } from './event-record.ts'
import type { ConsumeOptions, Consumer, Work } from './handling.ts'
import type { Notes } from './notes.ts'
import type { Failure, Progress, RedriveOptions, ReplayOptions } from './progress.ts'

/**
 * `duplicate`: the event was taken on before. `conflict` is true when it was delivered under the same key with another body; it changes
 * nothing but what observers are told. `in_progress`: it is being handled before it is acknowledged; only what was reconciled is
 * answered so.
 */
export type PutResult =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'duplicate'; readonly conflict: boolean }
  | { readonly outcome: 'in_progress'; readonly retryAfterMs: number }

/** How an event is put. */
export interface PutOptions {
  /** How long the id is remembered, from now on. */
  rememberMs: number
  /** Given where the event can't be handled as it is: it is held as a dead letter from the beginning. */
  failure?: Failure | undefined
}

/** What is kept of an event that was handled under a lease, and not to its end. */
export interface Burial extends PutOptions {
  progress: Progress
  failures: readonly Failure[]
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

/** What came of a claim. `retryAfterMs` is when the claim of another ends, unless it is renewed. */
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
 * `pending`: due, waiting for a free hand. `scheduled`: waiting for the time of its retry. `active`: under work.
 * `parked`: waiting for a process that has a handler for its type. `dead`: failed for good, kept until it is redriven or discarded.
 * `handled`: every handler has succeeded; kept for a replay, for the time that its verdict said, or for less where room is needed.
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

/** Which of the kept events are listed. What is left out does not matter. */
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
  /** Only events whose id has this text in it, letter by letter. */
  idIncludes?: string
  /** Within each state, the latest first: those taken on last, or, as the store has it, those that came to that state last. Defaults to false. */
  newestFirst?: boolean
  /** At most this many. Defaults to 50. */
  limit?: number
  /** The `cursor` of the page before. */
  cursor?: string
}

/** A part of a list. */
export interface EventPage {
  /** Fewer than the limit, none even, may come with a cursor: a store that holds others up while it searches looks at a bounded number of events in one call. */
  readonly items: readonly EventSummary[]
  /** Present while there may be more. For the same filter. An event that changes state between two pages may be missed or seen twice. */
  readonly cursor?: string
}

/**
 * Where events live from the moment they are acknowledged until they are handled, and where their ids are remembered
 * for longer. One inbox may serve several receivers; their events are told apart by `source`.
 *
 * Every method may reject; the receiver answers 503 then, so a method must reject rather than pretend. All may be called
 * as soon as the inbox was constructed; an inbox that has to connect makes the caller wait, or rejects. After `close`, all
 * reject with `InboxClosedError`.
 *
 * Times are durations on the inbox's own clock, so that processes with different clocks can share one inbox.
 *
 * Order of handling is promised for events that have an order key, and for no others. Of one source and order key, one event at a time is under work,
 * over all processes. Of those that wait, the one with the earliest `createdAt` is handed out first, then the one of the lowest `orderRank`, then the one
 * that was taken on first. An event that was handed out holds its key until it is handled, dead, parked, replaced or discarded: while it waits for a retry,
 * and after its turn was interrupted, nothing else of its key is handed out, and it counts as pending. Then the next one is due at once. What
 * decides this is one atomic step with what is decided. Others do not pay for it.
 */
export interface Inbox {
  /** For logs: `memory`, `sqlite`, `bullmq`. */
  readonly name: string
  /** Whether what was accepted outlives the process. */
  readonly durable: boolean
  /**
   * Names the store behind this object, the same for every object over it: the file; URL, prefix and queue; database and schema. Two
   * receivers of one name on one store would take each other's events.
   */
  readonly store: string

  /**
   * Takes an event on, once. In one atomic step it records the event and remembers its key, or finds the key remembered and
   * changes nothing: of any number of concurrent puts of one key, in any processes, exactly one is `accepted`. It resolves
   * only when the event is as safe as this inbox can make it.
   *
   * A key is remembered while less than `rememberMs` have passed since it was accepted; at `rememberMs` exactly it is
   * forgotten. An event that is still kept, in whatever state, is a duplicate even after that. A key that is
   * only claimed, and not confirmed, is not taken on yet: `put` accepts it, and the claim is lost.
   *
   * A delivery and what was reconciled are one event where the key or an alias of the one is the key or an alias of the other: the later
   * of the two is a duplicate, without conflict, for as long as the earlier is remembered or kept. Two events of one origin are compared
   * by their keys alone. While a lease runs on a delivery, what was reconciled of it is `in_progress`, and nothing changes.
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
  /**
   * Handling failed: the next claim tries again, as attempt `lease.attempt + 1`, or, unless `attemptUsed`, as the same one again (after
   * `RetryLater`). False, with nothing changed, if the lease is lost.
   */
  release(lease: Lease, progress: Progress, attemptUsed: boolean): boolean | Promise<boolean>
  /** Handling failed for good: the event becomes a dead letter, and its key is remembered. False, with nothing changed, if the lease is lost. */
  bury(lease: Lease, event: EventRecord, burial: Burial): boolean | Promise<boolean>
  /** No handler is for the event's type: it is parked, and its key remembered. False, with nothing changed, if the lease is lost. */
  park(lease: Lease, event: EventRecord, burial: Burial): boolean | Promise<boolean>

  /**
   * Hands out events, each at least once until `work` comes to a verdict that ends it. While `work` runs, no other consumer is
   * handed the event, unless this process stops renewing its lease. Once another was, the verdict is void and the signal aborted; until
   * then it is accepted, however late it comes.
   *
   * A process is never handed an event that it holds, nor one of `options.running()`. An event whose turns were interrupted twice is
   * handed out alone: while nothing else is under work in this process, and nothing else is handed out until its verdict.
   */
  consume(work: Work, options: ConsumeOptions): Consumer

  /**
   * Whether an event of one of these keys or aliases was taken on, whatever its origin, and is remembered or kept. Changes nothing. Left out where an
   * inbox can't tell.
   */
  knows?(names: readonly string[]): boolean | Promise<boolean>
  /** How many events are kept, by their state. */
  counts(filter?: { source?: string; tenant?: string }): Counts | Promise<Counts>
  /** What is pending in the order of taking on; within the other states, and from one to the next, none is promised. */
  list(filter?: ListFilter): EventPage | Promise<EventPage>
  /** The event of this key with its body, or undefined where it is not kept. */
  get(key: string): KeptEvent | undefined | Promise<KeptEvent | undefined>
  /**
   * Makes a dead letter pending again, its attempts counted from 1 and its interruptions from 0, its completed handlers not run again
   * (`redrivenProgress`), unless all shall run `again`. Goes around dedup on purpose. False if there is no dead letter of that key.
   */
  redrive(key: string, options?: RedriveOptions): boolean | Promise<boolean>
  /**
   * Makes a handled event pending again, its attempts counted from 1 and its interruptions from 0, as `replayedProgress` says. Goes around dedup on
   * purpose. False if there is no handled event of that key, or a replay of that `id` has had it before.
   */
  replay(key: string, options: ReplayOptions): boolean | Promise<boolean>
  /** Deletes an event that is not active; its key stays remembered. False if there is none. */
  discard(key: string): boolean | Promise<boolean>
  /** What its processes tell each other beside events. Left out where the inbox does not offer it. */
  readonly notes?: Notes
  /**
   * What in the set-up of the store may lose events, in sentences for the log at start: an eviction policy, no persistence.
   * Left out where there is nothing to find. Rejects where the store can't be asked.
   */
  findRisks?(): Promise<readonly string[]>
  /** Stops all consumers, waits for what is under work, and lets go of every resource. A second call returns the same promise. */
  close(): Promise<void>
}

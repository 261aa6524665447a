import type { EventRecord } from '../contracts/inbox/event-record.ts'
import type { Legacy, ParkingLimits, ParkingReport, Verdict, Wanted } from '../contracts/inbox/handling.ts'
import type { NewestHandled } from '../contracts/inbox/order.ts'
import type { Progress } from '../contracts/inbox/progress.ts'

/** An event that a consumer has taken, as it was when it was taken. */
export interface TakenEvent {
  readonly event: EventRecord
  /** Fencing token. While it is in the store, no one else was given the event. */
  readonly token: string
  readonly attempt: number
  /** As in the store, plus one where it was taken from a holder whose lease had run out. That is when an interruption is counted. */
  readonly interruptions: number
  /** Counted in the same way, where that holder handled it alone. */
  readonly interruptedAlone: number
  /** Whether it was taken from a holder whose lease had run out. */
  readonly wasInterrupted: boolean
  readonly progress: Progress
  /** What was left to it by its order key, as for `Attempt.newest`. */
  readonly newest?: NewestHandled | undefined
  /** The store's time when it was taken, where a taking has several steps. `Taking.now`, unless told. */
  readonly now?: number
}

/** What a consumer asks for. */
export interface TakeRequest {
  readonly source: string
  /** At most this many. 0 takes nothing. */
  readonly limit: number
  /**
   * False: only events with fewer than `interruptionsUntilAlone` interruptions, where a lease that has run out counts as one. True: one event that
   * has as many or more. The store marks it as alone while its lease lasts. If that lease runs out, it counts as `interruptedAlone`.
   */
  readonly alone: boolean
  readonly leaseMs: number
  readonly wanted: Wanted
  readonly parking: ParkingLimits
  /** Keys of events that this process is handling. They must not be taken, whatever their leases. */
  readonly running: ReadonlySet<string>
}

/** The result of a taking. */
export interface Taking {
  /** Oldest first. Sort them, where the store's update answers rows in an order of its own. */
  readonly events: readonly TakenEvent[]
  /** The store's time, as for `Attempt.now`. */
  readonly now: number
  /**
   * Milliseconds until the next event of the source is due; a lease that runs out counts. 0 where more is due already; undefined where nothing waits
   * for a time. Leave out events that have to run alone, and those in `running`. The consumer can't be given them, and would ask again and again.
   */
  readonly nextDueMs: number | undefined
  /** Whether an event is due that has to run alone, and is not in `running`. */
  readonly aloneIsDue: boolean
  readonly reports: readonly ParkingReport[]
}

/** The number of interruptions that makes an event a suspect. */
export const interruptionsUntilAlone = 2

/**
 * What `PollingConsumer` needs of a store. Each method is one atomic step, which the store may batch with others. A method rejects where the store
 * can't be reached, and the consumer tries again.
 */
export interface EventStore {
  /**
   * Whether a taking that is asked for right after a verdict comes after it, and so has what is next in the line of the order key. Defaults to false:
   * then that is asked for once more, when the verdict is stored.
   */
  readonly takesAfterVerdicts?: boolean
  /**
   * Takes due events of a source under a lease, oldest first: pending ones, those whose retry is due, those whose lease ran out, and parked ones of
   * wanted types. Parks or drops events that are due and not wanted, as the request says.
   *
   * Of each order key it takes at most one event, in the order that `Inbox` guarantees, and none while another event holds the key. It never parks or
   * drops them.
   *
   * @param ask what can be taken now. May be called more than once. The last answer, at the moment of taking, counts.
   */
  take(ask: () => TakeRequest): Promise<Taking>
  /** Renews leases. Answers for each event whether its token is still the current one. It is, even if the lease has run out, until another takes the event. */
  renew(events: readonly TakenEvent[], leaseMs: number): Promise<readonly boolean[]>
  /** Stores progress, and what is left to later events of the order key. False, with nothing changed, if another holds the event. */
  checkpoint(event: TakenEvent, progress: Progress, legacy?: Legacy): Promise<boolean>
  /**
   * Carries out a verdict in one step, for `replace` both halves. A verdict sets the count of interruptions to 0, except for a retry with
   * `keepInterruptions`: then the counts stay as they were when the event was taken. False, with nothing changed, if another holds the event. Where
   * this verdict can't be stored, but others of the same batch can, it fails alone.
   */
  conclude(event: TakenEvent, verdict: Verdict): Promise<boolean>
}

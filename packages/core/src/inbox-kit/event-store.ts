import type { EventRecord } from '../contracts/inbox/event-record.ts'
import type { Legacy, ParkingLimits, ParkingReport, Verdict, Wanted } from '../contracts/inbox/handling.ts'
import type { NewestHandled } from '../contracts/inbox/order.ts'
import type { Progress } from '../contracts/inbox/progress.ts'

/** An event that a consumer has taken, as it stood then. */
export interface TakenEvent {
  readonly event: EventRecord
  /** Fencing token. While it stands in the store, nobody else was handed the event. */
  readonly token: string
  readonly attempt: number
  /** As in the store, and one more where it was taken from a holder whose lease had run out: that is when an interruption is counted. */
  readonly interruptions: number
  /** Counted in the same way, where that holder ran it alone. */
  readonly interruptedAlone: number
  /** Whether it was taken from a holder whose lease had run out. */
  readonly wasInterrupted: boolean
  readonly progress: Progress
  /** Of its order key, as for `Attempt.newest`. */
  readonly newest?: NewestHandled | undefined
}

/** What a consumer would take. */
export interface TakeRequest {
  readonly source: string
  /** At most so many; nothing where it is 0. */
  readonly limit: number
  /**
   * False: only events with fewer than `interruptionsUntilAlone` interruptions, a lease that has run out counted in. True: one event,
   * which has as many or more. It is marked in the store as alone while its lease lasts, and a lease that runs out meanwhile counts
   * into `interruptedAlone`.
   */
  readonly alone: boolean
  readonly leaseMs: number
  readonly wanted: Wanted
  readonly parking: ParkingLimits
  /** Keys of events that are not to be taken, whatever their leases: they are under work in this process. */
  readonly running: ReadonlySet<string>
}

/** What was taken. */
export interface Taking {
  /** Oldest first. A store whose update answers rows in an order of its own has to sort them. */
  readonly events: readonly TakenEvent[]
  /** The store's time, as for `Attempt.now`. */
  readonly now: number
  /**
   * In how many milliseconds the next event of the source is due, whose leases run out included. 0 where more is due already; undefined
   * where nothing waits for a time. Events that have to be run alone don't count, nor those of `running`: nobody else may be given them, and
   * to be told of them only makes the consumer ask again and again.
   */
  readonly nextDueMs: number | undefined
  /** Whether an event is due that has to be run alone, and is not one of `running`. */
  readonly aloneIsDue: boolean
  readonly reports: readonly ParkingReport[]
}

/** So many interruptions make an event suspect of causing them. */
export const interruptionsUntilAlone = 2

/**
 * What `PollingConsumer` asks of a store. Each method is one atomic step, and may be batched with others by the store. They reject where
 * the store can't be asked; the consumer tries again.
 */
export interface EventStore {
  /**
   * Takes due events of a source under a lease, oldest first: pending ones, those whose retry is due, those whose lease ran out, and
   * parked ones of wanted types. Parks or drops what is due and not wanted, as the request says.
   *
   * Of each order key it takes one at the most, in the order that `Inbox` promises, and none while another holds the key; it neither parks nor drops any.
   *
   * @param ask what is free by now. May be called more than once; what it answers last, in the moment of taking, counts.
   */
  take(ask: () => TakeRequest): Promise<Taking>
  /** Starts leases anew. For each event whether it is still held by its token: a lease that has run out, but was not taken, is. */
  renew(events: readonly TakenEvent[], leaseMs: number): Promise<readonly boolean[]>
  /** Keeps progress, and what is left to later events of the order key. False, with nothing changed, if another holds the event. */
  checkpoint(event: TakenEvent, progress: Progress, legacy?: Legacy): Promise<boolean>
  /**
   * Does what the verdict says, in one step: of `replace`, both halves. A verdict ends the count of interruptions, but for a retry that says
   * `keepInterruptions`: the counts of the event then stay as it was taken. False, with nothing changed, if another holds the event. Where this verdict can't be stored, and others
   * that are told in the same batch can, it fails alone.
   */
  conclude(event: TakenEvent, verdict: Verdict): Promise<boolean>
}

import {
  type Attempt,
  type Clock,
  type ConsumeOptions,
  noProgress,
  type Verdict,
  type Work,
} from '@hookport/core'
import {
  type EventStore,
  PollingConsumer,
  type TakenEvent,
  type TakeRequest,
  type Taking,
} from '@hookport/core/inbox-kit'
import { manualClock } from '@hookport/core/testing'
import { type Deferred, deferred } from '@hookport/testkit/deferred'
import { consumingAll } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'

export const leaseMs = 30_000
export const pollMs = 1_000

/** What the store answers to one taking. What is left out is empty. */
export interface Answer extends Partial<Omit<Taking, 'events' | 'now'>> {
  /** Ids of the events that are taken. */
  readonly ids?: readonly string[]
  /** Of these events. */
  readonly orderKey?: string
  /** It asks what can be taken only then. */
  readonly asksAfter?: Promise<unknown>
  /** How often it asks what can be taken. */
  readonly asks?: number
  /** It answers only then. */
  readonly answersAfter?: Promise<unknown>
}

/** A taking, as the store was asked for it. */
interface AskedFor {
  readonly at: number
  readonly limit: number
  readonly alone: boolean
}

/** A store that answers what the test says, whatever it was told, and records what it is asked. */
export class AskedStore implements EventStore {
  takesAfterVerdicts = false
  readonly takings: AskedFor[] = []
  /** Ids of the events of each renewal. */
  readonly renewals: (readonly string[])[] = []
  readonly verdicts: string[] = []
  readonly #answers: Answer[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** What the next takings are answered. Those after them are answered that nothing is due. */
  willAnswer(...answers: readonly Answer[]): void {
    this.#answers.push(...answers)
  }

  async take(ask: () => TakeRequest): Promise<Taking> {
    const { asksAfter, asks = 1, answersAfter, ids = [], orderKey, ...rest } = this.#answers.shift() ?? {}
    if (asksAfter) await asksAfter
    let request = ask()
    for (let again = 1; again < asks; again++) request = ask()
    const { source, limit, alone } = request
    this.takings.push({ at: this.#now(), limit, alone })
    await answersAfter
    const events = ids.map((id) => takenEvent(source, id, orderKey))
    return { events, now: this.#now(), nextDueMs: undefined, aloneIsDue: false, reports: [], ...rest }
  }

  async renew(events: readonly TakenEvent[]): Promise<readonly boolean[]> {
    this.renewals.push(events.map(({ event }) => event.id))
    return events.map(() => true)
  }

  async checkpoint(): Promise<boolean> {
    return true
  }

  async conclude({ event }: TakenEvent, { outcome }: Verdict): Promise<boolean> {
    this.verdicts.push(`${event.id} ${outcome}`)
    return true
  }
}

function takenEvent(source: string, id: string, orderKey: string | undefined): TakenEvent {
  return {
    event: eventRecord({ source, id, ...(orderKey && { orderKey }) }),
    token: id,
    attempt: 1,
    interruptions: 0,
    interruptedAlone: 0,
    wasInterrupted: false,
    progress: noProgress,
  }
}

const start = 1_000_000

/** Such stores, and consumers of one process, each over a store of its own. What their handlers do ends when the test says so. */
export function askedBench() {
  const clock = manualClock(start)
  const beganAt = clock.elapsed()
  const timers: { readonly delayMs: number; readonly isInBackground: boolean }[] = []
  const recorded: Required<Clock> = {
    now: clock.now,
    elapsed: clock.elapsed,
    after(delayMs, callback, options) {
      timers.push({ delayMs, isInBackground: options?.background === true })
      return clock.after(delayMs, callback)
    },
  }
  const log = recordedLogger()
  const gates = new Map<string, Deferred<Verdict>>()
  const signals = new Map<string, { readonly aborted: boolean } | undefined>()
  const checkpoints = new Map<string, Attempt['checkpoint']>()
  const work: Work = ({ event, signal, checkpoint }) => {
    const gate = deferred<Verdict>()
    gates.set(event.id, gate)
    signals.set(event.id, signal)
    checkpoints.set(event.id, checkpoint)
    return gate.promise
  }
  let stops = 0
  return {
    clock,
    /** Every timer that a consumer has set. */
    timers,
    store: () => new AskedStore(clock.elapsed),
    log,
    signals,
    /** Ids of the events whose handlers have begun. */
    begun: () => [...gates.keys()],
    end: (id: string, verdict: Verdict) => gates.get(id)?.resolve(verdict),
    checkpoint: (id: string) => checkpoints.get(id)?.(noProgress),
    stops: () => stops,
    consume: (
      store: EventStore,
      options: Partial<ConsumeOptions> = {},
      ofPolling: { pollMs?: number } = {},
    ) =>
      new PollingConsumer(work, { ...consumingAll, concurrency: 4, logger: log.logger, ...options }, store, {
        clock: recorded,
        leaseMs,
        pollMs,
        onStopped: () => {
          stops += 1
        },
        ...ofPolling,
      }),
    /** The takings of a store until now: when, how many events at most, and whether of one that runs alone. */
    takings: ({ takings }: AskedStore) =>
      takings.map(({ at, limit, alone }) => `${at - beganAt}: ${limit}${alone ? ' alone' : ''}`),
    /** Lets what needs no time come to rest. */
    rest: () => clock.advance(0),
  }
}

/** Whether a promise has resolved. */
export function watched(promise: Promise<unknown>): { isOver: boolean } {
  const state = { isOver: false }
  void promise.then(() => {
    state.isOver = true
  })
  return state
}

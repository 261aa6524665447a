import { getOrMake } from '../../collections/get-or-make.ts'
import { ShortLivedMap } from '../../collections/short-lived.ts'
import type { EventOrigin, EventRecord } from '../../contracts/inbox/event-record.ts'
import {
  type Counts,
  type EventPage,
  type EventState,
  type EventSummary,
  eventStates,
  type KeptEvent,
  type ListFilter,
} from '../../contracts/inbox/inbox.ts'
import { type Failure, noProgress, type Progress } from '../../contracts/inbox/progress.ts'

/** An event and the state of its handling. */
export interface Kept {
  /** Grows with every event. It is the order of taking on, and the cursor of a listing. */
  readonly sequence: number
  readonly event: EventRecord
  state: EventState
  attempt: number
  progress: Progress
  failures: readonly Failure[]
  /** On the inbox's time; null unless scheduled. */
  dueAt: number | null
  cancelRetry: () => void
  /** The consumer that handles it. */
  taker: object | undefined
  /** When its turn was last active, on the inbox's time. */
  turnAt: number
  /** How many of its turns ended without a verdict since the last verdict. */
  interruptions: number
  /** Its place in the line of its order key. `begun`: it is in front, and was handed out. Undefined where it is in no line. */
  place: 'behind' | 'front' | 'begun' | undefined
}

/** Some events in an order. */
interface Walk {
  readonly first?: Kept
  readonly rest: Iterator<Kept, undefined>
}

const noFailures: readonly Failure[] = []
const nobody: readonly Kept[] = []
const noRetry = () => {}

/** The events that are kept, in any state. */
export class KeptEvents {
  readonly #byKey = new ShortLivedMap<string, Kept>()
  /** By each of their aliases. */
  readonly #byAlias = new ShortLivedMap<string, Set<Kept>>()
  #bytes = 0
  #lastSequence = 0
  /** Where the last page of a list ended. */
  #paused: (Walk & { readonly table: object }) | undefined

  /** The bytes of all bodies together. */
  get bytes(): number {
    return this.#bytes
  }

  /** Oldest first. */
  get all(): Iterable<Kept> {
    return this.#byKey.values()
  }

  find(key: string): Kept | undefined {
    return this.#byKey.get(key)
  }

  add(
    event: EventRecord,
    {
      state = 'pending',
      attempt = 1,
      progress = noProgress,
      failures = noFailures,
    }: Partial<Pick<Kept, 'state' | 'attempt' | 'progress' | 'failures'>>,
  ): Kept {
    const kept: Kept = {
      sequence: ++this.#lastSequence,
      event,
      state,
      attempt,
      progress,
      failures,
      dueAt: null,
      cancelRetry: noRetry,
      taker: undefined,
      turnAt: 0,
      interruptions: 0,
      place: undefined,
    }
    this.#byKey.set(event.key, kept)
    for (const alias of event.aliases ?? []) getOrMake(this.#byAlias, alias, () => new Set()).add(kept)
    this.#bytes += event.rawBody.length
    return kept
  }

  remove(kept: Kept): void {
    kept.cancelRetry()
    this.#byKey.delete(kept.event.key)
    if (this.#paused?.table !== this.#byKey.table) this.#paused = undefined // it would hold all that the old table held
    for (const alias of kept.event.aliases ?? []) this.#forgetAlias(alias, kept)
    this.#bytes -= kept.event.rawBody.length
  }

  /** Whether an event of that origin is kept under a name. */
  hasNamed(name: string, origin: EventOrigin): boolean {
    if (this.#byKey.get(name)?.event.origin === origin) return true
    for (const { event } of this.#byAlias.get(name) ?? nobody) if (event.origin === origin) return true
    return false
  }

  #forgetAlias(alias: string, kept: Kept): void {
    const aliased = this.#byAlias.get(alias)
    aliased?.delete(kept)
    if (aliased?.size === 0) this.#byAlias.delete(alias)
  }

  count({ source, tenant }: Pick<ListFilter, 'source' | 'tenant'>): Counts {
    const counts = Object.fromEntries(eventStates.map((state) => [state, 0])) as Record<EventState, number>
    const isOfAll = source === undefined && tenant === undefined
    for (const kept of this.#byKey.values())
      if (isOfAll || matches(kept, { source, tenant })) counts[kept.state] += 1
    return counts
  }

  /** @param aheadMs how far the time of day is ahead of the inbox's time. */
  list(filter: ListFilter, aheadMs: number): EventPage {
    const { limit: pageSize = 50, newestFirst = false } = filter
    let last = Number(filter.cursor ?? (newestFirst ? Number.POSITIVE_INFINITY : 0))
    const items: EventSummary[] = []
    const { first, rest } = this.#walk(last, newestFirst)
    for (let kept = first ?? rest.next().value; kept !== undefined; kept = rest.next().value) {
      if ((newestFirst ? kept.sequence >= last : kept.sequence <= last) || !matches(kept, filter)) continue
      if (items.length === pageSize)
        return { items, cursor: newestFirst ? String(last) : this.#pauseAt(kept, rest) }
      items.push(summarize(kept, aheadMs))
      last = kept.sequence
    }
    return { items }
  }

  /** Answers a cursor that leads to this event. */
  #pauseAt(first: Kept, rest: Walk['rest']): string {
    this.#paused = { first, rest, table: this.#byKey.table }
    return String(first.sequence - 1)
  }

  /** Oldest first, it goes on where the page before has ended. From the beginning, each page would pass all that was on those before. */
  #walk(last: number, newestFirst: boolean): Walk {
    if (newestFirst) return { rest: [...this.#byKey.values()].reverse().values() }
    const paused = this.#paused
    this.#paused = undefined
    if (paused?.first?.sequence !== last + 1 || paused.table !== this.#byKey.table)
      return { rest: this.#byKey.values() }
    return this.find(paused.first.event.key) === paused.first ? paused : { rest: paused.rest }
  }

  describe(key: string, aheadMs: number): KeptEvent | undefined {
    const kept = this.#byKey.get(key)
    return kept && { ...summarize(kept, aheadMs), rawBody: kept.event.rawBody }
  }
}

function matches(
  { event, state }: Kept,
  filter: { [Name in keyof ListFilter]: ListFilter[Name] | undefined },
): boolean {
  return (
    (filter.source === undefined || event.source === filter.source) &&
    (filter.tenant === undefined || event.tenant === filter.tenant) &&
    (filter.state === undefined || state === filter.state) &&
    (filter.type === undefined || event.type === filter.type) &&
    (filter.receivedFrom === undefined || event.receivedAt >= filter.receivedFrom) &&
    (filter.receivedBefore === undefined || event.receivedAt < filter.receivedBefore) &&
    (filter.idIncludes === undefined || event.id.includes(filter.idIncludes))
  )
}

function summarize(
  { event, state, attempt, progress, failures, dueAt }: Kept,
  aheadMs: number,
): EventSummary {
  const { rawBody: _, ...described } = event
  return { ...described, state, attempt, progress, failures, dueAt: dueAt === null ? null : dueAt + aheadMs }
}

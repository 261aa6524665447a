import type {
  Counts,
  EventPage,
  EventRecord,
  EventState,
  EventSummary,
  Failure,
  KeptEvent,
  ListFilter,
  Progress,
} from '../contracts/inbox.ts'
import { noProgress } from '../contracts/inbox.ts'
import { ShortLivedMap } from './short-lived-map.ts'

/** An event and where its handling stands. */
export interface Kept {
  /** Grows with every event: the order of taking on, and the cursor of a listing. */
  readonly sequence: number
  readonly event: EventRecord
  state: EventState
  attempt: number
  progress: Progress
  failures: readonly Failure[]
  dueAt: number | null
  cancelRetry: () => void
}

const noFailures: readonly Failure[] = []
const noRetry = () => {}

/** The events that are not handled yet, and the dead letters. */
export class KeptEvents {
  readonly #byKey = new ShortLivedMap<string, Kept>()
  #bytes = 0
  #lastSequence = 0

  /** Bytes of all bodies together. */
  get bytes(): number {
    return this.#bytes
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
    }
    this.#byKey.set(event.key, kept)
    this.#bytes += event.rawBody.length
    return kept
  }

  remove(kept: Kept): void {
    kept.cancelRetry()
    this.#byKey.delete(kept.event.key)
    this.#bytes -= kept.event.rawBody.length
  }

  cancelRetries(): void {
    for (const kept of this.#byKey.values()) kept.cancelRetry()
  }

  count(provider: string | undefined): Counts {
    const counts = { pending: 0, scheduled: 0, active: 0, dead: 0 }
    for (const kept of this.#byKey.values()) {
      if (provider === undefined || kept.event.provider === provider) counts[kept.state] += 1
    }
    return counts
  }

  list(filter: ListFilter): EventPage {
    const pageSize = filter.limit ?? 50
    let last = Number(filter.cursor ?? 0)
    const items: EventSummary[] = []
    for (const kept of this.#byKey.values()) {
      if (kept.sequence <= last || !matches(kept, filter)) continue
      if (items.length === pageSize) return { items, cursor: String(last) }
      items.push(summarize(kept))
      last = kept.sequence
    }
    return { items }
  }

  describe(key: string): KeptEvent | undefined {
    const kept = this.#byKey.get(key)
    return kept && { ...summarize(kept), rawBody: kept.event.rawBody }
  }
}

function matches({ event, state }: Kept, filter: ListFilter): boolean {
  return (
    (filter.provider === undefined || event.provider === filter.provider) &&
    (filter.state === undefined || state === filter.state) &&
    (filter.type === undefined || event.type === filter.type) &&
    (filter.receivedFrom === undefined || event.receivedAt >= filter.receivedFrom) &&
    (filter.receivedBefore === undefined || event.receivedAt < filter.receivedBefore)
  )
}

function summarize({ event, state, attempt, progress, failures, dueAt }: Kept): EventSummary {
  const { rawBody: _, ...described } = event
  return { ...described, state, attempt, progress, failures, dueAt }
}

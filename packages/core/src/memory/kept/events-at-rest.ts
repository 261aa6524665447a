import { getOrMake } from '../../collections/get-or-make.ts'
import type { Kept } from './kept-events.ts'

/** Removes an event, from here too. */
type Drop = (kept: Kept) => void

/**
 * Events of one state that are kept for a time, in the order in which they came to that state.
 *
 * What is over is dropped in one walk: a map or a set that is begun anew passes all that was deleted at its beginning, each time.
 */
export class Shelf {
  readonly #since = new Map<Kept, number>()
  /** The bytes of all bodies together. */
  #bytes = 0

  add(kept: Kept, now: number): void {
    this.#since.set(kept, now)
    this.#bytes += kept.event.rawBody.length
  }

  /** False where the event is not here. */
  remove(kept: Kept): boolean {
    if (!this.#since.delete(kept)) return false
    this.#bytes -= kept.event.rawBody.length
    return true
  }

  get all(): Iterable<Kept> {
    return this.#since.keys()
  }

  /** Drops what came here at `since` or before, and the oldest as long as all have more than `maxBytes`. */
  dropSurplus(since: number, maxBytes: number, drop: Drop): void {
    if (this.#since.size === 0) return
    for (const [kept, at] of this.#since) {
      if (at > since && this.#bytes <= maxBytes) return
      drop(kept)
    }
  }
}

/** Events that wait for a consumer that has a handler for their type. They are parked, or their next attempt is not due yet. */
export class ParkedEvents {
  readonly #parked = new Map<string, Shelf>()
  readonly #scheduled = new Map<string, Set<Kept>>()
  #size = 0
  #bytes = 0

  /** How many are parked. */
  get size(): number {
    return this.#size
  }

  /** The bytes of all parked bodies. */
  get bytes(): number {
    return this.#bytes
  }

  /** Parks an event. */
  add(kept: Kept, now: number): void {
    this.#parkedOf(kept).add(kept, now)
    this.#size += 1
    this.#bytes += kept.event.rawBody.length
  }

  /** Adds an event whose next attempt is scheduled elsewhere. */
  addScheduled(kept: Kept): void {
    this.#scheduledOf(kept).add(kept)
  }

  /** Does nothing where the event does not wait here. */
  remove(kept: Kept): void {
    this.#scheduledOf(kept).delete(kept)
    if (!this.#parkedOf(kept).remove(kept)) return
    this.#size -= 1
    this.#bytes -= kept.event.rawBody.length
  }

  /** Removes those of wanted types, oldest first. */
  take(source: string, types: ReadonlySet<string> | 'all'): Kept[] {
    const waiting = [...(this.#parked.get(source)?.all ?? []), ...(this.#scheduled.get(source) ?? [])]
    const wanted = waiting.filter(({ event }) => types === 'all' || event.unreadable || types.has(event.type))
    for (const kept of wanted) this.remove(kept)
    return wanted.sort((one, other) => one.sequence - other.sequence)
  }

  /** Drops what was parked at `since` or before, and the oldest as long as all of their source have more than `maxBytes`. */
  dropSurplus(source: string, since: number, maxBytes: number, drop: Drop): void {
    this.#parked.get(source)?.dropSurplus(since, maxBytes, drop)
  }

  #parkedOf({ event }: Kept): Shelf {
    return getOrMake(this.#parked, event.source, () => new Shelf())
  }

  #scheduledOf({ event }: Kept): Set<Kept> {
    return getOrMake(this.#scheduled, event.source, () => new Set())
  }
}

/** Events that were handled and are kept for a replay. */
export class HandledEvents {
  /** In the order in which they were handled. */
  readonly #all = new Set<Kept>()
  /** Until when each is kept. By source, as each has its own time: one that is kept for longer would hold up those of others. */
  readonly #until = new Map<string, Map<Kept, number>>()

  add(kept: Kept, until: number): void {
    this.#all.add(kept)
    getOrMake(this.#until, kept.event.source, () => new Map()).set(kept, until)
  }

  /** Does nothing where the event is not here. */
  remove(kept: Kept): void {
    this.#all.delete(kept)
    this.#until.get(kept.event.source)?.delete(kept)
  }

  /** Drops what was handled first, as long as there is too much. */
  dropOldest(isTooMuch: () => boolean, drop: Drop): void {
    for (const kept of this.#all) {
      if (!isTooMuch()) return
      drop(kept)
    }
  }

  /** Drops what has ended by `now`. */
  dropEnded(now: number, drop: Drop): void {
    for (const ofSource of this.#until.values())
      for (const [kept, until] of ofSource) {
        if (until > now) break
        drop(kept)
      }
  }
}

import { getOrMake } from '../../collections/get-or-make.ts'
import type { Kept } from './kept-events.ts'
import { Shelf } from './shelf.ts'

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

  /** The event that was parked first, if that was at `since` or before, or if all of its source have more than `maxBytes`. */
  surplus(source: string, since: number, maxBytes: number): Kept | undefined {
    return this.#parked.get(source)?.surplus(since, maxBytes)
  }

  #parkedOf({ event }: Kept): Shelf {
    return getOrMake(this.#parked, event.source, () => new Shelf())
  }

  #scheduledOf({ event }: Kept): Set<Kept> {
    return getOrMake(this.#scheduled, event.source, () => new Set())
  }
}

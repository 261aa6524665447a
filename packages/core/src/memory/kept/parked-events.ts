import { getOrMake } from '../collections/get-or-make.ts'
import type { Kept } from './kept-events.ts'
import { Shelf } from './shelf.ts'

/** Events that wait for a consumer that has a handler for their type: those that are parked, and those whose next attempt is not due yet. */
export class ParkedEvents {
  readonly #parked = new Map<string, Shelf>()
  readonly #scheduled = new Map<string, Set<Kept>>()
  #size = 0
  #bytes = 0

  /** How many are parked. */
  get size(): number {
    return this.#size
  }

  /** How many bytes all parked bodies have. */
  get bytes(): number {
    return this.#bytes
  }

  /** Parks one. */
  add(kept: Kept, now: number): void {
    this.#parkedOf(kept).add(kept, now)
    this.#size += 1
    this.#bytes += kept.event.rawBody.length
  }

  /** One whose next attempt is planned by whoever has it in charge. */
  addScheduled(kept: Kept): void {
    this.#scheduledOf(kept).add(kept)
  }

  /** Does nothing where it does not wait. */
  remove(kept: Kept): void {
    this.#scheduledOf(kept).delete(kept)
    if (!this.#parkedOf(kept).remove(kept)) return
    this.#size -= 1
    this.#bytes -= kept.event.rawBody.length
  }

  /** Takes out those of wanted types, oldest first. */
  take(source: string, types: ReadonlySet<string> | 'all'): Kept[] {
    const waiting = [...(this.#parked.get(source)?.all ?? []), ...(this.#scheduled.get(source) ?? [])]
    const wanted = waiting.filter(({ event }) => types === 'all' || event.unreadable || types.has(event.type))
    for (const kept of wanted) this.remove(kept)
    return wanted.sort((one, other) => one.sequence - other.sequence)
  }

  /** The oldest that is parked, if it has been so since `since` or longer, or while all of its source take up more than `maxBytes`. */
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

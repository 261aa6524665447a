import type { Kept } from './kept-events.ts'

/** Events of one state that are kept for a time, in the order in which they came to that state. */
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

  /** The oldest event, if it came here at `since` or before, or if all have more than `maxBytes`. */
  surplus(since: number, maxBytes: number): Kept | undefined {
    if (this.#since.size === 0) return undefined
    const [oldest] = this.#since
    return oldest && (oldest[1] <= since || this.#bytes > maxBytes) ? oldest[0] : undefined
  }
}

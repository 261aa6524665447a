import type { Kept } from './kept-events.ts'

/** Events of one state that are kept for a time, in the order in which they came to it. */
export class Shelf {
  readonly #since = new Map<Kept, number>()
  /** How many bytes all bodies together have. */
  #bytes = 0

  add(kept: Kept, now: number): void {
    this.#since.set(kept, now)
    this.#bytes += kept.event.rawBody.length
  }

  /** False where it is not here. */
  remove(kept: Kept): boolean {
    if (!this.#since.delete(kept)) return false
    this.#bytes -= kept.event.rawBody.length
    return true
  }

  get all(): Iterable<Kept> {
    return this.#since.keys()
  }

  /** The oldest, if it has been here since `since` or longer, or while all take up more than `maxBytes`. */
  surplus(since: number, maxBytes: number): Kept | undefined {
    if (this.#since.size === 0) return undefined
    const [oldest] = this.#since
    return oldest && (oldest[1] <= since || this.#bytes > maxBytes) ? oldest[0] : undefined
  }
}

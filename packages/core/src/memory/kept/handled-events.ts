import type { Kept } from './kept-events.ts'

/** Events that were handled and are kept for a replay. */
export class HandledEvents {
  /** Until when each is kept. In the order in which they were handled, which is roughly the order in which their times end. */
  readonly #until = new Map<Kept, number>()

  add(kept: Kept, until: number): void {
    this.#until.set(kept, until)
  }

  /** Does nothing where the event is not here. */
  remove(kept: Kept): void {
    this.#until.delete(kept)
  }

  /** The event that was handled first, if its time has ended by `now`. */
  oldest(now: number): Kept | undefined {
    if (this.#until.size === 0) return undefined
    const [oldest] = this.#until
    return oldest && oldest[1] <= now ? oldest[0] : undefined
  }
}

import { getOrMake } from '../../collections/get-or-make.ts'
import type { Kept } from './kept-events.ts'

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

  /** The event that was handled first. */
  get oldest(): Kept | undefined {
    const [oldest] = this.#all
    return oldest
  }

  /** An event whose time has ended by `now`. */
  ended(now: number): Kept | undefined {
    for (const ofSource of this.#until.values()) {
      const [oldest] = ofSource
      if (oldest && oldest[1] <= now) return oldest[0]
    }
    return undefined
  }
}

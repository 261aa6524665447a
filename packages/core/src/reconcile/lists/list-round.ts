import type { Place } from './place.ts'
import { overlapMs, type UnfinishedReading } from './read-list.ts'

type Kept = Pick<Place, 'floors' | 'found' | 'unfinished'>

/** A list, and where its reading begins. */
interface Turn {
  readonly list: string
  readonly start: number | UnfinishedReading
}

/** The order in which a pass reads its lists, and how far it gets. It begins with the list at which the last pass ran out of time. */
export class ListRound {
  readonly #kept: Kept
  readonly #oldest: number
  readonly #latest: number
  readonly #floors: Record<string, number> = {}
  readonly #found: Record<string, number> = {}
  #unfinished: Kept['unfinished']

  /**
   * @param oldest the earliest time that a floor may have.
   * @param beganAt when the pass began. A floor ahead of it, found by a thing whose time is in the future, would hide all that comes until then.
   */
  constructor(kept: Kept, oldest: number, beganAt = Number.POSITIVE_INFINITY) {
    this.#kept = kept
    this.#oldest = oldest
    this.#latest = Math.max(oldest, beganAt - overlapMs)
  }

  /**
   * A list that was half read is first read to its end. It is read once more at the end of the round, from its newest page: items that were added
   * meanwhile are before the place at which the reading continued.
   */
  *turns(lists: readonly string[]): Generator<Turn, void, undefined> {
    const { unfinished } = this.#kept
    for (const list of lists) this.#begin(list)
    const at = Math.max(0, unfinished ? lists.indexOf(unfinished.list) : 0)
    const inOrder = [...lists.slice(at), ...lists.slice(0, at)]
    const [first] = inOrder
    const isHalfRead = first !== undefined && first === unfinished?.list && unfinished.reading !== undefined
    for (const list of inOrder)
      yield list === first && isHalfRead
        ? { list, start: unfinished?.reading ?? this.#floorOf(list) }
        : { list, start: this.#floorOf(list) }
    if (isHalfRead) yield { list: first, start: this.#floorOf(first) }
  }

  /** A list was read to its end, and its next floor is known. */
  ended(list: string, found: number): void {
    const next = Math.min(found, this.#latest)
    this.#floors[list] = Math.min(this.#found[list] ?? this.#floorOf(list), next)
    this.#found[list] = next
  }

  /** The time was over before the end of a list. Only the first such list is recorded. */
  interrupted(list: string, reading: UnfinishedReading | undefined): void {
    this.#unfinished ??= { list, reading }
  }

  get outcome(): Kept {
    return { floors: this.#floors, found: this.#found, unfinished: this.#unfinished }
  }

  #begin(list: string): void {
    const { floors, found } = this.#kept
    this.#floors[list] = Math.min(this.#latest, Math.max(floors[list] ?? this.#oldest, this.#oldest))
    const before = found?.[list]
    if (before !== undefined) this.#found[list] = Math.min(this.#latest, before)
  }

  #floorOf(list: string): number {
    return this.#floors[list] ?? this.#oldest
  }
}

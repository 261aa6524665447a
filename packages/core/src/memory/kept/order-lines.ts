import { getOrMake } from '../../collections/get-or-make.ts'
import { Heap } from '../../collections/heap.ts'
import { ExpiringMap } from '../../collections/short-lived.ts'
import { compareOrder, type NewestHandled, placeOf } from '../../contracts/inbox/order.ts'
import type { Kept } from './kept-events.ts'

/** The events of one order key that can be handed out: one in front, and those behind it. */
interface Line {
  /** Due, being handled, or waiting for its retry. */
  front: Kept | undefined
  readonly behind: Heap<Kept>
}

interface Remembered {
  readonly newest: NewestHandled
  readonly until: number
}

/** Makes one event at a time of each order key due. The others wait behind it. Only used for events that have an order key. */
export class OrderLines {
  readonly #lines = new Map<string, Line>()
  readonly #newest = new ExpiringMap<Remembered>()

  /** Puts an event in line. False where it has to wait behind another. */
  enter(kept: Kept): boolean {
    const line = getOrMake(this.#lines, lineOf(kept), () => ({ front: undefined, behind: new Heap(compare) }))
    line.front ??= kept
    if (line.front === kept) {
      if (kept.place !== 'begun') kept.place = 'front'
      return true
    }
    kept.place = 'behind'
    line.behind.add(kept)
    return false
  }

  /** The event of the same order key whose turn it is. While no event of the key was handed out, an earlier one takes the place of the one in front. */
  begin(kept: Kept): Kept {
    const line = this.#lines.get(lineOf(kept))
    const earlier = line?.behind.first
    if (line && earlier && kept.place === 'front' && compare(earlier, kept) < 0) {
      line.behind.take()
      line.behind.add(kept)
      kept.place = 'behind'
      line.front = earlier
    }
    const first = line?.front ?? kept
    first.place = 'begun'
    return first
  }

  /** Removes an event from its line, if it is in it. Answers the one that is now due. */
  leave(kept: Kept): Kept | undefined {
    const line = this.#lines.get(lineOf(kept))
    const { place } = kept
    kept.place = undefined
    if (line === undefined || place === undefined) return undefined
    if (place === 'behind') line.behind.remove(kept)
    else line.front = line.behind.take()
    if (line.front === undefined) this.#lines.delete(lineOf(kept))
    return place === 'behind' ? undefined : line.front
  }

  newestOf(kept: Kept, now: number): NewestHandled | undefined {
    return this.#newest.get(lineOf(kept), now)?.newest
  }

  remember(kept: Kept, newest: NewestHandled, until: number): void {
    this.#newest.set(lineOf(kept), { newest, until })
  }

  prune(now: number): void {
    this.#newest.prune(now)
  }
}

function lineOf({ event: { source, orderKey } }: Kept): string {
  return `${source}:${orderKey}`
}

function compare(one: Kept, other: Kept): number {
  return compareOrder(placeOf(one.event), placeOf(other.event)) || one.sequence - other.sequence
}

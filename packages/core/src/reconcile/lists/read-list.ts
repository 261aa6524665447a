import type { ListedPage, ListedThing, Source } from '../../contracts/reconcile/source.ts'
import type { Questions } from '../ask/asking.ts'
import { OverError } from '../ask/within.ts'

/** Handles a thing that was listed. Answers whether it is settled, and need not be read again. */
type Settle = (thing: ListedThing) => Promise<boolean>

/** A thing may appear in a list a little later than its creation time says. */
export const overlapMs = 5 * 60_000

/**
 * A list that does not say where it ends is over after this many pages in a row without anything new: some APIs have no pages. This would only be
 * wrong if a whole page of new things were added between two requests.
 */
const maxPagesInVain = 3

/** A list that says that it goes on, and has shown nothing new on so many pages in a row, would be read forever. */
const maxPagesInVainAtAll = 10

interface ReadingTools {
  readonly questions: Questions
  readonly over: AbortSignal
  readonly settle: Settle
}

/**
 * Reads a list from its newest page back to its floor, below which everything is settled, and settles what it finds. New things are added at the
 * front and shift the pages during the reading. Then some things are seen twice, and none is missed.
 *
 * @returns the next floor.
 * @throws {OverError} where the time is over; {Error} for a list that shows the same things again and again; what asking throws.
 */
export async function readList(
  source: Pick<Source, 'readPage'>,
  list: string,
  reading: ListReading,
  { questions, over }: Pick<ReadingTools, 'questions' | 'over'>,
): Promise<number> {
  for (;;) {
    const { position } = reading
    const page = await questions.ask((asking) => source.readPage(list, position, asking), over)
    if (await reading.take(page)) return reading.nextFloor
  }
}

/** How far a list was read when the time was over. What was added since is at the front, and shifts the rest, so nothing is missed. */
export interface UnfinishedReading {
  readonly floor: number
  readonly itemsBefore: number
  readonly pagesBefore: number
  readonly isNewestFirst: boolean
  readonly newest?: number | undefined
  readonly unsettled?: number | undefined
}

/** The state of reading a list. */
export class ListReading {
  readonly #floor: number
  readonly #tools: ReadingTools
  readonly #seen = new Set<string>()
  #itemsBefore: number
  #pagesBefore: number
  #pagesInVain = 0
  #isNewestFirst: boolean
  /** The creation time of the newest thing at the beginning. */
  #newest: number | undefined
  /** The creation time of the oldest thing that is not settled. */
  #unsettled: number

  /**
   * @param from where it begins: a floor, before which everything is settled, in milliseconds since 1970 by the provider's clock; or where an earlier
   * reading ended.
   */
  constructor(from: number | UnfinishedReading, tools: ReadingTools) {
    const start =
      typeof from === 'number' ? { floor: from, itemsBefore: 0, pagesBefore: 0, isNewestFirst: true } : from
    this.#floor = start.floor
    this.#itemsBefore = start.itemsBefore
    this.#pagesBefore = start.pagesBefore
    this.#isNewestFirst = start.isNewestFirst
    this.#newest = 'newest' in start ? start.newest : undefined
    this.#unsettled = ('unsettled' in start ? start.unsettled : undefined) ?? Number.POSITIVE_INFINITY
    this.#tools = tools
  }

  /** For a reading that continues later. Undefined where no page was read. */
  get unfinished(): UnfinishedReading | undefined {
    if (this.#pagesBefore === 0) return undefined
    return {
      floor: this.#floor,
      itemsBefore: this.#itemsBefore,
      pagesBefore: this.#pagesBefore,
      isNewestFirst: this.#isNewestFirst,
      newest: this.#newest,
      unsettled: Number.isFinite(this.#unsettled) ? this.#unsettled : undefined,
    }
  }

  /** Where the next page begins. */
  get position() {
    return { itemsBefore: this.#itemsBefore, pagesBefore: this.#pagesBefore }
  }

  get nextFloor(): number {
    const settledUntil = (this.#newest ?? Number.NEGATIVE_INFINITY) - overlapMs
    return Math.min(this.#unsettled, Math.max(this.#floor, settledUntil))
  }

  /** Settles the things on a page. True where no further page has to be read. */
  async take({ items, count, isLast }: ListedPage): Promise<boolean> {
    if (!(Number.isSafeInteger(count) && count >= items.length))
      throw new Error(
        `readPage: count is ${count}, and must be the number of items on the page: there are ${items.length} or more`,
      )
    if (this.#pagesBefore === 0) this.#newest = maximum(timesOf(items))
    if (items.length < count) this.#unsettled = Math.min(this.#unsettled, this.#floor) // an unreadable item may be of any time
    const unseen = items.filter((thing) => !this.#seen.has(nameOf(thing)))
    for (const thing of unseen) await this.#settle(thing)
    this.#itemsBefore += count
    this.#pagesBefore += 1
    this.#pagesInVain = unseen.length === 0 ? this.#pagesInVain + 1 : 0
    if (count === 0 || this.#isBelowFloor(items)) return true
    if (isLast === false && this.#pagesInVain === maxPagesInVainAtAll)
      throw new Error(
        `the last ${maxPagesInVainAtAll} pages had nothing new, and each said that it is not the last: does readPage begin after itemsBefore or pagesBefore?`,
      )
    return isLast ?? this.#pagesInVain === maxPagesInVain
  }

  async #settle(thing: ListedThing): Promise<void> {
    if (this.#tools.over.aborted) throw new OverError()
    const isSettled = await this.#tools.settle(thing)
    this.#seen.add(nameOf(thing))
    if (!isSettled)
      this.#unsettled = Math.min(this.#unsettled, isTime(thing.createdAt) ? thing.createdAt : this.#floor)
  }

  /** Where the newest come first, what follows an old thing is older. That is not documented for every list. */
  #isBelowFloor(items: readonly ListedThing[]): boolean {
    const times = timesOf(items)
    this.#isNewestFirst &&= times.every((time, index) => index === 0 || time <= (times[index - 1] as number))
    return this.#isNewestFirst && times.some((time) => time < this.#floor)
  }
}

/** Two tenants may have the same id. */
function nameOf({ subject, tenant = '' }: ListedThing): string {
  return JSON.stringify([tenant, subject])
}

function timesOf(items: readonly ListedThing[]): number[] {
  return items.flatMap(({ createdAt }) => (isTime(createdAt) ? createdAt : []))
}

function isTime(value: number | undefined): value is number {
  return Number.isFinite(value)
}

function maximum(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}

import type { ListedPage, ListedThing, Source } from '../../contracts/reconcile/source.ts'
import type { Questions } from '../ask/asking.ts'
import { OverError } from '../ask/over-error.ts'

/** What becomes of a thing that was listed: whether it is settled, and need not be looked at again. */
type Settle = (thing: ListedThing) => Promise<boolean>

/** Things may come into a list a little later than the time at which they were created says. */
const overlapMs = 5 * 60_000

/**
 * Pages in a row without anything new, after which a list is over that does not say so: there are APIs that know no pages. As many new things as
 * a page has would have to come between two of them for it to be wrong.
 */
const maxPagesInVain = 3

interface ReadingTools {
  readonly questions: Questions
  readonly over: AbortSignal
  readonly settle: Settle
}

/**
 * Reads a list from its newest page back to its floor, below which all is settled, and settles what it finds. New things stand in front and shift
 * the pages while they are read: what was seen comes again then, and nothing is passed over.
 *
 * @returns the next floor.
 * @throws {OverError} where there is no more time; what asking throws.
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

/** How far a list was read when the time was over. What has come into it since is in front, and shifts the rest: nothing is passed over. */
export interface UnfinishedReading {
  readonly floor: number
  readonly itemsBefore: number
  readonly pagesBefore: number
  readonly isNewestFirst: boolean
  readonly newest?: number | undefined
  readonly unsettled?: number | undefined
}

/** How far a list is read. */
export class ListReading {
  readonly #floor: number
  readonly #tools: ReadingTools
  readonly #seen = new Set<string>()
  #itemsBefore: number
  #pagesBefore: number
  #pagesInVain = 0
  #isNewestFirst: boolean
  /** When the newest was created that was there at the beginning. */
  #newest: number | undefined
  /** When the oldest was created that is not settled. */
  #unsettled: number

  /**
   * @param from where it begins: a floor, what was created before is settled, in milliseconds since 1970 of the provider; or where an earlier one
   * ended.
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

  /** For a reading that goes on later. Undefined where no page was read. */
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

  /** Of the next page. */
  get position() {
    return { itemsBefore: this.#itemsBefore, pagesBefore: this.#pagesBefore }
  }

  get nextFloor(): number {
    const settledUntil = (this.#newest ?? Number.NEGATIVE_INFINITY) - overlapMs
    return Math.min(this.#unsettled, Math.max(this.#floor, settledUntil))
  }

  /** Settles what is on a page. True where it was the last that needs to be read. */
  async take({ items, count, isLast }: ListedPage): Promise<boolean> {
    if (this.#pagesBefore === 0) this.#newest = maximum(timesOf(items))
    if (items.length < count) this.#unsettled = Math.min(this.#unsettled, this.#floor) // what can't be read may be any
    const unseen = items.filter((thing) => !this.#seen.has(nameOf(thing)))
    for (const thing of unseen) await this.#settle(thing)
    this.#itemsBefore += count
    this.#pagesBefore += 1
    this.#pagesInVain = unseen.length === 0 ? this.#pagesInVain + 1 : 0
    if (count === 0 || this.#isBelowFloor(items)) return true
    return isLast ?? this.#pagesInVain === maxPagesInVain
  }

  async #settle(thing: ListedThing): Promise<void> {
    if (this.#tools.over.aborted) throw new OverError()
    const isSettled = await this.#tools.settle(thing)
    this.#seen.add(nameOf(thing))
    if (!isSettled)
      this.#unsettled = Math.min(this.#unsettled, isTime(thing.createdAt) ? thing.createdAt : this.#floor)
  }

  /** What comes behind an old thing is older still, where the newest stand in front; that is not documented of every list. */
  #isBelowFloor(items: readonly ListedThing[]): boolean {
    const times = timesOf(items)
    this.#isNewestFirst &&= times.every((time, index) => index === 0 || time <= (times[index - 1] as number))
    return this.#isNewestFirst && times.some((time) => time < this.#floor)
  }
}

/** Ids may be the same of two tenants. */
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

import { TooLate } from './in-time.ts'
import { isAboutData } from './kinds-of-error.ts'

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly bytes: number
  readonly since: number
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Items that were taken from the queue, and their callers. */
export interface Drawn<Item, Answer> {
  readonly items: readonly Item[]
  resolve(answers: readonly Answer[]): void
  reject(error: unknown): void
}

/** Of Node, even if a test fakes the timers later: what waits for a turn waits for no time that a test could move. */
const { setImmediate } = globalThis

/**
 * How long what a sender waits for stands in line. Together with its statement this is less than `acceptTimeout`, 3 s by default. If those whose sender has
 * hung up were sent first, a line that was once too long would make all that come later too late as well, for as long as events come without a pause.
 */
export const senderWaitsMs = 2_500

/** The limits of one statement. */
const mostItems = 128
const mostBytes = 1024 * 1024

/**
 * Gathers concurrent requests into one statement. Requests of one turn of the event loop go together. While the maximum number of statements runs,
 * the rest waits for the next statement.
 */
export class Gather<Item, Answer> {
  /** While true, waiting items are left to a caller that is about to `draw` them. */
  isHeldBack = false
  readonly #send: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly #isApart: (item: Item) => string | undefined
  readonly #lineOf: (item: Item) => string | undefined
  readonly #mostUnderWay: number
  readonly #mostWaitMs: number
  #waiting: Waiting<Item, Answer>[] = []
  #underWay = 0
  readonly #linesUnderWay = new Set<string>()
  #scheduled = false
  /** Why the last statement failed, if it did: most likely what those in line wait for. */
  #failure: unknown

  /**
   * @param send answers for each item, in order.
   * @param isApart items for which it answers the same are never in one statement.
   * @param lineOf items for which it answers the same are sent in their order: none while a statement with an earlier one is under way.
   * @param mostUnderWay the number of concurrent statements: one is synced to disk while the next is being sent.
   * @param mostWaitMs what has stood in line for longer is not sent, and rejects.
   */
  constructor(
    send: (items: readonly Item[]) => Promise<readonly Answer[]>,
    {
      isApart = () => undefined,
      lineOf = () => undefined,
      mostUnderWay = 2,
      mostWaitMs = Number.POSITIVE_INFINITY,
    }: {
      isApart?: (item: Item) => string | undefined
      lineOf?: (item: Item) => string | undefined
      mostUnderWay?: number
      mostWaitMs?: number
    } = {},
  ) {
    this.#send = send
    this.#isApart = isApart
    this.#lineOf = lineOf
    this.#mostUnderWay = mostUnderWay
    this.#mostWaitMs = mostWaitMs
  }

  add(item: Item, bytes = 0): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, since: performance.now(), resolve, reject })
      this.#schedule()
    })
  }

  /** Takes the waiting items, up to the limits of a statement, so that they go with a statement of another kind. Undefined where nothing waits. */
  draw(): Drawn<Item, Answer> | undefined {
    const group = this.#next()
    if (group.length === 0) return undefined
    return {
      items: group.map(({ item }) => item),
      resolve: (answers) => tell(group, answers),
      reject: (error) => void this.#settleAfter(group, error),
    }
  }

  /** Items that waited for `draw` are sent by themselves. */
  letGo(): void {
    this.isHeldBack = false
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay >= this.#mostUnderWay || this.#waiting.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.isHeldBack) return
      const next = this.#next()
      if (next.length === 0) return // what is left goes once that before it has ended
      void this.#run(next)
      this.#schedule()
    })
  }

  #next(): Waiting<Item, Answer>[] {
    const group: Waiting<Item, Answer>[] = []
    const later: Waiting<Item, Answer>[] = []
    const names = new Set<string>()
    const heldLines = new Set(this.#linesUnderWay)
    let bytes = 0
    const tooOld = performance.now() - this.#mostWaitMs
    for (const one of this.#waiting) {
      if (one.since < tooOld) {
        one.reject(this.#failure ?? new TooLate('the database did not get to it', this.#mostWaitMs))
        continue
      }
      const name = this.#isApart(one.item)
      const fits = group.length < mostItems && (group.length === 0 || bytes + one.bytes <= mostBytes)
      const line = this.#lineOf(one.item)
      if (!fits || isAmong(names, name) || isAmong(heldLines, line)) {
        later.push(one)
        if (line !== undefined) heldLines.add(line)
        continue
      }
      group.push(one)
      bytes += one.bytes
      if (name !== undefined) names.add(name)
    }
    this.#waiting = later
    return group
  }

  async #run(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    const lines = group.flatMap(({ item }) => this.#lineOf(item) ?? [])
    this.#underWay += 1
    for (const line of lines) this.#linesUnderWay.add(line)
    try {
      await this.#settle(group)
    } finally {
      this.#underWay -= 1
      for (const line of lines) this.#linesUnderWay.delete(line)
      this.#schedule()
    }
  }

  async #settle(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      tell(group, await this.#send(group.map(({ item }) => item)))
      this.#failure = undefined
    } catch (error) {
      this.#failure = isAboutData(error) ? undefined : error
      await this.#settleAfter(group, error)
    }
  }

  /** If one item can't be stored, the halves are tried, until it is known which one. */
  async #settleAfter(group: readonly Waiting<Item, Answer>[], error: unknown): Promise<void> {
    if (group.length > 1 && isAboutData(error)) {
      const half = Math.ceil(group.length / 2)
      await this.#settle(group.slice(0, half))
      await this.#settle(group.slice(half))
      return
    }
    for (const { reject } of group) reject(error)
  }
}

function isAmong(names: ReadonlySet<string>, name: string | undefined): boolean {
  return name !== undefined && names.has(name)
}

function tell<Item, Answer>(group: readonly Waiting<Item, Answer>[], answers: readonly Answer[]): void {
  for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer)
}

import { isAboutData } from './kinds-of-error.ts'

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly bytes: number
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Items that were taken out, and whom to tell what became of them. */
export interface Drawn<Item, Answer> {
  readonly items: readonly Item[]
  resolve(answers: readonly Answer[]): void
  reject(error: unknown): void
}

/** Bounds on one statement. */
const mostItems = 128
const mostBytes = 1024 * 1024

/**
 * Gathers what is asked at the same time into one statement. What is asked in one turn of the event loop goes together; while as many
 * statements are under way as may be, the rest waits and makes the next one.
 */
export class Gather<Item, Answer> {
  /** While true, what waits is left to who is about to `draw` it. */
  isHeldBack = false
  readonly #send: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly #isApart: (item: Item) => string | undefined
  readonly #mostUnderWay: number
  #waiting: Waiting<Item, Answer>[] = []
  #underWay = 0
  #scheduled = false

  /**
   * @param send answers for each item, in their order.
   * @param isApart no two items for which it answers the same are in one statement.
   * @param mostUnderWay statements at a time: one is synced to disk while the next is on its way.
   */
  constructor(
    send: (items: readonly Item[]) => Promise<readonly Answer[]>,
    {
      isApart = () => undefined,
      mostUnderWay = 2,
    }: { isApart?: (item: Item) => string | undefined; mostUnderWay?: number } = {},
  ) {
    this.#send = send
    this.#isApart = isApart
    this.#mostUnderWay = mostUnderWay
  }

  add(item: Item, bytes = 0): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, resolve, reject })
      this.#schedule()
    })
  }

  /** Takes out what waits, up to the bounds of a statement: it goes with one of another kind. Undefined where nothing waits. */
  draw(): Drawn<Item, Answer> | undefined {
    const group = this.#next()
    if (group.length === 0) return undefined
    return {
      items: group.map(({ item }) => item),
      resolve: (answers) => tell(group, answers),
      reject: (error) => void this.#settleAfter(group, error),
    }
  }

  /** What waited for `draw` goes by itself. */
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
      if (next.length > 0) void this.#run(next)
      this.#schedule()
    })
  }

  #next(): Waiting<Item, Answer>[] {
    const group: Waiting<Item, Answer>[] = []
    const later: Waiting<Item, Answer>[] = []
    const names = new Set<string>()
    let bytes = 0
    for (const one of this.#waiting) {
      const name = this.#isApart(one.item)
      const fits = group.length < mostItems && (group.length === 0 || bytes + one.bytes <= mostBytes)
      if (!fits || (name !== undefined && names.has(name))) {
        later.push(one)
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
    this.#underWay += 1
    try {
      await this.#settle(group)
    } finally {
      this.#underWay -= 1
      this.#schedule()
    }
  }

  async #settle(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      tell(group, await this.#send(group.map(({ item }) => item)))
    } catch (error) {
      await this.#settleAfter(group, error)
    }
  }

  /** Where one can't be stored, the halves are tried, until it is known which. */
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

function tell<Item, Answer>(group: readonly Waiting<Item, Answer>[], answers: readonly Answer[]): void {
  for (const [index, { resolve }] of group.entries()) resolve(answers[index] as Answer)
}

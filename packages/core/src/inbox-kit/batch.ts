import { soon } from '../time/soon.ts'

interface Waiting<Item, Answer> {
  readonly item: Item
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Collects what is asked of a store during one turn of the event loop, and sends it in one round trip. */
export class Batch<Item, Answer> {
  readonly #send: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>
  readonly #mostItems: number
  #waiting: Waiting<Item, Answer>[] = []

  /**
   * @param send answers for each item, in order, with an Error for one that failed alone. If it rejects, all have failed.
   * @param mostItems in one round trip. It limits how long others wait for the store.
   */
  constructor(send: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>, mostItems = 64) {
    this.#send = send
    this.#mostItems = mostItems
  }

  /** Adds an item to the next batch. Resolves with its own answer. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) soon(() => this.#sendAll())
      this.#waiting.push({ item, resolve, reject })
    })
  }

  #sendAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let start = 0; start < waiting.length; start += this.#mostItems) {
      void this.#settle(waiting.slice(start, start + this.#mostItems))
    }
  }

  async #settle(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#send(batch.map(({ item }) => item))
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index] as Answer | Error
        if (answer instanceof Error) reject(answer)
        else resolve(answer)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

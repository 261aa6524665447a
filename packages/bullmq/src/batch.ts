interface Waiting<Item, Answer> {
  readonly item: Item
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Items per call of a script. Bounds how long one call keeps Redis from others: some 2 ms. */
const mostItems = 64

/** Gathers what one turn of the event loop asks of a script, and has it sent in one round trip. */
export class Batch<Item, Answer> {
  readonly #send: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>
  #waiting: Waiting<Item, Answer>[] = []

  /** @param send answers for each item, in their order, with an Error where one failed alone. */
  constructor(send: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>) {
    this.#send = send
  }

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#sendAll())
      this.#waiting.push({ item, resolve, reject })
    })
  }

  #sendAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let start = 0; start < waiting.length; start += mostItems) {
      void this.#settle(waiting.slice(start, start + mostItems))
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

/** A batch for each provider, kept: a `Map` that is emptied again and again holds on to what was in it. */
export class BatchByProvider<Item, Answer> {
  readonly #batches = new Map<string, Batch<Item, Answer>>()
  readonly #send: (provider: string, items: readonly Item[]) => Promise<readonly (Answer | Error)[]>

  constructor(send: (provider: string, items: readonly Item[]) => Promise<readonly (Answer | Error)[]>) {
    this.#send = send
  }

  add(provider: string, item: Item): Promise<Answer> {
    let batch = this.#batches.get(provider)
    if (batch === undefined) {
      batch = new Batch((items) => this.#send(provider, items))
      this.#batches.set(provider, batch)
    }
    return batch.add(item)
  }
}

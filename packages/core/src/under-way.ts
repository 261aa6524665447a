/** Keeps track of promises that have not settled. */
export class UnderWay {
  readonly #pending = new Set<Promise<unknown>>()

  async add<Result>(promise: Promise<Result>): Promise<Result> {
    this.#pending.add(promise)
    try {
      return await promise
    } finally {
      this.#pending.delete(promise)
    }
  }

  /** Resolves once all of them have settled, one way or the other. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }
}

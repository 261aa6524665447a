/** Keeps count of promises that have not settled. */
export class UnderWay {
  #count = 0
  #whenSettled: (() => void)[] = []

  async add<Result>(result: Promise<Result>): Promise<Result> {
    this.#count += 1
    try {
      return await result
    } finally {
      this.#endOne()
    }
  }

  /** Resolves once all have settled, whether they resolved or rejected. */
  settled(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenSettled.push(resolve))
  }

  #endOne(): void {
    this.#count -= 1
    if (this.#count === 0) for (const resolve of this.#whenSettled.splice(0)) resolve()
  }
}

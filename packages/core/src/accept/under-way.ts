import { type Awaitable, isPromise } from '../time/when-ready.ts'

/** Keeps count of promises that have not settled. */
export class UnderWay {
  #count = 0
  #whenSettled: (() => void)[] = []

  add<Result>(result: Awaitable<Result>): Awaitable<Result> {
    if (isPromise(result)) {
      this.#count += 1
      const settled = () => this.#endOne()
      result.then(settled, settled)
    }
    return result
  }

  /** Resolves once none is left, whichever way they settled. */
  settled(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenSettled.push(resolve))
  }

  #endOne(): void {
    this.#count -= 1
    if (this.#count === 0) for (const resolve of this.#whenSettled.splice(0)) resolve()
  }
}

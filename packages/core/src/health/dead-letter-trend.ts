interface Sample {
  readonly at: number
  readonly dead: number
}

/** The most samples that are kept. A newer one replaces the oldest. */
const mostSamples = 1_000

/** The number of dead letters at health checks. */
export class DeadLetterTrend {
  /** Each has fewer dead letters than those after it: what a later one is not above says nothing more. */
  #samples: Sample[] = []
  #longestMs = 0

  /** Returns how many more there are than at the lowest count within the last `windowMs`. */
  add(dead: number, at: number, windowMs: number): number {
    this.#longestMs = Math.max(this.#longestMs, windowMs)
    const fewer = this.#samples.filter((one) => one.dead < dead && at - one.at <= this.#longestMs)
    this.#samples = [...fewer, { at, dead }].slice(-mostSamples)
    const lowest = this.#samples.find((one) => at - one.at <= windowMs)
    return dead - (lowest?.dead ?? dead)
  }
}

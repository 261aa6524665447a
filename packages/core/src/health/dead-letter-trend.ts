interface Sample {
  readonly at: number
  readonly dead: number
}

/** The most samples that are kept. A newer one replaces the oldest. */
const mostSamples = 1_000

/** The number of dead letters at each health check. */
export class DeadLetterTrend {
  #samples: Sample[] = []

  /** Returns how many more there are than at the lowest count within the last `windowMs`. */
  add(dead: number, at: number, windowMs: number): number {
    const within = this.#samples.filter((sample) => at - sample.at <= windowMs)
    this.#samples = [...within, { at, dead }].slice(-mostSamples)
    return dead - Math.min(...this.#samples.map((sample) => sample.dead))
  }
}

interface Sample {
  readonly at: number
  readonly dead: number
}

/** More than anybody looks at within a window: every one beyond takes the place of the oldest. */
const mostSamples = 1_000

/** What the number of dead letters was, as often as somebody asked. */
export class DeadLetterTrend {
  #samples: Sample[] = []

  /** Answers by how many there are more than at the least within the last `windowMs`. */
  add(dead: number, at: number, windowMs: number): number {
    const within = this.#samples.filter((sample) => at - sample.at <= windowMs)
    this.#samples = [...within, { at, dead }].slice(-mostSamples)
    return dead - Math.min(...this.#samples.map((sample) => sample.dead))
  }
}

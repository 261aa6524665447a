/** How long a diagnosis may take: its steps ask whether there is time for another. */
export class TimeLimit {
  readonly #endsAt: number

  constructor(withinMs: number) {
    this.#endsAt = performance.now() + withinMs
  }

  get isOver(): boolean {
    return performance.now() > this.#endsAt
  }
}

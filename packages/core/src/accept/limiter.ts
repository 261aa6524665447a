import type { Awaitable } from '../time/when-ready.ts'

/** Lets at most `limit` tasks run at once; the others wait in line. */
export class Limiter {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Go on once it resolves, and `leave` in the end. */
  enter(): Awaitable<void> {
    if (this.#running === this.#limit) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#running += 1
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running -= 1
  }
}

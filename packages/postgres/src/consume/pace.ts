/** The first pause of a consumer that has just had work. */
const busyMs = 20

/** How long a consumer waits before it asks again: 20 ms while there is work, and twice as long each time that there is none. */
export class Pace {
  readonly #idleMs: number
  #ms = busyMs

  constructor(idleMs: number) {
    this.#idleMs = idleMs
  }

  get ms(): number {
    return Math.min(this.#ms, this.#idleMs)
  }

  sawWork(): void {
    this.#ms = busyMs
  }

  sawNone(): void {
    this.#ms = Math.min(2 * this.#ms, this.#idleMs)
  }
}

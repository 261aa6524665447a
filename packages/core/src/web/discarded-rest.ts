/** After this long without a byte, the sender is assumed to be waiting for the reply. It is longer than most round trips. */
const quietMs = 250
const longestMs = 2_000
const mostBytes = 32 * 1024 * 1024

/**
 * Reads and discards the rest of a refused body before the reply is written. The reply says `Connection: close`, and a platform closes the connection
 * together with it. If more were on its way then, the sender would lose the reply. `giveUp` is called when nothing has arrived for 250 ms, after 2 s,
 * or after 32 MiB. See docs/decisions/009.
 */
export class DiscardedRest {
  /** Whether it was given up before its end. */
  isGivenUp = false
  readonly #giveUp: () => void
  readonly #longest: ReturnType<typeof setTimeout>
  #quiet: ReturnType<typeof setTimeout>
  #bytes = 0

  constructor(giveUp: () => void) {
    this.#giveUp = () => {
      this.isGivenUp = true
      giveUp()
    }
    this.#longest = setTimeout(this.#giveUp, longestMs)
    this.#quiet = setTimeout(this.#giveUp, quietMs)
  }

  take({ length }: Uint8Array): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(this.#giveUp, quietMs)
    this.#bytes += length
    if (this.#bytes > mostBytes) this.#giveUp()
  }

  end(): void {
    clearTimeout(this.#longest)
    clearTimeout(this.#quiet)
  }
}

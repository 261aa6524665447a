/** After this long without a byte, the sender is assumed to wait for the reply. It is longer than most round trips. */
const quietMs = 250
const longestMs = 2_000
const mostBytes = 32 * 1024 * 1024

/**
 * What still comes of a refused body. It is discarded before the reply is written, which says `Connection: close`: a platform closes the
 * connection together with such a reply, and where more is under way then, the sender loses the reply. `giveUp` is called when
 * nothing has come for 250 ms, after 2 s, or after 32 MiB. See docs/decisions/009.
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

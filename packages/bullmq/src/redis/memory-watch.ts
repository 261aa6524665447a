import { InboxFullError } from '@hookport/core'

/** How often Redis is asked: what is put meanwhile is at most some MiB. */
const intervalMs = 100

/** Refuses events while Redis is so full that what makes room, handling them, might find none. */
export class MemoryWatch {
  readonly #maxShare: number
  readonly #ask: () => Promise<void>
  #asking: Promise<void> | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #used = 0
  #max = 0

  /**
   * @param maxShare of Redis's `maxmemory`.
   * @param ask has Redis report, and `note` told.
   */
  constructor(maxShare: number, ask: () => Promise<void>) {
    this.#maxShare = maxShare
    this.#ask = ask
  }

  /** Whether the next call shall ask for Redis's memory. */
  isDue(): boolean {
    const now = performance.now()
    if (now - this.#askedAt < intervalMs) return false
    this.#askedAt = now
    return true
  }

  /** @param report used bytes, and `maxmemory`, which is 0 for no limit; empty where they were not asked for. */
  note([used, max]: readonly number[]): void {
    if (used === undefined || max === undefined) return
    this.#used = used
    this.#max = max
  }

  /** Whether there was room when Redis was asked last. If not, `assertRoom` asks again. */
  get hasRoom(): boolean {
    return this.#max === 0 || this.#used <= this.#max * this.#maxShare
  }

  /** @throws {InboxFullError} */
  async assertRoom(): Promise<void> {
    if (this.isDue()) {
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined
      })
    }
    await this.#asking
    if (this.hasRoom) return
    const percent = Math.round((this.#used / this.#max) * 100)
    throw new InboxFullError(
      `Redis uses ${percent}% of its maxmemory of ${this.#max} bytes, and maxMemoryShare leaves the rest to handling: do consumers keep up, or do dead letters pile up?`,
    )
  }
}

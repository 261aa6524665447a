import { InboxFullError } from '@hookport/core'

/** How often Redis is asked, at least where so many bytes were put meanwhile. */
const intervalMs = 100
const intervalBytes = 1024 * 1024

/** A share of the memory that may be used. Events that take up so much are taken to be what fills Redis. */
const largePart = 0.25

/** Refuses events while Redis is so full that what makes room, handling them, might find none. */
export class MemoryWatch {
  readonly maxShare: number
  readonly #makeRoom: () => Promise<void>
  #makingRoom: Promise<void> | undefined
  /** When room was looked for last, and none was found. */
  #foundNoneAt = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY
  #bytesSince = 0
  #used = 0
  #max = 0

  /**
   * @param maxShare of Redis's `maxmemory`.
   * @param makeRoom has Redis report, and drops what can be spared. `note` is told.
   */
  constructor(maxShare: number, makeRoom: () => Promise<void>) {
    this.maxShare = maxShare
    this.#makeRoom = makeRoom
  }

  /** Whether the next call shall ask for Redis's memory. @param bytes that it puts. */
  isDue(bytes = 0): boolean {
    const now = performance.now()
    this.#bytesSince += bytes
    if (now - this.#askedAt < intervalMs && this.#bytesSince < intervalBytes) return false
    this.#askedAt = now
    this.#bytesSince = 0
    return true
  }

  /** @param report used bytes, and `maxmemory`, which is 0 for no limit; empty where they were not asked for. */
  note([used, max]: readonly number[]): void {
    if (used === undefined || max === undefined) return
    this.#used = used
    this.#max = max
  }

  /** Whether there was room when Redis was asked last. If not, `assertRoom` looks for some. */
  get hasRoom(): boolean {
    return this.#max === 0 || this.#used <= this.#max * this.maxShare
  }

  /** Whether there would be room without so many bytes, and to spare. */
  isFilledBy(bytes: number): boolean {
    const usable = this.#max * this.maxShare
    return this.#max > 0 && this.#used - bytes <= usable * (1 - largePart)
  }

  /** @throws {InboxFullError} */
  async assertRoom(): Promise<void> {
    if (performance.now() - this.#foundNoneAt >= intervalMs) {
      this.#makingRoom ??= this.#makeRoom().finally(() => {
        this.#makingRoom = undefined
      })
      await this.#makingRoom
    }
    if (this.hasRoom) return
    this.#foundNoneAt = performance.now()
    const percent = Math.round((this.#used / this.#max) * 100)
    throw new InboxFullError(
      `Redis uses ${percent}% of its maxmemory of ${this.#max} bytes, and maxMemoryShare leaves the rest to handling: do consumers keep up, or do dead letters pile up?`,
    )
  }
}

import { InboxFullError } from '@hookport/core'

/** How often Redis is asked: after this time, or earlier after this many bytes were put. */
const intervalMs = 100
const intervalBytes = 1024 * 1024

/** A share of the memory limit. Events that take up this much are assumed to be what fills Redis. */
const largePart = 0.25

/** Refuses events while Redis is so full that handling, which makes room, might fail for lack of memory. */
export class MemoryWatch {
  readonly maxShare: number
  readonly #makeRoom: () => Promise<void>
  #makingRoom: Promise<void> | undefined
  /** When it last looked for room and found none. */
  #foundNoneAt = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY
  #bytesSince = 0
  #used = 0
  #max = 0

  /**
   * @param maxShare share of Redis's `maxmemory`.
   * @param makeRoom asks Redis for a report, passes it to `note`, and drops what can be dropped.
   */
  constructor(maxShare: number, makeRoom: () => Promise<void>) {
    this.maxShare = maxShare
    this.#makeRoom = makeRoom
  }

  /** Whether the next call should ask for Redis's memory. @param bytes that it puts. */
  isDue(bytes = 0): boolean {
    const now = performance.now()
    this.#bytesSince += bytes
    if (now - this.#askedAt < intervalMs && this.#bytesSince < intervalBytes) return false
    this.#askedAt = now
    this.#bytesSince = 0
    return true
  }

  /** @param report used bytes, and `maxmemory`, which is 0 for no limit. Empty where it was not asked for. */
  note([used = this.#used, max = this.#max]: readonly number[]): void {
    this.#used = used
    this.#max = max
  }

  /** Whether there was room at the last report. If not, `assertRoom` looks for some. */
  get hasRoom(): boolean {
    return this.#max === 0 || this.#used <= this.#max * this.maxShare
  }

  /** Whether there would be more than enough room without that many bytes. */
  isFilledBy(bytes: number): boolean {
    const usable = this.#max * this.maxShare
    return this.#max > 0 && this.#used - bytes <= usable * (1 - largePart)
  }

  /** @throws {InboxFullError} */
  async assertRoom(): Promise<void> {
    if (performance.now() - this.#foundNoneAt >= intervalMs) {
      this.#makingRoom ??= this.#lookForRoom().finally(() => {
        this.#makingRoom = undefined
      })
      await this.#makingRoom
    }
    if (this.hasRoom) return
    const percent = Math.round((this.#used / this.#max) * 100)
    throw new InboxFullError(
      `Redis uses ${percent}% of its maxmemory of ${this.#max} bytes, and maxMemoryShare keeps the rest for handling: do consumers keep up, or do dead letters pile up?`,
    )
  }

  /** Only a look counts. If each refusal did, events that come without a pause would put off the next look for ever. */
  async #lookForRoom(): Promise<void> {
    await this.#makeRoom()
    if (!this.hasRoom) this.#foundNoneAt = performance.now()
  }
}

import { ShortLivedMap } from './short-lived-map.ts'

interface Expiring {
  /** When the entry expires, in milliseconds since 1970. */
  readonly until: number
}

/** A map whose entries expire. */
export class ExpiringMap<Value extends Expiring> {
  readonly #entries = new ShortLivedMap<string, Value>()
  /** When the oldest entry expires. Pruning has nothing to do before. */
  #nextPruneAt = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#entries.size
  }

  get(key: string, now: number): Value | undefined {
    const value = this.#entries.get(key)
    return value !== undefined && now < value.until ? value : undefined
  }

  /** An entry that is set again becomes the youngest, so that entries stay roughly in the order in which they expire. */
  set(key: string, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Frees the memory of expired entries, oldest first. Stops at the first that has not expired. */
  prune(now: number): void {
    if (now < this.#nextPruneAt) return
    for (const [key, { until }] of this.#entries.entries()) {
      this.#nextPruneAt = until
      if (now < until) return
      this.#entries.delete(key)
    }
  }
}

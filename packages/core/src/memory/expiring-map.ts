import { ShortLivedMap } from './short-lived-map.ts'

interface Expiring {
  /** From this instant on, in milliseconds since 1970, the entry is gone. */
  readonly until: number
}

/** A map whose entries vanish by themselves. */
export class ExpiringMap<Value extends Expiring> {
  readonly #entries = new ShortLivedMap<string, Value>()
  /** Nothing at the old end expires before this instant. */
  #nextPruneAt = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#entries.size
  }

  get(key: string, now: number): Value | undefined {
    const value = this.#entries.get(key)
    return value !== undefined && now < value.until ? value : undefined
  }

  /** Deleted first, so that the order of insertion stays near the order of expiry. */
  set(key: string, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Frees the memory of expired entries, oldest first, up to the first that is still alive. */
  prune(now: number): void {
    if (now < this.#nextPruneAt) return
    for (const [key, { until }] of this.#entries.entries()) {
      this.#nextPruneAt = until
      if (now < until) return
      this.#entries.delete(key)
    }
  }
}

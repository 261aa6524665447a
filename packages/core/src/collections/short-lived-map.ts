const deletionsPerTable = 256

/** A new map or set is made after 256 deletions, or after as many as there are entries if those are more. */
export function isWornOut(deletions: number, size: number): boolean {
  return deletions >= Math.max(deletionsPerTable, size)
}

/**
 * A map for entries that live for a moment. A plain `Map` keeps them in memory for long: when V8 rebuilds the table of a `Map`, the
 * old table points to the new one. Once an old table has survived two collections, all later tables are kept with it, and so is
 * every key and value in them, until the next full collection. Copying into a new `Map` now and then cuts this chain.
 */
export class ShortLivedMap<Key, Value> {
  #entries = new Map<Key, Value>()
  #deletions = 0

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, value: Value): void {
    this.#entries.set(key, value)
  }

  delete(key: Key): void {
    if (this.#entries.size === 0 || !this.#entries.delete(key)) return
    this.#deletions += 1
    if (!isWornOut(this.#deletions, this.#entries.size)) return
    this.#entries = new Map(this.#entries)
    this.#deletions = 0
  }

  keys(): Iterable<Key> {
    return this.#entries.keys()
  }

  values(): Iterable<Value> {
    return this.#entries.values()
  }

  entries(): Iterable<[Key, Value]> {
    return this.#entries.entries()
  }
}

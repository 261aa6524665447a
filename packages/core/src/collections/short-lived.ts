const deletionsPerTable = 256

/** A new map or set is made after 256 deletions, or after as many as there are entries if those are more. */
function isWornOut(deletions: number, size: number): boolean {
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

  values(): MapIterator<Value> {
    return this.#entries.values()
  }

  /** Another one after a map was copied: iterators from before don't see what happens since. */
  get table(): object {
    return this.#entries
  }

  entries(): Iterable<[Key, Value]> {
    return this.#entries.entries()
  }
}

/** A set for items that live for a moment. See `ShortLivedMap` for what a plain `Set` would keep. */
export class ShortLivedSet<Item> {
  #items = new Set<Item>()
  #deletions = 0

  /** The items at this moment, to be looked at and not kept. */
  get items(): ReadonlySet<Item> {
    return this.#items
  }

  add(item: Item): void {
    this.#items.add(item)
  }

  delete(item: Item): void {
    if (!this.#items.delete(item)) return
    this.#deletions += 1
    if (!isWornOut(this.#deletions, this.#items.size)) return
    this.#items = new Set(this.#items)
    this.#deletions = 0
  }
}

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

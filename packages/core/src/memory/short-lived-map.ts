/** So many deletions, or as many as there are entries, make a fresh map worth its cost. */
const deletionsPerMap = 256

/**
 * A map whose entries come and go quickly. V8 links every table that a `Map` has outgrown to the next one; once one of them is
 * old, the whole chain outlives the collections of young garbage, and with it every key and value that was in there when its table
 * was outgrown. A fresh map now and then breaks the chain.
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
    if (this.#deletions < Math.max(deletionsPerMap, this.#entries.size)) return
    this.#entries = new Map(this.#entries)
    this.#deletions = 0
  }

  values(): Iterable<Value> {
    return this.#entries.values()
  }

  entries(): Iterable<[Key, Value]> {
    return this.#entries.entries()
  }
}

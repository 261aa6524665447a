import { isWornOut } from './short-lived-map.ts'

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

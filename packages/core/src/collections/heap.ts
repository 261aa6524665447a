/** A heap: the first of its items by an order can be taken. The time that takes grows with the logarithm of their number, in whatever order they were added. */
export class Heap<Item> {
  readonly #compare: (one: Item, other: Item) => number
  readonly #items: Item[] = []

  /** @param compare below 0 where the first comes before the second. */
  constructor(compare: (one: Item, other: Item) => number) {
    this.#compare = compare
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  add(item: Item): void {
    this.#items.push(item)
    this.#rise(this.#items.length - 1)
  }

  take(): Item | undefined {
    const [first] = this.#items
    if (first !== undefined) this.#removeAt(0)
    return first
  }

  /** Looks through all items. */
  remove(item: Item): void {
    const index = this.#items.indexOf(item)
    if (index >= 0) this.#removeAt(index)
  }

  #removeAt(index: number): void {
    const last = this.#items.pop() as Item
    if (index === this.#items.length) return
    this.#items[index] = last
    this.#sink(index)
    this.#rise(index)
  }

  #rise(from: number): void {
    for (let index = from; index > 0; ) {
      const parent = (index - 1) >> 1
      if (!this.#isBefore(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  #sink(from: number): void {
    for (let index = from; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2]
      const child = right < this.#items.length && this.#isBefore(right, left) ? right : left
      if (child >= this.#items.length || !this.#isBefore(child, index)) return
      this.#swap(index, child)
      index = child
    }
  }

  #isBefore(one: number, other: number): boolean {
    return this.#compare(this.#items[one] as Item, this.#items[other] as Item) < 0
  }

  #swap(one: number, other: number): void {
    const item = this.#items[one] as Item
    this.#items[one] = this.#items[other] as Item
    this.#items[other] = item
  }
}

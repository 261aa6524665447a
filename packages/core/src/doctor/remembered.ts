/** Values that are created when first needed, and kept for later readers. */
export class Remembered<Value> implements Iterable<Value> {
  readonly #made: Value[] = []
  readonly #more: Iterator<Value>

  constructor(values: Iterable<Value>) {
    this.#more = values[Symbol.iterator]()
  }

  *[Symbol.iterator](): Iterator<Value> {
    for (let index = 0; ; index++) {
      if (index === this.#made.length) {
        const { done, value } = this.#more.next()
        if (done) return
        this.#made.push(value)
      }
      yield this.#made[index] as Value
    }
  }
}

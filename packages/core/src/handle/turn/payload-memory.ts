/** Deeper than this, nothing is looked at, as that could use up the stack. No provider comes near. */
const maxDepth = 64

/** Of a list, with room to grow. */
const bytesPerItem = 10
/** A number that does not stand in a list of numbers alone has a place of its own. */
const bytesPerNumber = 16
/** An array, an object or a text, before its content. An object has room for some fields. */
const bytesPerValue = 72
/** Of a field. A name that no other object has takes up a description of the object's form, too. */
const bytesPerField = 176

/**
 * The most memory that a payload uses, in bytes. The sizes are V8's, measured on JSON of many forms. Long lists of numbers cost little here: 131,000 of them
 * take a tenth of a millisecond, and to read them from JSON took 2.6.
 *
 * @param most where it stops counting.
 * @returns Infinity for more than that, and for what can't be looked through: it is nested too deeply, or throws.
 */
export function payloadMemory(payload: unknown, most: number): number {
  try {
    const bytes = new Count(most).of(payload, 0)
    return bytes > most ? Number.POSITIVE_INFINITY : bytes
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

class Count {
  /** So that what a definition has read, and contains itself, does not go on for ever. */
  #left: number

  constructor(most: number) {
    this.#left = most
  }

  of(value: unknown, depth: number): number {
    if (typeof value === 'string') return bytesPerValue + 2 * value.length
    if (typeof value === 'number') return bytesPerNumber
    if (typeof value !== 'object' || value === null) return 0
    this.#left -= bytesPerValue
    if (depth > maxDepth || this.#left < 0) return Number.POSITIVE_INFINITY
    return bytesPerValue + (Array.isArray(value) ? this.#ofItems(value, depth) : this.#ofFields(value, depth))
  }

  #ofItems(items: readonly unknown[], depth: number): number {
    let bytes = bytesPerItem * items.length
    if (!areNumbers(items)) for (const item of items) bytes += this.of(item, depth + 1)
    return bytes
  }

  #ofFields(fields: object, depth: number): number {
    let bytes = 0
    for (const name in fields)
      bytes += bytesPerField + 2 * name.length + this.of(fields[name as never], depth + 1)
    return bytes
  }
}

/** By index: that takes a twentieth of what `every` does. */
function areNumbers(items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index++) if (typeof items[index] !== 'number') return false
  return true
}

/** Deeper than this, a value counts as too large, as looking through it could use up the stack. No provider comes near. */
const maxDepth = 64

const bytesPerItem = 10
/** A number that does not stand in a list of numbers alone has a place of its own. */
const bytesPerNumber = 16
/** An array, an object or a text, before its content. An object has room for some fields. */
const bytesPerValue = 72
/** Of a field. A name that no other object has takes up a description of the object's form, too. */
const bytesPerField = 176

/**
 * The most memory that a payload uses, in bytes, or Infinity for one that is nested very deeply. The sizes are V8's, measured on JSON of many forms.
 * Long lists of numbers cost little here: 131,000 of them take a tenth of a millisecond, and to read them from JSON took 2.6.
 */
export function payloadMemory(value: unknown, depth = 0): number {
  if (typeof value === 'string') return bytesPerValue + 2 * value.length
  if (typeof value === 'number') return bytesPerNumber
  if (typeof value !== 'object' || value === null) return 0
  if (depth > maxDepth) return Number.POSITIVE_INFINITY
  return bytesPerValue + (Array.isArray(value) ? itemsMemory(value, depth) : fieldsMemory(value, depth))
}

function itemsMemory(items: readonly unknown[], depth: number): number {
  const isOfNumbers = areNumbers(items)
  let bytes = bytesPerItem * items.length
  if (!isOfNumbers) for (const item of items) bytes += payloadMemory(item, depth + 1)
  return bytes
}

/** By index: that takes a twentieth of what `every` does. */
function areNumbers(items: readonly unknown[]): boolean {
  for (let index = 0; index < items.length; index++) if (typeof items[index] !== 'number') return false
  return true
}

function fieldsMemory(fields: object, depth: number): number {
  let bytes = 0
  for (const name in fields)
    bytes += bytesPerField + 2 * name.length + payloadMemory(fields[name as never], depth + 1)
  return bytes
}

/** Up to this many bytes of text, the worst is assumed, as reading the text would take a good part of the time of parsing it. */
const smallText = 64 * 1024

/**
 * The most memory that the JSON of a body uses once it is parsed. Measured in V8: a byte of numbers or text uses up to 4 bytes, and each object,
 * array, text or name up to 64 more. The worst case, empty objects nested in arrays, uses 36 times its text.
 */
export function mostMemoryOf(rawBody: Uint8Array): number {
  const { length } = rawBody
  if (length <= smallText) return 36 * length
  let marks = 0
  for (let index = 0; index < length; index++) {
    const byte = rawBody[index]
    if (byte === quote || byte === bracket || byte === brace) marks += 1
  }
  return 6 * length + 64 * marks
}

const quote = 0x22
const bracket = 0x5b
const brace = 0x7b

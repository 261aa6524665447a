/** Bytes of text up to which the worst is assumed: to look through it would cost a good part of parsing it. */
const smallText = 64 * 1024

/**
 * How much memory the JSON of a body takes up at most, once it is parsed. Measured in V8: a byte of numbers or text takes up to 4 bytes, and
 * what stands for an object, an array, a text or a name up to 64 beside; the worst there is, empty objects nested in arrays, 36 times its text.
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

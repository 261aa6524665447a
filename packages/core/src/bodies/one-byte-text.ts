const oneByteDecoder = new TextDecoder('latin1')

const byteOrderMark = 'ï»¿'

/**
 * A body as a text of one character for each byte: places in the text are places in the body. What JSON itself is written with is the same
 * in it. A byte order mark is blank.
 */
export function oneByteText(rawBody: Uint8Array): string {
  const text = oneByteDecoder.decode(rawBody)
  return text.startsWith(byteOrderMark) ? text.replace(byteOrderMark, '   ') : text
}

const oneByteDecoder = new TextDecoder('latin1')

const byteOrderMark = 'ï»¿'

/**
 * A body as a text with one character for each byte, so that positions in the text are positions in the body. JSON's own characters are the same in
 * it. A byte order mark counts as white space.
 */
export function oneByteText(rawBody: Uint8Array): string {
  const text = oneByteDecoder.decode(rawBody)
  return text.startsWith(byteOrderMark) ? text.replace(byteOrderMark, '   ') : text
}

/** The non-ASCII bytes by their characters. In the encoding of the Web's decoders these have other code points. */
const bytesBeyondAscii = new Map(
  Array.from({ length: 128 }, (_, index) => [oneByteDecoder.decode(Uint8Array.of(128 + index)), 128 + index]),
)

/** Decodes a part of such a text as UTF-8. */
export function inUtf8(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text
  const bytes = Uint8Array.from(
    text,
    (character) => bytesBeyondAscii.get(character) ?? character.charCodeAt(0),
  )
  return new TextDecoder().decode(bytes)
}

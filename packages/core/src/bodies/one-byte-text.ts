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

/** The bytes that are no ASCII by their characters, which are not of the same number in the alphabet of the Web's decoders. */
const bytesBeyondAscii = new Map(
  Array.from({ length: 128 }, (_, index) => [oneByteDecoder.decode(Uint8Array.of(128 + index)), 128 + index]),
)

/** What a part of such a text says in UTF-8. */
export function inUtf8(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text
  const bytes = Uint8Array.from(
    text,
    (character) => bytesBeyondAscii.get(character) ?? character.charCodeAt(0),
  )
  return new TextDecoder().decode(bytes)
}

import { endOfString } from './python-json.ts'

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
function inUtf8(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text
  const bytes = Uint8Array.from(
    text,
    (character) => bytesBeyondAscii.get(character) ?? character.charCodeAt(0),
  )
  return new TextDecoder().decode(bytes)
}

const blank = /[ \t\n\r]*/y
const scalarEnd = /[,\]} \t\n\r]/g
const structural = /["[\]{}]/g

// These readers are for text that is known to be JSON: they look for the ends of values, and check nothing else.

/** The position of the next character that is not white space. */
export function skipBlank(text: string, start: number): number {
  blank.lastIndex = start
  blank.test(text)
  return blank.lastIndex
}

/** The position after the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return endOfString(text, start)
  if (first === '{' || first === '[') return endOfNested(text, start)
  scalarEnd.lastIndex = start
  return scalarEnd.exec(text)?.index ?? text.length
}

function endOfNested(text: string, start: number): number {
  let depth = 0
  for (let index = start; ; ) {
    structural.lastIndex = index
    const found = structural.exec(text)
    if (found === null) return text.length
    const [character] = found
    index = found.index + 1
    if (character === '"') index = endOfString(text, found.index)
    else depth += character === '{' || character === '[' ? 1 : -1
    if (depth === 0) return index
  }
}

/** Where the items of the array that begins at `start` begin and end. */
export function itemsOf(text: string, start = 0): Array<readonly [start: number, end: number]> {
  const items: Array<readonly [number, number]> = []
  let index = skipBlank(text, skipBlank(text, start) + 1)
  while (index < text.length && text[index] !== ']') {
    const end = endOfValue(text, index)
    items.push([index, end])
    index = skipBlank(text, end)
    if (text[index] === ',') index = skipBlank(text, index + 1)
  }
  return items
}

/** The text of an array's item, by its index in digits. */
export function itemText(
  text: string,
  start: number,
  wanted: string,
): { start: number; end: number } | undefined {
  const item = itemsOf(text, start)[Number(wanted)]
  return item && { start: item[0], end: item[1] }
}

/** The text of an object's member. If its name is there more than once, the last one counts, as for JSON.parse. */
export function memberText(
  text: string,
  start: number,
  wanted: string,
): { start: number; end: number } | undefined {
  let found: { start: number; end: number } | undefined
  let index = skipBlank(text, skipBlank(text, start) + 1)
  while (index < text.length && text[index] !== '}') {
    const endOfName = endOfString(text, index)
    const name = text.slice(index, endOfName)
    const value = skipBlank(text, skipBlank(text, endOfName) + 1)
    const end = endOfValue(text, value)
    if (JSON.parse(inUtf8(name)) === wanted) found = { start: value, end }
    index = skipBlank(text, end)
    if (text[index] === ',') index = skipBlank(text, index + 1)
  }
  return found
}

import { sharedByCopies } from '../collections/shared-by-copies.ts'
import { itemText, memberText, skipBlank } from './json-text.ts'
import { oneByteText } from './one-byte-text.ts'
import { parsePythonJson } from './python-json.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The bodies from which payloads were read, as long as the payload is in use. A definition may use another copy than the receiver that reads the body. */
const bodies = sharedByCopies('payload-bodies', () => new WeakMap<object, Uint8Array>())

/**
 * Reads JSON, and what Python writes for it: `NaN`, `Infinity` and `-Infinity` are the numbers of these names. A byte order mark is skipped (RFC
 * 8259, 8.1). It remembers how the numbers of an object or array are written, for `requireId`.
 *
 * @throws {TypeError} for bytes that are not UTF-8, {SyntaxError} for text that is not JSON.
 */
export function decodeJson(bytes: Uint8Array): unknown {
  const document = parsed(bytes)
  if (typeof document === 'object' && document !== null) rememberBody(document, bytes)
  return document
}

function parsed(bytes: Uint8Array): unknown {
  const text = decoder.decode(bytes)
  try {
    return JSON.parse(text)
  } catch (error) {
    const parsed = parsePythonJson(text)
    if (parsed === undefined) throw error
    return parsed
  }
}

export function rememberBody(payload: object, rawBody: Uint8Array): void {
  bodies.set(payload, rawBody)
}

/**
 * How a number is written in the body that a payload was read from. It is needed for integers beyond 2^53, which a JavaScript number can't represent.
 * Undefined for a payload that was not read from a body.
 *
 * @param path the names of the fields that lead to it; for an item of an array, its index.
 */
export function exactNumber(payload: object, path: readonly string[]): string | undefined {
  const rawBody = bodies.get(payload)
  if (rawBody === undefined) return undefined
  const text = oneByteText(rawBody)
  let place = { start: skipBlank(text, 0), end: text.length }
  for (const name of path) {
    const inner =
      text[place.start] === '[' ? itemText(text, place.start, name) : memberText(text, place.start, name)
    if (inner === undefined) return undefined
    place = inner
  }
  return text.slice(place.start, place.end)
}

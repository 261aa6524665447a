import { itemText, memberText, skipBlank } from './json-text.ts'
import { oneByteText } from './one-byte-text.ts'

/** The bodies from which payloads were read, as long as the payload is in use. */
const bodies = new WeakMap<object, Uint8Array>()

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

import { itemText, memberText, skipBlank } from './json-text.ts'
import { oneByteText } from './one-byte-text.ts'

interface Read {
  readonly payload: object
  readonly rawBody: Uint8Array
}

/** The bodies that large payloads were read from, for as long as anybody has the payload. */
const largeBodies = new WeakMap<object, Uint8Array>()

/** The last small ones: a definition asks right after it has read. An entry of the map costs more than to read a small body. */
const lastRead: (Read | undefined)[] = [undefined, undefined, undefined, undefined]
const smallBytes = 16 * 1024
let next = 0

export function rememberBody(payload: object, rawBody: Uint8Array): void {
  if (rawBody.length > smallBytes) {
    largeBodies.set(payload, rawBody)
    return
  }
  lastRead[next] = { payload, rawBody }
  next = (next + 1) % lastRead.length
}

function bodyOf(payload: object): Uint8Array | undefined {
  return lastRead.find((read) => read?.payload === payload)?.rawBody ?? largeBodies.get(payload)
}

/**
 * How a number is written in the body that a payload was read from: JavaScript has no number for an integer beyond 2^53. Undefined for a
 * payload that was not read from a body, or of a small one before the last four.
 *
 * @param path the names of the fields that lead to it; of an item of an array, its number from 0.
 */
export function exactNumber(payload: object, path: readonly string[]): string | undefined {
  const rawBody = bodyOf(payload)
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

import { decodeJson } from './json.ts'
import { itemsOf } from './json-text.ts'
import { oneByteText } from './one-byte-text.ts'

/** The items of a JSON array, each with its exact bytes. Anything else is one part: the body itself. */
export function splitEvents(rawBody: Uint8Array): readonly Uint8Array[] {
  if (!Array.isArray(attempted(rawBody))) return [rawBody]
  return itemsOf(oneByteText(rawBody)).map(([start, end]) => rawBody.slice(start, end))
}

function attempted(rawBody: Uint8Array): unknown {
  try {
    return decodeJson(rawBody)
  } catch {
    return undefined
  }
}

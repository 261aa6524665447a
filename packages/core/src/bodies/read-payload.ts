import { sharedByCopies } from '../collections/shared-by-copies.ts'
import type { JsonObject } from '../contracts/event.ts'
import { type BodyKind, type FormFields, InvalidEnvelope } from '../contracts/provider/provider.ts'
import { itemsOf, itemText, memberText, oneByteText, skipBlank } from './json-text.ts'
import { parsePythonJson } from './python-json.ts'

/** How the payload of an event is read, by the kind of body. If a body has several events, each is an object of its own. */
export const payloadReaders: Readonly<Record<BodyKind, (rawBody: Uint8Array) => JsonObject>> = {
  object: readObject,
  json: readJson,
  events: readObject,
  form: readForm,
}

function readObject(rawBody: Uint8Array): JsonObject {
  const payload = readJson(rawBody)
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new InvalidEnvelope('it is not a JSON object')
  return payload
}

/** Any JSON value, also an array or a string, as the definition says. */
function readJson(rawBody: Uint8Array): JsonObject {
  try {
    return decodeJson(rawBody) as JsonObject
  } catch (cause) {
    throw new InvalidEnvelope('it is not JSON in UTF-8', { cause })
  }
}

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
 * The items of a JSON array, each with its exact bytes. Anything else is one part: the body itself.
 *
 * @throws {InvalidEnvelope} for more than `most` items, before any is copied: half a million of them take 200 MB.
 */
export function splitEvents(rawBody: Uint8Array, most: number): readonly Uint8Array[] {
  const document = attempted(rawBody)
  if (!Array.isArray(document)) return [rawBody]
  const { length } = document
  if (length > most)
    throw new InvalidEnvelope(`it has ${length} events, and at most ${most | 0} are taken at once`)
  return itemsOf(oneByteText(rawBody)).map(([start, end]) => rawBody.slice(start, end))
}

function attempted(rawBody: Uint8Array): unknown {
  try {
    return decodeJson(rawBody)
  } catch {
    return undefined
  }
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

/**
 * The fields of a URL-encoded form by name. A field that is there more than once is a list.
 *
 * @throws {InvalidEnvelope} for more than 1,000 fields.
 */
export function readForm(rawBody: Uint8Array): JsonObject {
  const fields = readFormFields(rawBody)
  if (fields === undefined) throw new InvalidEnvelope('it is a form of more than 1,000 fields')
  const values = new Map<string, string | string[]>()
  for (const [name, value] of fields) {
    const before = values.get(name)
    values.set(name, before === undefined ? value : [before, value].flat())
  }
  return Object.fromEntries(values)
}

/** Forms may be read before they are verified, so the time for it is bounded. */
const maxFields = 1_000

const ampersand = 0x26

/**
 * The fields of a URL-encoded form. Escapes that are not UTF-8 are replaced, as browsers and the usual parsers do. Undefined where there
 * are more than 1,000.
 */
export function readFormFields(body: Uint8Array): FormFields | undefined {
  let separators = 0
  for (const byte of body) if (byte === ampersand) separators += 1
  if (separators >= maxFields) return undefined
  // A question mark at the beginning would be skipped.
  return [...new URLSearchParams(`&${new TextDecoder().decode(body)}`)]
}

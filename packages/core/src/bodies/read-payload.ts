import type { JsonObject } from '../contracts/event.ts'
import { type BodyKind, InvalidEnvelope } from '../contracts/provider/provider.ts'
import { readFormFields } from './form.ts'
import { decodeJson } from './json.ts'

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

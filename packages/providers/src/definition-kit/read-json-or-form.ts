import { decodeJson, InvalidEnvelope, type JsonObject, readForm } from '@hookport/core'

/** The beginning of JSON that is an object or a list. Blanks and a byte order mark are skipped. */
const jsonStart = /^(?:\xef\xbb\xbf)?[ \t\r\n]*[[{]/
const decoder = new TextDecoder('latin1')

/** Reads a body that is JSON or a form. Its first character says which, as the content type is not signed. */
export function readJsonOrForm(rawBody: Uint8Array): JsonObject {
  return isJson(rawBody) ? readObject(rawBody) : readForm(rawBody)
}

/** The same. Of a form whose field `payload` is JSON, it reads that JSON. */
export function readJsonOrPayload(rawBody: Uint8Array): JsonObject {
  const read = readJsonOrForm(rawBody)
  return isJson(rawBody) ? read : (readInPayload(read) ?? read)
}

/** Reads a JSON object, or the one in the field `payload` of a form. Anything else can't be read. */
export function readObjectOrPayload(rawBody: Uint8Array): JsonObject {
  const read = readJsonOrForm(rawBody)
  const object = isJson(rawBody) ? read : readInPayload(read)
  if (object === undefined) throw new InvalidEnvelope('it is neither JSON nor a form with a payload')
  if (Array.isArray(object)) throw new InvalidEnvelope('it is not a JSON object')
  return object
}

function readInPayload({ payload }: JsonObject): JsonObject | undefined {
  return typeof payload === 'string' ? readObject(new TextEncoder().encode(payload)) : undefined
}

function isJson(rawBody: Uint8Array): boolean {
  const start = rawBody.findIndex((byte) => byte > 0x20 && byte < 0x80)
  return jsonStart.test(decoder.decode(rawBody.subarray(0, start + 1)))
}

function readObject(json: Uint8Array): JsonObject {
  let value: unknown
  try {
    value = decodeJson(json)
  } catch {
    throw new InvalidEnvelope('it is not JSON in UTF-8')
  }
  if (typeof value === 'object' && value !== null) return value as JsonObject
  throw new InvalidEnvelope('it is not a JSON object')
}

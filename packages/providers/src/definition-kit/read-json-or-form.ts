import { decodeJson, InvalidEnvelope, type JsonObject, readForm } from '@hookport/core'

/** The beginning of JSON that is an object or a list. Blanks and a byte order mark are skipped. */
const jsonStart = /^(?:\xef\xbb\xbf)?[ \t\r\n]*[[{]/
const decoder = new TextDecoder('latin1')

/** Reads a body that is JSON or a form. Its first character says which, as the content type is not signed. */
export function readJsonOrForm(rawBody: Uint8Array): JsonObject {
  return isJson(rawBody) ? asObject(decodeJson(rawBody)) : readForm(rawBody)
}

/** The same. Of a form whose field `payload` is JSON, it reads that JSON. */
export function readJsonOrPayload(rawBody: Uint8Array): JsonObject {
  const read = readJsonOrForm(rawBody)
  const { payload } = read
  if (typeof payload !== 'string' || isJson(rawBody)) return read
  return asObject(decodeJson(new TextEncoder().encode(payload)))
}

function isJson(rawBody: Uint8Array): boolean {
  const start = rawBody.findIndex((byte) => byte > 0x20 && byte < 0x80)
  return jsonStart.test(decoder.decode(rawBody.subarray(0, start + 1)))
}

function asObject(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null) return value as JsonObject
  throw new InvalidEnvelope('it is not a JSON object')
}

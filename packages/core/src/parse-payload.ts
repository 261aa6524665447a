import { Refusal } from './errors.ts'
import type { JsonObject } from './event.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** @throws {TypeError} for what is not UTF-8, {SyntaxError} for what is not JSON. A byte order mark is passed over (RFC 8259, 8.1). */
export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes))
}

/** The JSON object that an authentic body holds. */
export function parsePayload(rawBody: Uint8Array): JsonObject {
  const payload = decodeAuthentic(rawBody)
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new Refusal('invalid_payload', 'the body is authentic, but not a JSON object')
  }
  return payload as JsonObject
}

function decodeAuthentic(rawBody: Uint8Array): unknown {
  try {
    return decodeJson(rawBody)
  } catch (cause) {
    throw new Refusal('invalid_payload', 'the body is authentic, but not JSON in UTF-8', { cause })
  }
}

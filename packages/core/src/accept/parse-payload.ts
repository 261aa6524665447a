import { decodeJson } from '../bytes/json.ts'
import { Refusal } from '../contracts/errors.ts'
import type { JsonObject } from '../contracts/event.ts'

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

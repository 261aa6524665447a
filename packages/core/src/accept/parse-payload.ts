import { decodeJson } from '../bytes/json.ts'
import type { JsonObject } from '../contracts/event.ts'
import { InvalidEnvelope } from '../contracts/provider.ts'

/**
 * The JSON object that an authentic body holds.
 *
 * @throws {InvalidEnvelope} for anything else.
 */
export function parsePayload(rawBody: Uint8Array): JsonObject {
  const payload = decodeAuthentic(rawBody)
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new InvalidEnvelope('it is not a JSON object')
  }
  return payload as JsonObject
}

function decodeAuthentic(rawBody: Uint8Array): unknown {
  try {
    return decodeJson(rawBody)
  } catch (cause) {
    throw new InvalidEnvelope('it is not JSON in UTF-8', { cause })
  }
}

import { decodeJson, InvalidEnvelope, type JsonObject, readForm } from '@hookport/core'

const openingBrace = 0x7b
const openingBracket = 0x5b
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * Reads a body that is JSON, or a form; of a form whose field `payload` is JSON, that JSON. Which of them it is, its first character tells:
 * the content type is not signed.
 */
export function readJsonOrForm(rawBody: Uint8Array): JsonObject {
  const first = rawBody.find((byte) => !blanks.has(byte))
  if (first === openingBrace || first === openingBracket) return asObject(decodeJson(rawBody))
  const form = readForm(rawBody)
  const { payload } = form
  return typeof payload === 'string' ? asObject(decodeJson(new TextEncoder().encode(payload))) : form
}

function asObject(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null) return value as JsonObject
  throw new InvalidEnvelope('it is no JSON object')
}

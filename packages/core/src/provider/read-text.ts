import type { JsonObject } from '../contracts/event.ts'
import { InvalidEnvelope } from '../contracts/provider.ts'

/** The text in a field; undefined if there is none, or an empty one. */
export function readText(object: unknown, field: string): string | undefined {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, field)) return undefined
  const value = (object as JsonObject)[field]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** @throws {InvalidEnvelope} if there is no text in the field. */
export function requireText(object: JsonObject, field: string): string {
  const text = readText(object, field)
  if (text === undefined) throw new InvalidEnvelope(`it has no ${field}`)
  return text
}

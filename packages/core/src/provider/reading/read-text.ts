import type { JsonObject } from '../../contracts/event.ts'
import { InvalidEnvelope } from '../../contracts/provider/provider.ts'

/** The string in a field. Undefined if there is none, or an empty one. */
export function readText(object: unknown, field: string): string | undefined {
  const value = readField(object, field)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** @throws {InvalidEnvelope} if the field has no string. It says what the field has. */
export function requireText(object: JsonObject, field: string): string {
  const value = readField(object, field)
  if (typeof value === 'string' && value !== '') return value
  if (value === undefined) throw new InvalidEnvelope(`it has no ${field}`)
  const hint = typeof value === 'number' ? '; a definition reads an id that is a number with requireId' : ''
  throw new InvalidEnvelope(`its ${field} is ${describeValue(value)}, not a string${hint}`)
}

function readField(object: unknown, field: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, field)) return undefined
  return (object as JsonObject)[field]
}

/** A value in a few words: `the number 42`, `an empty string`, `null`, `an object`. */
export function describeValue(value: unknown): string {
  if (value === '') return 'an empty string'
  if (typeof value === 'number') return `the number ${value}`
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return value === undefined ? 'missing' : `${value}`.slice(0, 40)
}

import { exactNumber } from '../../bodies/read-payload.ts'
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
function describeValue(value: unknown): string {
  if (value === '') return 'an empty string'
  if (typeof value === 'number') return `the number ${value}`
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return value === undefined ? 'missing' : `${value}`.slice(0, 40)
}

/**
 * The id in a field, a string or a number. A number is taken exactly as it is in the body, as two numbers beyond 2^53 may be equal in JavaScript.
 *
 * @param field its name, or the names of the fields that lead to it: `['resource', 'id']`; for an item of an array, its index: `['0', 'id']`.
 * @throws {InvalidEnvelope} if there is neither, or a number beyond 2^53 in a payload that `decodeJson` has not read.
 */
export function requireId(payload: JsonObject, field: string | readonly string[]): string {
  const path = [field].flat()
  const name = path.join('.')
  const value = path.reduce<unknown>(readField, payload)
  if (typeof value === 'string' && value !== '') return value
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new InvalidEnvelope(`its ${name} is ${describeValue(value)}, not a string or a number`)
  const written = exactNumber(payload, path)
  const isAsRead = written !== undefined && Number(written) === value // and not a value that a definition has put there
  const text = isAsRead ? written : Number.isSafeInteger(value) ? String(value) : undefined
  if (text === undefined) throw new InvalidEnvelope(`its ${name} is a number that can't be read exactly`)
  return text
}

/**
 * One id from several texts, for senders without an id of their own: `joinIds('order', 'paid', '7')` is `order:paid:7`. Colons and per cent signs in
 * a text are escaped, so that no two lists of texts have the same id.
 */
export function joinIds(...parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[%:]/g, encodeURIComponent)).join(':')
}

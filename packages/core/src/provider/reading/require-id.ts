import { exactNumber } from '../../bodies/json.ts'
import type { JsonObject } from '../../contracts/event.ts'
import { InvalidEnvelope } from '../../contracts/provider/provider.ts'
import { describeValue } from './read-text.ts'

/**
 * The id in a field, a string or a number. A number is taken exactly as it is in the body, as two numbers beyond 2^53 may be equal in JavaScript.
 *
 * @param field its name, or the names of the fields that lead to it: `['resource', 'id']`; for an item of an array, its index: `['0', 'id']`.
 * @throws {InvalidEnvelope} if there is neither, or a number beyond 2^53 in a payload that `decodeJson` has not read.
 */
export function requireId(payload: JsonObject, field: string | readonly string[]): string {
  const path = [field].flat()
  const name = path.join('.')
  const value = valueAt(payload, path)
  if (typeof value === 'string' && value !== '') return value
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new InvalidEnvelope(`its ${name} is ${describeValue(value)}, not a string or a number`)
  const written = exactNumber(payload, path)
  const isAsRead = written !== undefined && Number(written) === value // and not a value that a definition has put there
  const text = isAsRead ? written : Number.isSafeInteger(value) ? String(value) : undefined
  if (text === undefined) throw new InvalidEnvelope(`its ${name} is a number that can't be read exactly`)
  return text
}

function valueAt(payload: JsonObject, path: readonly string[]): unknown {
  let value: unknown = payload
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as JsonObject)[name]
  }
  return value
}

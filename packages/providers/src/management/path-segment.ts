import { ConfigurationError } from '@hookport/core'

/**
 * An id, encoded for a path.
 *
 * @param name the name of the option, for the error.
 * @throws {ConfigurationError} for an id that would lead to another path, for an empty one, `.` and `..`, and for a value that is not a string.
 */
export function pathSegment(name: string, id: string): string {
  const isId = typeof id === 'string' && !['', '.', '..'].includes(id) && !/\p{Surrogate}/u.test(id)
  if (isId) return encodeURIComponent(id)
  const found = typeof id === 'string' ? JSON.stringify(id) : id === null ? 'null' : typeof id
  throw new ConfigurationError(`${name} is ${found}, which is not an id`)
}

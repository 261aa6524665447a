import { ConfigurationError } from '@hookport/core'

/**
 * An id as it stands in a path.
 *
 * @param name of the option that holds it, for the error.
 * @throws {ConfigurationError} for one that would lead to another path, an empty one, `.` and `..`, and for what is no text.
 */
export function pathSegment(name: string, id: string): string {
  const isId = typeof id === 'string' && !['', '.', '..'].includes(id) && !/\p{Surrogate}/u.test(id)
  if (isId) return encodeURIComponent(id)
  const found = typeof id === 'string' ? JSON.stringify(id) : String(id === null ? null : typeof id)
  throw new ConfigurationError(`${name} is ${found}, which is no id`)
}

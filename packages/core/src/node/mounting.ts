import { sharedByCopies } from '../collections/shared-by-copies.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'

/**
 * The path of a URL, decoded where that can be done, and without a slash at its end. Empty for the root.
 */
export function pathOf(url = ''): string {
  const [path = ''] = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
  const plain = path.replace(/\/$/, '')
  try {
    return plain.includes('%') ? decodeURI(plain) : plain
  } catch {
    return plain
  }
}

/**
 * The option `path` of a middleware, as `pathOf` answers it.
 *
 * @throws {ConfigurationError} for what is not a string with a slash at its beginning, and for a pattern or a query, which no path equals.
 */
export function pathOption(path: string): string {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new ConfigurationError(`path is ${foundValue(path)}; it must be a string, and begin with a slash`)
  if (/[?#*]|\/:/.test(path))
    throw new ConfigurationError(
      `path is ${JSON.stringify(path)}; it is compared as it stands, without a query: mount the webhook in a route for a pattern`,
    )
  return pathOf(path)
}

/** How many middleware have a name of their own, also those of other copies of this package. */
const named = sharedByCopies('named-webhooks', () => ({ count: 0 }))

/**
 * Tells a middleware that has the methods of a receiver from others. Tracing libraries put functions of their own in its place. Most of these have its
 * properties. New Relic's have only its name, so it is given one that no other has, or hold it as a property.
 */
export function recognizes(middleware: object & { receive?: unknown }): (handle: unknown) => boolean {
  named.count += 1
  const value = `webhooks#${named.count}`
  Object.defineProperty(middleware, 'name', { value })
  return (handle) => {
    if (handle === middleware) return true
    if (typeof handle !== 'function') return false
    if ((handle as typeof middleware).receive === middleware.receive || handle.name === value) return true
    const descriptions = Reflect.ownKeys(handle).map((key) => Reflect.getOwnPropertyDescriptor(handle, key))
    return descriptions.some((description) => description?.value === middleware)
  }
}

import { ConfigurationError } from '../contracts/errors.ts'

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
 * @throws {ConfigurationError} for what is not a string with a slash at its beginning.
 */
export function pathOption(path: string): string {
  if (typeof path === 'string' && path.startsWith('/')) return pathOf(path)
  throw new ConfigurationError(`path is ${JSON.stringify(path)}; it must be a string, and begin with a slash`)
}

/** Tells a middleware that has the methods of a receiver from others. Tracing libraries replace it with functions of their own, and copy its properties to them. */
export function recognizes(middleware: { receive?: unknown }): (handle: unknown) => boolean {
  return (handle) =>
    handle === middleware ||
    (typeof handle === 'function' && (handle as typeof middleware).receive === middleware.receive)
}

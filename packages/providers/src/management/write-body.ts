import { ConfigurationError } from '@hookport/core'

/**
 * The JSON of a request.
 *
 * @throws {ConfigurationError} for a value that JSON can't represent, with its path. For NaN, `JSON.stringify` would write null, which means
 * something else to the API.
 */
export function writeBody(body: object): string {
  const paths = new WeakMap<object, string>()
  try {
    return JSON.stringify(body, function (this: object, name: string, value: unknown) {
      const above = paths.get(this)
      const path = above ? `${above}.${name}` : name
      const flaw = flawOf(value)
      if (flaw !== undefined) throw new ConfigurationError(`${path} is ${flaw}, which JSON can't represent`)
      if (typeof value === 'object' && value !== null) paths.set(value, path)
      return value
    })
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigurationError(`the request can't be written as JSON: ${reason}`, { cause })
  }
}

function flawOf(value: unknown): string | undefined {
  if (typeof value === 'bigint') return `the bigint ${value}`
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : undefined
}

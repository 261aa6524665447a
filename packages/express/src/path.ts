import { pathOf, pathOption } from '@hookport/core/node'

/** The path that is answered by default. */
export interface Path {
  /** Without a slash at its end. */
  readonly written: string
  /** Whether a URL has this path, in any encoding, with or without a slash at its end. */
  is(url: string | undefined, isCaseSensitive: boolean): boolean
}

/** @throws {ConfigurationError} for a path that no request can have. */
export function answeredPath(path: string): Path {
  const exact = pathOption(path)
  const folded = exact.toLowerCase()
  return {
    written: exact || '/',
    is(url, isCaseSensitive) {
      const asked = pathOf(url)
      return isCaseSensitive ? asked === exact : asked.toLowerCase() === folded
    },
  }
}

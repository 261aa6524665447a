import type { FastifyInstance } from 'fastify'

/** The paths of a route for Fastify's router, as requests come with and without a slash at the end. */
export interface RoutePaths {
  /** What to register. */
  readonly urls: readonly string[]
  /** Whether a URL is one of them. Only its segments are compared, and a parameter matches any text. */
  includes(url: string): boolean
}

interface RouterSettings {
  readonly caseSensitive: boolean
  readonly ignoreTrailingSlash: boolean
}

/** Fastify 5 keeps them in another place. */
export function routerSettings({ initialConfig }: FastifyInstance): RouterSettings {
  const { routerOptions = initialConfig }: { routerOptions?: Partial<RouterSettings> } = initialConfig
  const { caseSensitive = true, ignoreTrailingSlash = false } = routerOptions
  return { caseSensitive, ignoreTrailingSlash }
}

/** @param parts the parts of a path in order: prefixes, and the path itself, as Fastify's router writes them. */
export function routePaths(
  parts: readonly string[],
  { caseSensitive, ignoreTrailingSlash }: RouterSettings,
): RoutePaths {
  const path = decoded(joined(parts))
  const plain = path.endsWith('?') ? [path.slice(0, path.lastIndexOf('/')), path.slice(0, -1)] : [path]
  const slashed = plain.flatMap((url) => (url === '' || url.endsWith('*') ? [url || '/'] : [url, `${url}/`]))
  const patterns = slashed.map((url) => segments(caseSensitive ? url : url.toLowerCase()))
  return {
    urls: ignoreTrailingSlash ? plain.map((url) => url || '/') : slashed,
    includes(url) {
      const [asked = ''] = url.split(/[?#]/, 1)
      const names = segments(decoded(caseSensitive ? asked : asked.toLowerCase()))
      return patterns.some((pattern) => matches(pattern, names))
    },
  }
}

function matches(pattern: readonly string[], names: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '*'
  if (isOpen ? names.length < pattern.length : names.length !== pattern.length) return false
  return pattern.every((part, at) => /[:*]/.test(part) || part === names[at])
}

/** What follows a slash at the end is one too, an empty one: a parameter and `*` match it. */
function segments(path: string): string[] {
  return path.split('/').filter((segment, at, all) => segment !== '' || at === all.length - 1)
}

/** Without a slash at the end. */
function joined(parts: readonly string[]): string {
  return parts
    .map((part) => part.replace(/\/?(.*?)\/*$/, '$1'))
    .reduce((path, part) => (part ? `${path}/${part}` : path), '')
}

/** Fastify's router compares decoded text. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

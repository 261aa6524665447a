import type { FastifyInstance } from 'fastify'

/** The paths that a route has for Fastify's router, whose requests come without or with a slash at the end. */
export interface RoutePaths {
  /** What to register. */
  readonly urls: readonly string[]
  /** Whether a URL is one of them, going by its segments alone: parameters count as any text. */
  includes(url: string): boolean
}

interface RouterSettings {
  readonly caseSensitive: boolean
  readonly ignoreTrailingSlash: boolean
}

/** Fastify 5 has them in a place of their own. */
export function routerSettings({ initialConfig }: FastifyInstance): RouterSettings {
  const { routerOptions = initialConfig }: { routerOptions?: Partial<RouterSettings> } = initialConfig
  const { caseSensitive = true, ignoreTrailingSlash = false } = routerOptions
  return { caseSensitive, ignoreTrailingSlash }
}

/** @param parts of a path, one behind the other: prefixes, and the path itself, as Fastify's router writes them. */
export function routePaths(
  parts: readonly string[],
  { caseSensitive, ignoreTrailingSlash }: RouterSettings,
): RoutePaths {
  const path = decoded(joined(parts))
  const plain = path.endsWith('?') ? [path.slice(0, path.lastIndexOf('/')), path.slice(0, -1)] : [path]
  const urls = plain.flatMap((url) => {
    if (url === '') return ['/']
    return ignoreTrailingSlash || url.endsWith('*') ? [url] : [url, `${url}/`]
  })
  const patterns = plain.map((url) => segments(caseSensitive ? url : url.toLowerCase()))
  return {
    urls,
    includes(url) {
      const [asked = ''] = url.split(/[?#]/, 1)
      const names = segments(decoded(caseSensitive ? asked : asked.toLowerCase()))
      return patterns.some((pattern) => matches(pattern, names))
    },
  }
}

function matches(pattern: readonly string[], names: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '*'
  if (isOpen ? names.length < pattern.length - 1 : names.length !== pattern.length) return false
  return pattern.every((part, at) => /[:*]/.test(part) || part === names[at])
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** Without a slash at the end. */
function joined(parts: readonly string[]): string {
  return parts
    .map((part) => part.replace(/^\/?(.*?)\/*$/, '$1'))
    .reduce((path, part) => (part ? `${path}/${part}` : path), '')
}

/** Fastify's router compares what was decoded. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

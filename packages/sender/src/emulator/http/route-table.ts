import { ApiError } from './api-error.ts'
import type { ApiReply, Exchange } from './http-exchange.ts'

/** A method and a path. Parts in braces match any text: `DELETE /api/v2/triggers/{id}`. */
export interface Route {
  readonly at: string
  answer(exchange: Exchange): ApiReply
}

export interface Match {
  readonly route: Route
  readonly parameters: string[]
}

/**
 * Slashes count: `/triggers` is not `/triggers/`.
 *
 * @param search the query, which a redirect keeps.
 * @throws {ApiError} 307 to the path with or without its last slash, where only that path has a route; 404 for a path without a route, 405 for a
 * method that the path does not accept.
 */
export function findRoute(routes: readonly Route[], method: string, path: string, search = ''): Match {
  const allowed: string[] = []
  for (const route of routes) {
    const [routeMethod = '', pattern = ''] = route.at.split(' ')
    const parameters = matchPath(pattern, path)
    if (parameters === undefined) continue
    if (routeMethod === method) return { route, parameters }
    allowed.push(routeMethod)
  }
  if (allowed.length > 0) {
    throw new ApiError(405, `${method} is not allowed here`, { headers: { Allow: allowed.join(', ') } })
  }
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  if (routes.some(({ at }) => matchPath(at.split(' ')[1] ?? '', other))) {
    throw new ApiError(307, `it is at ${other}`, { headers: { Location: other + search } })
  }
  throw new ApiError(404, `there is nothing at ${path}`)
}

function matchPath(pattern: string, path: string): string[] | undefined {
  const expected = pattern.split('/')
  const actual = path.split('/')
  if (expected.length !== actual.length) return undefined
  const parameters: string[] = []
  for (const [index, part] of expected.entries()) {
    const given = actual[index] ?? ''
    if (part.startsWith('{') && given !== '') parameters.push(decoded(given))
    else if (part !== given) return undefined
  }
  return parameters
}

/** Invalid escapes are compared unchanged. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

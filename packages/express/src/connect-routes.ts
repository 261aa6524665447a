import type { MountedRequest } from './mounted-request.ts'

/** Where connect says that it has mounted a middleware. It tells the path to what has a `handle`, as it takes that for an application. */
export class ConnectRoutes {
  readonly #routes = new Set<string>()

  constructor(middleware: object) {
    const routes = this.#routes
    Object.defineProperty(middleware, 'handle', { value: middleware })
    Object.defineProperty(middleware, 'route', { set: (route: string) => routes.add(route.toLowerCase()) })
  }

  /** Whether it is mounted by connect at all. */
  get isThere(): boolean {
    return this.#routes.size > 0
  }

  /**
   * Whether a request came through one of them that is a path: all of them are, and nothing else has called the middleware, or it is what connect has
   * taken off the URL. `/` does not count as a path.
   */
  hold({ url = '', originalUrl = url }: MountedRequest, isHeldElsewhere: boolean): boolean {
    if (!isHeldElsewhere && !this.#routes.has('/')) return true
    const left = url.replace(/\/(?=[?]|$)/, '')
    const taken = originalUrl
      .slice(0, originalUrl.length - left.length)
      .replace(/\/$/, '')
      .toLowerCase()
    return [...this.#routes].some((route) => route !== '/' && taken.endsWith(route))
  }
}

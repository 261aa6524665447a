import type { MountedRequest } from './standing.ts'

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

  /** Whether one of them is a path that connect has taken off the URL of a request. `/` is no path. */
  hold({ url = '', originalUrl = url }: MountedRequest): boolean {
    if (!this.#routes.has('/')) return true
    const left = url.replace(/^\/(?=[?]|$)/, '')
    const taken = originalUrl
      .slice(0, originalUrl.length - left.length)
      .replace(/\/$/, '')
      .toLowerCase()
    return [...this.#routes].some((route) => route !== '/' && taken.endsWith(route))
  }
}

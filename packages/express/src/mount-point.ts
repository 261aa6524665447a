import { ConfigurationError, type Logger } from '@hookport/core'
import { type MountedRequest, standsAtPath } from './standing.ts'

/** What a mount point knows of its middleware. */
interface Mounted {
  readonly provider: string
  readonly logger: Logger
}

/** Tells the requests that a middleware is to answer from those that it is to pass on, by what the framework says of its mounting. */
export class MountPoint {
  readonly #path: string
  readonly #webhooks: Mounted
  readonly #isMiddleware: (handle: unknown) => boolean
  /** Where connect says that it has mounted the middleware. */
  readonly #connectRoutes = new Set<string>()
  #hasHinted = false

  /**
   * @param path what is answered where the middleware stands without a path.
   * @throws {ConfigurationError} for a path without a slash at its beginning.
   */
  constructor(
    path: string,
    webhooks: Mounted,
    middleware: { receive?: unknown; handle?: unknown; route?: string },
  ) {
    if (!path.startsWith('/'))
      throw new ConfigurationError(`path is ${JSON.stringify(path)}; it must begin with a slash`)
    this.#path = withoutTrailingSlash(path)
    this.#webhooks = webhooks
    // Tracing libraries put functions of their own in our place, and copy to them what ours has.
    this.#isMiddleware = (handle) =>
      handle === middleware ||
      (typeof handle === 'function' && (handle as typeof middleware).receive === middleware.receive)
    // connect tells the path to what has a `handle`: it takes that for an application of its own.
    const routes = this.#connectRoutes
    Object.defineProperty(middleware, 'handle', { value: middleware })
    Object.defineProperty(middleware, 'route', { set: (route: string) => routes.add(route) })
  }

  /** Whether the request is to be answered, and not to be passed on. */
  isMeantBy(request: MountedRequest & { readonly method?: string | undefined }): boolean {
    const { url, originalUrl = url } = request
    const known = this.#saysConnect(request) ?? standsAtPath(request, this.#isMiddleware)
    if (known) return true
    if (pathOf(url) === this.#path) return true
    const isKnown = known !== undefined
    if (!isKnown && pathOf(originalUrl) === this.#path) return true
    const seemsMeant = pathOf(url) === '' ? originalUrl !== url : !isKnown && request.route !== undefined
    if (seemsMeant && request.method === 'POST') this.#hint()
    return false
  }

  #saysConnect({ baseUrl, app }: MountedRequest): boolean | undefined {
    if (baseUrl !== undefined || app !== undefined) return undefined
    const stands = [...this.#connectRoutes].map((route) => route !== '/')
    return stands.every((stand) => stand === stands[0]) ? stands[0] : undefined
  }

  /** Once, as anyone can cause it. */
  #hint(): void {
    if (this.#hasHinted) return
    this.#hasHinted = true
    const { logger, provider } = this.#webhooks
    const answered = this.#path || '/'
    logger.warn(
      {
        provider,
        fix: 'if that was a delivery, give the webhook its option path: what is left of the path where it is mounted, mostly /',
      },
      `a POST was passed on: the webhook is mounted without a path, or inside of another function, so it answers ${answered} only`,
    )
  }
}

function pathOf(url = ''): string {
  const [path = ''] = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
  return withoutTrailingSlash(path)
}

function withoutTrailingSlash(path: string): string {
  return path.replace(/\/$/, '')
}

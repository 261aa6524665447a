import type { Logger } from '@hookport/core'
import { recognizes } from '@hookport/core/node'
import { ConnectRoutes } from './connect-routes.ts'
import type { MountedRequest } from './mounted-request.ts'
import { answeredPath, type Path } from './path.ts'
import { Standing } from './standing.ts'

/** What a mount point needs of its middleware. */
interface Mounted {
  readonly provider: string
  readonly logger: Logger
}

/** Decides which requests a middleware answers and which it passes on, by what the framework says about its mounting. */
export class MountPoint {
  readonly #path: Path
  readonly #webhooks: Mounted
  readonly #standing: Standing
  readonly #connectRoutes: ConnectRoutes
  #hasHinted = false

  /**
   * @param path the path to answer where the middleware is mounted without one.
   * @throws {ConfigurationError} for a path that no request can have.
   */
  constructor(path: string, webhooks: Mounted, middleware: { receive?: unknown }) {
    this.#path = answeredPath(path)
    this.#webhooks = webhooks
    this.#standing = new Standing(recognizes(middleware))
    this.#connectRoutes = new ConnectRoutes(middleware)
  }

  /** Whether the middleware answers the request. Else it passes the request on. */
  isMeantBy(request: MountedRequest & { readonly method?: string | undefined }): boolean {
    const { url, originalUrl = url } = request
    const known = this.#stands(request)
    if (known) return true
    const isCaseSensitive = request.app?.enabled?.('case sensitive routing') ?? false
    if (this.#path.is(url, isCaseSensitive)) return true
    const isKnown = known !== undefined
    if (!isKnown && this.#path.is(originalUrl, isCaseSensitive)) return true
    const seemsMeant = isRoot(url) ? originalUrl !== url : !isKnown && request.route !== undefined
    if (seemsMeant && request.method === 'POST')
      this.#hint(isRoot(url) ? 'the rest of the path after the mount point, usually /' : 'that of its route')
    return false
  }

  /** A middleware of connect may be called by Express too, and the other way round. */
  #stands(request: MountedRequest): boolean | undefined {
    if (!this.#connectRoutes.isThere) return this.#standing.isAtPath(request)
    const isExpress = this.#standing.isHeld(request)
    if (this.#connectRoutes.hold(request, isExpress)) return true
    return isExpress ? this.#standing.isAtPath(request) : false
  }

  /** Logged once, as anyone can cause it. */
  #hint(path: string): void {
    if (this.#hasHinted) return
    this.#hasHinted = true
    const { logger, provider } = this.#webhooks
    logger.warn(
      {
        provider,
        fix: `if that was a delivery, give the webhook the option path: ${path}`,
      },
      `a POST was passed on: the webhook is mounted without a path, or inside another function, so it answers ${this.#path.written} only`,
    )
  }
}

function isRoot(url = ''): boolean {
  return /^\/?(?:[?#]|$)/.test(url)
}

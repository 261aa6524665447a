import type { Logger } from '@hookport/core'
import { pathOf, pathOption, recognizes } from '@hookport/core/node'
import type { Context } from 'koa'
import { standsInRoute } from './stands-in-route.ts'

/** What a mount point knows of its middleware. */
interface Mounted {
  readonly provider: string
  readonly logger: Logger
}

/** Tells the requests that a middleware is to answer from those that it is to pass on. */
export class MountPoint {
  readonly #path: string
  readonly #webhooks: Mounted
  readonly #isMiddleware: (handle: unknown) => boolean
  readonly #hinted = new Set<string>()

  /**
   * @param path what is answered where no router says otherwise.
   * @throws {ConfigurationError} for a path without a slash at its beginning.
   */
  constructor(path: string, webhooks: Mounted, middleware: { receive?: unknown }) {
    this.#path = pathOption(path)
    this.#webhooks = webhooks
    this.#isMiddleware = recognizes(middleware)
    // @koa/router looks for a router in what it is told to use, and nowhere else. Tracing libraries look there too.
    Object.defineProperty(middleware, 'router', {
      get: () => {
        if (isCalledByRouter(new Error().stack)) this.#warnOfUse()
      },
    })
  }

  /** Whether the request is to be answered, and not to be passed on. */
  isMeantBy(context: Context): boolean {
    const { path, originalUrl, method } = context
    if (pathOf(path) === this.#path || pathOf(originalUrl) === this.#path) return true
    if (standsInRoute(context, this.#isMiddleware)) return true
    // As koa-mount leaves the path of what it mounts.
    if (method === 'POST' && pathOf(path) === '' && pathOf(originalUrl) !== '') this.#warnOfMount()
    return false
  }

  #warnOfUse(): void {
    this.#warnOnce(
      'a router uses the webhook: it runs only where a route of that router takes the request too',
      "give it a route of its own: router.all('/hook', webhooks) in place of router.use('/hook', webhooks)",
    )
  }

  /** Logged once, as anyone can cause it. */
  #warnOfMount(): void {
    this.#warnOnce(
      `a POST was passed on: the webhook is mounted at a path, and answers ${this.#path || '/'} only`,
      'if that was a delivery, give the webhook the option path: the rest of the path after the mount point, usually /',
    )
  }

  #warnOnce(message: string, fix: string): void {
    if (this.#hinted.has(message)) return
    this.#hinted.add(message)
    const { logger, provider } = this.#webhooks
    logger.warn({ provider, fix }, message)
  }
}

function isCalledByRouter(stack = ''): boolean {
  return /[/\\](?:@koa[/\\]router|koa-router)[/\\]/.test(stack)
}

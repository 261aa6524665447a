import type { Logger } from '@hookport/core'
import { pathOf, pathOption, recognizes } from '@hookport/core/node'
import type { Context } from 'koa'
import { standsInRoute } from './stands-in-route.ts'

/** What a mount point knows about its middleware. */
interface Mounted {
  readonly provider: string
  readonly logger: Logger
}

/** Decides which requests a middleware answers, and which it passes on. */
export class MountPoint {
  readonly #path: string
  readonly #webhooks: Mounted
  readonly #isMiddleware: (handle: unknown) => boolean
  /** Whether a tracing library has looked at it as an application was told to use it. */
  #isUsed = false
  readonly #hinted = new Set<string>()

  /**
   * @param path the path to answer, if no router says otherwise.
   * @throws {ConfigurationError} for a path that no request can have.
   */
  constructor(path: string, webhooks: Mounted, middleware: { receive?: unknown }) {
    this.#path = pathOption(path)
    this.#webhooks = webhooks
    const isMiddleware = recognizes(middleware)
    this.#isMiddleware = (handle) => isMiddleware(handle) || (!this.#isUsed && isReplaced(middleware))
    // @koa/router reads `router` of what it is told to use, and of nothing else. Tracing libraries read it too.
    Object.defineProperty(middleware, 'router', {
      get: () => {
        if (isCalledByRouter(new Error().stack)) this.#warnOfUse()
        else this.#isUsed = true
      },
    })
  }

  /** Whether to answer the request, and not to pass it on. */
  isMeantBy(context: Context): boolean {
    const { originalUrl, method } = context
    const path = pathIn(context)
    if (path === undefined) return false
    if (pathOf(path) === this.#path || pathOf(originalUrl) === this.#path) return true
    if (standsInRoute(context, this.#isMiddleware)) return true
    // This is the path that koa-mount leaves to what it mounts.
    if (method === 'POST' && pathOf(path) === '' && pathOf(originalUrl) !== '') this.#warnOfMount()
    return false
  }

  #warnOfUse(): void {
    this.#warnOnce(
      'a router uses the webhook: it runs only if a route of that router takes the request too',
      "give it its own route: router.all('/hook', webhooks) instead of router.use('/hook', webhooks)",
    )
  }

  /** Logged once, as anyone can cause it. */
  #warnOfMount(): void {
    this.#warnOnce(
      `a POST was passed on: the webhook is mounted at a path, and only answers ${this.#path}`,
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

/**
 * Whether a tracing library has put a function of its own in its place, once, and left a mark on it, as those of OpenTelemetry and Sentry do. Nothing says
 * of that function what it calls. If no application uses the middleware, it is in a route.
 */
function isReplaced(middleware: object): boolean {
  return Object.getOwnPropertySymbols(middleware).some(
    (mark) => Reflect.getOwnPropertyDescriptor(middleware, mark)?.value === true,
  )
}

/** Koa throws where the target of a request is no URL, such as `http://[`. It is none of ours then, and whoever comes next decides. */
function pathIn(context: Context): string | undefined {
  try {
    return context.path
  } catch {
    return undefined
  }
}

function isCalledByRouter(stack = ''): boolean {
  return /[/\\](?:@koa[/\\]router|koa-router)[/\\]/.test(stack)
}

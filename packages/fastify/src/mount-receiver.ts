import { ConfigurationError, type EventMap, type Receiver } from '@hookport/core'
import type { FastifyInstance, FastifyReply, FastifyRequest, LogLevel } from 'fastify'
import { answerOtherMethods } from './answer-other-methods.ts'
import { type RouteHandler, routeHandler } from './route-handler.ts'
import { routePaths, routerSettings } from './route-paths.ts'

/** Options of the route that receives deliveries. */
export interface RouteOptions {
  /**
   * The route of deliveries, as Fastify writes routes: `/hooks/:tenant`, `/hooks/*`. A trailing slash does not matter, here or in requests. Defaults
   * to `/webhooks/<provider>`.
   */
  path?: string | undefined
  /** As in Fastify's `register`: a prefix of `path`. */
  prefix?: string | undefined
  /** As in Fastify's `register`: the level of the request's log lines, and of a receiver that logs to the application. */
  logLevel?: LogLevel | undefined
  /** Fastify's limit for this route, in bytes. The smaller of it and `maxBodyBytes` applies. Defaults to the application's, 1 MiB. */
  bodyLimit?: number | undefined
  /** Whether lines about a delivery go to the logger of its request instead of the receiver's. Defaults to false. */
  logPerRequest?: boolean | undefined
}

/** The only one that has a parser in our scope. */
const anyContentType = 'application/octet-stream'

/** What the senders of requests have written, until it is shown again. */
const hidden = new WeakMap<FastifyRequest['raw'], string | undefined>()

/** Mounts a receiver in a scope of its own, so that the body parsers of the application do not change. */
export function mountReceiver<Events extends EventMap>(
  app: FastifyInstance,
  receiver: Receiver<Events>,
  {
    path = `/webhooks/${receiver.provider}`,
    prefix = '',
    logLevel,
    bodyLimit,
    logPerRequest = false,
  }: RouteOptions,
): void {
  const makeHandler = () => showContentType(routeHandler(receiver, logPerRequest))
  const settings = routerSettings(app)
  const routes = routePaths([prefix, path], settings)
  app.addHook('onClose', () => receiver.stop())
  app.register(
    async (scope) => {
      scope.addHook('onRequest', hideContentType)
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(anyContentType, (_request, body, done) => done(null, body))
      const handler = knowingWrapped(scope, makeHandler())
      for (const url of routes.urls)
        addRoute(path, () => scope.post(url, { handler, ...(bodyLimit !== undefined && { bodyLimit }) }))
    },
    logLevel === undefined ? {} : { logLevel },
  )
  answerOtherMethods(app, routePaths([app.prefix, prefix, path], settings), makeHandler())
}

/** A handler that knows whether a hook has put a function of its own in its place, which calls it. */
function knowingWrapped(scope: FastifyInstance, handler: RouteHandler) {
  let isWrapped = false
  const own = (request: FastifyRequest, reply: FastifyReply) => handler(request, reply, isWrapped)
  // It runs after the hooks of the scopes around.
  scope.addHook('onRoute', (route) => {
    if (route.handler !== own) isWrapped = true
  })
  return own
}

/** @throws {ConfigurationError} for a path that the router does not accept. */
function addRoute(path: string, add: () => unknown): void {
  try {
    add()
  } catch (cause) {
    const { message: reason } = cause as Error
    throw new ConfigurationError(`the option path, ${JSON.stringify(path)}, can't be a route: ${reason}`, {
      cause,
    })
  }
}

/** The signature authenticates the body. Without this, Fastify would refuse a malformed Content-Type, and search long for the parser of an unknown one. */
function hideContentType({ raw }: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  hidden.set(raw, raw.headers['content-type'])
  raw.headers['content-type'] = anyContentType
  done()
}

/** A handler that sees the Content-Type as it was sent: a definition may read it, and a sender may sign it. */
function showContentType(handler: RouteHandler): RouteHandler {
  return (request, reply, isWrapped) => {
    const { raw } = request
    const written = hidden.get(raw)
    if (written !== undefined) raw.headers['content-type'] = written
    else if (hidden.has(raw)) delete raw.headers['content-type']
    return handler(request, reply, isWrapped)
  }
}

import type { FastifyInstance } from 'fastify'
import type { RouteHandler } from './route-handler.ts'
import type { RoutePaths } from './route-paths.ts'

/**
 * Answers other methods than POST on the path, where no route of the application does. There are no routes of ours for them, so that the application
 * can have its own. Everything else that is not found is answered by the application, below the path too.
 */
export function answerOtherMethods(app: FastifyInstance, paths: RoutePaths, handler: RouteHandler): void {
  rootOf(app).addHook('onRequest', (request, reply, done) => {
    const isOurs = request.is404 && request.method !== 'POST' && paths.includes(request.url)
    if (isOurs) void handler(request, reply, false)
    else done()
  })
}

/** The root answers requests that no scope has a route for. A scope inherits from its parent. */
function rootOf(app: FastifyInstance): FastifyInstance {
  return Object.hasOwn(app, 'addHook') ? app : rootOf(Object.getPrototypeOf(app))
}

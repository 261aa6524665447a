import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RoutePaths } from './route-paths.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => void

/**
 * Answers the path with another method than POST, where no route of the application does: other methods are no routes of ours, so that
 * the application can have them. What is not found elsewhere is the application's to answer, below the path too.
 */
export function answerOtherMethods(app: FastifyInstance, paths: RoutePaths, handler: Handler): void {
  rootOf(app).addHook('onRequest', (request, reply, done) => {
    if (request.is404 && request.method !== 'POST' && paths.includes(request.url)) handler(request, reply)
    else done()
  })
}

/** The root answers what no scope has a route for. A scope inherits from the one that it is in. */
function rootOf(app: FastifyInstance): FastifyInstance {
  return Object.hasOwn(app, 'addHook') ? app : rootOf(Object.getPrototypeOf(app))
}
